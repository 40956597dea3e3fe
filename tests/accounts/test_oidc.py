"""What an issuer says is believed only when it is signed by it, for this forum, now, for this sign-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwk

from alliance.accounts import oidc
from alliance.core import clock, settings
from alliance.core.errors import NotFound
from tests import services
from tests.issuers import CLIENT, SECRET, Liar, liar


@pytest.fixture
def issuer(db: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Liar]:
    """The issuer of the settings."""
    with liar() as made:
        named(monkeypatch, made.url)
        yield made


def named(monkeypatch: pytest.MonkeyPatch, url: str, **more: Any) -> None:
    there = settings.current()
    values = {"oidc_issuer": url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_name": "The Issuer", **more}
    monkeypatch.setattr(settings, "current", lambda: replace(there, **values))


def brought(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def found(issuer: Liar, **more: str) -> oidc.Identity:
    address, held = oidc.begin()
    return oidc.finish(held, brought(issuer.come_back(address)) | more)


def test_who_came_back(issuer: Liar) -> None:
    assert found(issuer) == oidc.Identity(issuer.url, "lia", "liar@example.org", "Lia")
    assert found(issuer, iss=issuer.url).subject == "lia"


def test_what_the_token_leaves_out_is_asked_for(issuer: Liar) -> None:
    issuer.claims = {}
    issuer.user = {"email": "lia@example.org", "email_verified": "true"}
    assert found(issuer) == oidc.Identity(issuer.url, "lia", "lia@example.org", "")
    issuer.user["sub"] = "somebody else"
    with pytest.raises(oidc.Failed):
        found(issuer)


@pytest.mark.parametrize("said", [False, None, 1, "yes", "True", [True], {}])
def test_an_address_that_is_not_said_to_be_verified_is_none(issuer: Liar, said: Any) -> None:
    issuer.claims["email_verified"] = said
    assert found(issuer).address == ""


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another forum"},
        {"aud": [CLIENT, "another forum"]},
        {"aud": None},
        {"azp": "another forum"},
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": None},
        {"nbf": 2**40},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "x\x00"},
        {"sub": "\ud800"},
    ],
    ids=str,
)
def test_a_token_that_says_something_else_lets_nobody_in(issuer: Liar, lies: dict[str, Any]) -> None:
    issuer.claims |= lies
    with pytest.raises(oidc.Failed):
        found(issuer)


def test_a_token_for_several_is_good_when_it_was_given_to_us(issuer: Liar) -> None:
    issuer.claims |= {"aud": [CLIENT, "another forum"], "azp": CLIENT}
    assert found(issuer).subject == "lia"


class TestSignatures:
    def test_of_another_key(self, issuer: Liar) -> None:
        issuer.signs_with = issuer.other
        with pytest.raises(oidc.Failed):
            found(issuer)

    def test_of_none(self, issuer: Liar) -> None:
        issuer.algorithm = "none"
        with pytest.raises(oidc.Failed):
            found(issuer)

    @pytest.mark.parametrize("secret", [SECRET.encode(), b"public"])
    def test_of_a_secret(self, issuer: Liar, secret: bytes) -> None:
        """HS256 with the client's secret, or with the public key, as confused servers take it."""
        key = issuer.key.as_pem(private=False) if secret == b"public" else secret + bytes(32)
        issuer.signs_with, issuer.algorithm = jwk.OctKey.import_key(key.hex()), "HS256"
        with pytest.raises(oidc.Failed):
            found(issuer)

    def test_of_a_key_that_is_new(self, issuer: Liar) -> None:
        found(issuer)
        issuer.key = issuer.signs_with = issuer.other
        assert found(issuer).subject == "lia"


