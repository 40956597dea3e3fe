"""Signing in with an account elsewhere (OpenID Connect): the way to the issuer of the settings, and what it says on the way back.

Discovery, the code with PKCE, state and nonce; the ID token's signature, issuer, audience and time. Nothing is kept of an issuer between two
sign-ins, so that new keys of it are known at once. Who the person is here is told in `links.py`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import structlog

from alliance.core import clock, settings
from alliance.core.errors import NotFound
from alliance.core.fetching import Unanswered, fetch
from alliance.core.i18n import gettext as _
from alliance.core.text import storable

BACK = "/sign-in/oidc/back"
GOOD_FOR = 600  # seconds from leaving to coming back
# Signatures of public keys alone: with others whoever knows what all know could sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
_LEEWAY = 120
_MOST_KEYS = 20
_MAX_SUBJECT = 255
log = structlog.get_logger("alliance.oidc")


class Failed(Exception):
    """Nobody came back who could be let in; the argument says why, to the person."""


class _Wrong(Exception):
    """What the issuer says is not what it must be; the argument says so to whoever reads the log."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is elsewhere; `address` is "" unless the issuer says that it is theirs."""

    issuer: str
    subject: str
    address: str = ""
    name: str = ""


def name() -> str:
    """What the issuer is called here.

    Raises:
        NotFound: the settings name none.
    """
    now = settings.current()
    if not now.oidc_issuer:
        raise NotFound
    return now.oidc_name or urlsplit(now.oidc_issuer).hostname or now.oidc_issuer


def is_on() -> bool:
    """Whether the settings name an issuer."""
    return bool(settings.current().oidc_issuer)


def begin() -> tuple[str, dict[str, Any]]:
    """Where the browser is sent, and what it holds until it comes back.

    Raises:
        Failed: the issuer does not answer as it must.
    """
    name()
    held = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24), "verifier": secrets.token_urlsafe(48), "at": _now()}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(str(held["verifier"]).encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code", "client_id": settings.current().oidc_client_id, "redirect_uri": _redirect(), "scope": "openid email profile",
        "state": held["state"], "nonce": held["nonce"], "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    try:
        place = _address(_discovered(), "authorization_endpoint")
    except (Unanswered, _Wrong) as error:
        raise _unwell(error) from error
    return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}", held


def finish(held: Mapping[str, Any], given: Mapping[str, str]) -> Identity:
    """Who came back, with what the browser held and what the issuer had it bring.

    Raises:
        Failed: it is not what was begun here, was turned down, or the issuer does not answer as it must.
    """
    state = str(held.get("state", ""))
    if not state or not hmac.compare_digest(state.encode(), given.get("state", "").encode()) or _now() - int(held["at"]) > GOOD_FOR:
        raise Failed(_("That took too long, or did not begin here. Begin again."))
    if given.get("error") == "access_denied":
        raise Failed(_("You did not sign in with %(name)s.", name=name()))
    try:
        return _identity(held, given)
    except (Unanswered, _Wrong) as error:
        raise _unwell(error) from error


def _now() -> int:
    return int(clock.now().timestamp())


def _redirect() -> str:
    return settings.current().base_url + BACK


def _unwell(error: Exception) -> Failed:
    log.warning("oidc.failed", issuer=settings.current().oidc_issuer, reason=str(error))
    return Failed(_("%(name)s did not answer as it should. Try again later, or sign in another way.", name=name()))


def _identity(held: Mapping[str, Any], given: Mapping[str, str]) -> Identity:
    if "error" in given or not given.get("code"):
        raise _Wrong(f"no code: {given.get('error', '')[:80]!r}")
    about = _discovered()
    if given.get("iss", about["issuer"]) != about["issuer"]:
        raise _Wrong("the answer is of another issuer")
    tokens = _exchanged(about, given["code"], str(held["verifier"]))
    told = _claims(about, tokens, str(held["nonce"]))
    said = told if "email" in told else told | _user(about, tokens, told["sub"])
    verified = said.get("email_verified")
    vouched = (verified is True or verified == "true") and isinstance(said.get("email"), str)
    called = said.get("name")
    return Identity(about["issuer"], told["sub"], said["email"] if vouched else "", called if isinstance(called, str) else "")


