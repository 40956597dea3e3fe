"""OpenID Connect issuers of the tests: one that others wrote, in a process of its own; and one of ours that lies, where a test wants it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwk, jwt

from tests import services

CLIENT, SECRET = "alliance", "a secret: of & ours"


class Provider:
    """oidc-provider-mock: everybody who says a name is let in; `knows` says what is told of one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def knows(self, subject: str, **claims: Any) -> None:
        assert requests.put(f"{self.url}/users/{subject}", json=claims, timeout=10).status_code == 204

    def come_back(self, address: str, subject: str) -> str:
        """Sign in there as a browser would; where it is sent back to."""
        answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def turn_down(self, address: str) -> str:
        """Say no there; where the browser is sent back to."""
        return requests.post(address, data={"action": "deny"}, allow_redirects=False, timeout=10).headers["Location"]


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """One that runs."""
    port = services.free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    made = Provider(f"http://127.0.0.1:{port}")
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(requests.ConnectionError):
                requests.get(made.url, timeout=5)
                break
            time.sleep(0.1)
        yield made
    finally:
        process.kill()
        process.wait()


class Liar(ThreadingHTTPServer):
    """An issuer that checks what it is asked strictly (PKCE, secret, address), and answers with `lies` in place of what is so.

    `claims` are put over those of the ID token; `document` over what discovery says; `answers` are whole answers by path.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.key, self.other = (jwk.RSAKey.generate_key(2048, {"kid": kid}) for kid in ("one", "two"))
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {"email": "liar@example.org", "email_verified": True, "name": "Lia"}
        self.document: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.user: dict[str, Any] = {}
        self.signs_with: Any = self.key
        self.algorithm = "RS256"
        self.drips = False

    def come_back(self, address: str) -> str:
        """As `Provider.come_back`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, code: str) -> str:
        now = int(time.time())
        told = {"iss": self.url, "aud": CLIENT, "sub": "lia", "iat": now, "exp": now + 60, "nonce": self.codes[code]["nonce"]} | self.claims
        told = {name: value for name, value in told.items() if value is not None}
        if self.algorithm == "none":
            parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in ({"alg": "none"}, told)]
            return ".".join([*parts, ""])
        header = {"alg": self.algorithm, **({"kid": self.signs_with.kid} if self.signs_with.kid else {})}
        return jwt.encode(header, told, self.signs_with, algorithms=[self.algorithm])


class _Handler(BaseHTTPRequestHandler):
    server: Liar

    def log_message(self, *_said: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self._answer({name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()})

    def _answer(self, form: dict[str, str] | None) -> None:
        status, text = self.server.answers.get(self.path) or self._honestly(form)
        self.send_response(status)
        self.end_headers()
        with contextlib.suppress(OSError):
            for byte in text if self.server.drips else ():
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.2)
            self.wfile.write(text)

    def _honestly(self, form: dict[str, str] | None) -> tuple[int, bytes]:
        liar, url = self.server, self.server.url
        if self.path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": f"{url}/in?a=b", "token_endpoint": f"{url}/token", "jwks_uri": f"{url}/keys"}
            return 200, json.dumps({"issuer": url, "userinfo_endpoint": f"{url}/user", **places, **liar.document}).encode()
        if self.path == "/keys":
            return 200, json.dumps({"keys": [liar.key.as_dict(private=False), {"kty": "made up"}, 7]}).encode()
        if self.path == "/user" and self.headers["Authorization"] == "Bearer lia's":
            return 200, json.dumps({"sub": "lia", **liar.user}).encode()
        if self.path == "/token" and form is not None and self._may(form):
            return 200, json.dumps({"access_token": "lia's", "token_type": "Bearer", "id_token": liar.token(form["code"])}).encode()
        return 400, b'{"error": "invalid_grant"}'

    def _may(self, form: dict[str, str]) -> bool:
        asked = self.server.codes.get(form.get("code", ""), {})
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        known = "Basic " + base64.b64encode(b"alliance:a+secret%3A+of+%26+ours").decode()
        right = {"code_challenge": challenge, "redirect_uri": form.get("redirect_uri", "")}
        return self.headers["Authorization"] == known and right.items() <= asked.items()


@contextlib.contextmanager
def liar() -> Iterator[Liar]:
    """One that runs."""
    with Liar() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()