class TestTheWayBack:
    def test_it_must_have_begun_here_and_not_long_ago(self, issuer: Liar) -> None:
        address, held = oidc.begin()
        back = brought(issuer.come_back(address))
        for wrong in ({}, {"state": "", "at": held["at"]}, {**held, "state": "another"}, {**held, "at": held["at"] - 601}):
            with pytest.raises(oidc.Failed):
                oidc.finish(wrong, back)
        with clock.freeze(clock.now() + timedelta(minutes=11)), pytest.raises(oidc.Failed):
            oidc.finish(held, back)
        assert oidc.finish(held, back).subject == "lia"

    def test_the_code_is_good_for_whoever_asked_for_it(self, issuer: Liar) -> None:
        """Proof key: a code that was caught on its way is no good to another."""
        address, held = oidc.begin()
        back = brought(issuer.come_back(address))
        with pytest.raises(oidc.Failed):
            oidc.finish({**held, "verifier": oidc.begin()[1]["verifier"]}, back)

    @pytest.mark.parametrize(
        "more", [{"iss": "https://elsewhere.example"}, {"error": "server_error"}, {"code": ""}, {"code": "made up"}], ids=str
    )
    def test_what_another_brings(self, issuer: Liar, more: dict[str, str]) -> None:
        with pytest.raises(oidc.Failed):
            found(issuer, **more)

    def test_one_who_said_no(self, issuer: Liar) -> None:
        with pytest.raises(oidc.Failed, match="You did not sign in with The Issuer"):
            found(issuer, error="access_denied")


class TestAnIssuerThatIsUnwell:
    @pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys", "/user"])
    @pytest.mark.parametrize(
        "answer",
        [(500, b"{}"), (302, b""), (200, b""), (200, b"<html>"), (200, b"[]"), (200, b"\xff"), (200, b"[" * 200_000), (200, b"{}")],
        ids=lambda one: f"{one[0]}-{one[1][:6]!r}",
    )
    def test_it_answers_garbage(self, issuer: Liar, path: str, answer: tuple[int, bytes]) -> None:
        issuer.claims = {}
        issuer.answers[path] = answer
        with pytest.raises(oidc.Failed, match="did not answer as it should"):
            found(issuer)

    @pytest.mark.parametrize(
        "says",
        [
            {"issuer": "https://elsewhere.example"},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"authorization_endpoint": "https://elsewhere.example/\r\nX: y"},
            {"authorization_endpoint": 7},
            {"token_endpoint": "file:///etc/passwd"},
            {"jwks_uri": None},
        ],
        ids=str,
    )
    def test_it_says_of_itself_what_cannot_be(self, issuer: Liar, says: dict[str, Any]) -> None:
        issuer.document = says
        with pytest.raises(oidc.Failed):
            found(issuer)

    @pytest.mark.parametrize(
        "listed", [None, 7, {}, [], [7], [{}], [{"kty": "RSA"}], [{"kty": "RSA", "n": "x", "e": 1}], [{"kty": "EC", "crv": "made up"}]]
    )
    def test_its_keys_are_none(self, issuer: Liar, listed: Any) -> None:
        issuer.answers["/keys"] = (200, json.dumps({"keys": listed}).encode())
        with pytest.raises(oidc.Failed):
            found(issuer)

    def test_it_is_not_there(self, db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        named(monkeypatch, f"http://127.0.0.1:{services.free_port()}")
        with pytest.raises(oidc.Failed, match="did not answer as it should"):
            oidc.begin()

    def test_an_encrypted_one_is_not_left_for_one_in_the_clear(self, issuer: Liar, monkeypatch: pytest.MonkeyPatch) -> None:
        named(monkeypatch, "https://login.example.org")
        with pytest.raises(oidc._Wrong):
            oidc._address({"token_endpoint": "http://login.example.org/token"}, "token_endpoint")


def test_without_an_issuer_there_is_no_way(db: Any) -> None:
    assert not oidc.is_on()
    with pytest.raises(NotFound):
        oidc.begin()


def test_a_public_client_says_its_name_in_the_form(issuer: Liar, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a secret the strict issuer refuses: what matters is that we do not send an empty one."""
    named(monkeypatch, issuer.url, oidc_client_secret="")
    sent: list[Any] = []
    monkeypatch.setattr(oidc, "_read", lambda url, body=None, headers=None: sent.append((body, headers)) or {})
    oidc._exchanged({"token_endpoint": f"{issuer.url}/token"}, "code", "verifier")
    assert sent[0][0]["client_id"] == CLIENT
    assert "client_secret" not in sent[0][0]
    assert "Authorization" not in sent[0][1]