def _discovered() -> dict[str, Any]:
    issuer = settings.current().oidc_issuer
    about = _read(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if str(about.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise _Wrong("the issuer calls itself something else")
    return about


def _address(about: Mapping[str, Any], which: str) -> str:
    """One of the issuer's addresses: encrypted, unless the issuer itself is not (on this machine, for tests)."""
    found = about.get(which)
    schemes = {"https", urlsplit(settings.current().oidc_issuer).scheme}
    if not isinstance(found, str) or urlsplit(found).scheme not in schemes or any(ord(one) < 0x21 for one in found):
        raise _Wrong(f"no {which} that can be used")
    return found


def _read(url: str, body: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object a server answers with."""
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    status, text = fetch(url, urlencode(body).encode() if body is not None else None, {**form, **(headers or {})})
    if status != 200:
        raise _Wrong(f"status {status} from {urlsplit(url).path}")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"no JSON from {urlsplit(url).path}") from error
    if not isinstance(found, dict):
        raise _Wrong(f"no object from {urlsplit(url).path}")
    return found


def _exchanged(about: Mapping[str, Any], code: str, verifier: str) -> dict[str, Any]:
    """The tokens the code is good for, once."""
    now = settings.current()
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": _redirect(), "code_verifier": verifier}
    ways, headers = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"], {}
    if now.oidc_client_secret and "client_secret_basic" in ways:
        pair = f"{quote_plus(now.oidc_client_id)}:{quote_plus(now.oidc_client_secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        body |= {"client_id": now.oidc_client_id} | ({"client_secret": now.oidc_client_secret} if now.oidc_client_secret else {})
    return _read(_address(about, "token_endpoint"), body, headers)


def _claims(about: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str) -> dict[str, Any]:
    """What the ID token says, when the issuer signed it for us, now, for this sign-in."""
    jwt = importlib.import_module("joserfc.jwt")
    told: dict[str, Any] = _signed(about, str(tokens.get("id_token", "")))
    client = settings.current().oidc_client_id
    must = {"iss": about["issuer"], "aud": client, "nonce": nonce}
    rules = {name: {"essential": True, "value": value} for name, value in must.items()}
    try:
        jwt.JWTClaimsRegistry(leeway=_LEEWAY, exp={"essential": True}, iat={"essential": True}, **rules).validate(told)
    except Exception as error:
        raise _Wrong(f"the ID token says something else: {error}") from error
    several = isinstance(told["aud"], list) and len(told["aud"]) > 1
    if told.get("azp", None if several else client) != client:
        raise _Wrong("the ID token is for somebody else")
    subject = told.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT or storable(subject) != subject:
        raise _Wrong("the ID token names nobody")
    return told


def _signed(about: Mapping[str, Any], token: str) -> dict[str, Any]:
    """The claims of a token that one of the issuer's keys has signed."""
    jwk, jwt = importlib.import_module("joserfc.jwk"), importlib.import_module("joserfc.jwt")
    listed = _read(_address(about, "jwks_uri")).get("keys")
    fitting = (
        [one for one in listed if isinstance(one, dict) and one.get("kty") in {"RSA", "EC", "OKP"}] if isinstance(listed, list) else []
    )
    for one in fitting[:_MOST_KEYS]:
        try:
            claims = jwt.decode(token, jwk.import_key(one), algorithms=ALGORITHMS).claims
        except Exception:  # noqa: S112 - of another key, or no token at all: whatever the library stumbles on
            continue
        if isinstance(claims, dict):
            return claims
    raise _Wrong("the ID token is not signed by the issuer")


def _user(about: Mapping[str, Any], tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """What the issuer says of a person elsewhere than in the ID token, when it does."""
    if "userinfo_endpoint" not in about or not isinstance(tokens.get("access_token"), str):
        return {}
    said = _read(_address(about, "userinfo_endpoint"), headers={"Authorization": f"Bearer {tokens['access_token']}"})
    if said.get("sub") != subject:
        raise _Wrong("the issuer speaks of somebody else")
    return said
