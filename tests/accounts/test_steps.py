"""Two-step sign-in as a browser without JavaScript uses it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords, queries, services, session, two_step
from alliance.core import clock, settings
from tests.people import PASSWORD, People


@pytest.fixture
def member(people: People) -> SimpleNamespace:
    """A moderator with a password."""
    person = people.person(email="member@example.org", role="moderator", password_hash=passwords.make(PASSWORD))
    return SimpleNamespace(email=person.email, id=person.id)


def sign_in(client: FlaskClient, **more: str) -> Any:
    return client.post("/sign-in", data={"email": "member@example.org", "password": PASSWORD, **more})


def opens(client: FlaskClient) -> bool:
    return client.get("/settings/profile").status_code == 200


def set_up(client: FlaskClient) -> tuple[str, list[str]]:
    """Set it up in a browser signed in; the secret and the recovery codes."""
    begun = client.post("/settings/two-step/begin", data={"password": PASSWORD})
    assert begun.location == "/settings/two-step/app"
    page = client.get("/settings/two-step/app").text
    secret = re.search(r"secret=([A-Z2-7]+)", page).group(1)  # type: ignore[union-attr]
    with clock.freeze(clock.now() - timedelta(minutes=5)):
        answer = client.post("/settings/two-step/app", data={"code": pyotp.TOTP(secret).at(clock.now().timestamp())})
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<code>([0-9a-z-]+)</code>", answer.text)


def test_the_whole_way(client: FlaskClient, member: SimpleNamespace) -> None:
    assert sign_in(client).location == "/"
    secret, codes = set_up(client)
    assert len(codes) == two_step.RECOVERY_CODES
    assert codes[0] not in client.get("/settings/two-step").text
    client.post("/sign-out")
    first = sign_in(client, next="/moderation", remember="y")
    assert first.location == "/sign-in/code"
    assert not opens(client)
    wrong = client.post("/sign-in/code", data={"code": "abc"})
    assert wrong.status_code == 422
    assert 'value="abc"' in wrong.text
    done = client.post("/sign-in/code", data={"code": pyotp.TOTP(secret).at(clock.now().timestamp())})
    assert done.location == "/moderation"
    assert any("remember" in cookie for cookie in done.headers.getlist("Set-Cookie"))
    assert opens(client)
    assert client.get("/sign-in/code").location == "/sign-in"


def test_a_password_alone_opens_nothing_by_any_door(client: FlaskClient, member: SimpleNamespace, people: People) -> None:
    sign_in(client)
    _secret, codes = set_up(client)
    client.post("/sign-out")
    person = queries.by_id(member.id)
    assert person is not None
    link = services.reset_link(person).partition("/reset-password/")[2]
    reset = client.post(f"/reset-password/{link}", data={"password": "another long password, new"})
    assert reset.location == "/sign-in/code"
    assert not opens(client)
    person = queries.by_id(member.id)
    assert person is not None
    confirm = services.confirmation_link(person).partition("/confirm/")[2]
    assert client.post(f"/confirm/{confirm}", data={"password": "another long password, new"}).location == "/sign-in/code"
    assert not opens(client)
    assert client.post("/sign-in/code", data={"code": codes[0]}).location == "/"
    assert opens(client)


def test_the_second_step_alone_opens_nothing(client: FlaskClient, member: SimpleNamespace) -> None:
    assert client.get("/sign-in/code").location == "/sign-in"
    assert client.post("/sign-in/code", data={"code": "123456"}).location == "/sign-in"


def test_the_last_recovery_codes_are_warned_of(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client)
    _secret, codes = set_up(client)
    person = queries.by_id(member.id)
    assert person is not None
    for code in codes[:7]:
        two_step.check(person, code)
    client.post("/sign-out")
    sign_in(client)
    client.post("/sign-in/code", data={"code": codes[7]})
    assert "You have 2 recovery codes left" in client.get("/").text


def test_new_codes_and_off_ask_for_the_password(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client)
    _secret, codes = set_up(client)
    for door in ("codes", "off"):
        assert client.post(f"/settings/two-step/{door}", data={"password": "wrong"}).status_code == 422
        assert client.post(f"/settings/two-step/{door}", data={}).status_code == 422
    new = re.findall(r"<code>([0-9a-z-]+)</code>", client.post("/settings/two-step/codes", data={"password": PASSWORD}).text)
    assert len(new) == len(codes)
    assert not set(new) & set(codes)
    assert client.post("/settings/two-step/off", data={"password": PASSWORD}).location == "/settings/two-step"
    client.post("/sign-out")
    assert sign_in(client).location == "/"


def test_whoever_else_was_signed_in_by_password_alone_is_signed_out(app: Flask, client: FlaskClient, member: SimpleNamespace) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere)
    sign_in(client)
    set_up(client)
    assert client.get("/settings/two-step").status_code == 200
    assert "/sign-in" in elsewhere.get("/settings/two-step").location


def test_where_it_is_required_a_role_waits_for_it(client: FlaskClient, member: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    there = settings.current()
    monkeypatch.setattr(settings, "current", lambda: replace(there, two_step_required=True))
    assert sign_in(client).location == "/settings/two-step"
    assert "waits until you sign in with two steps" in client.get("/settings/two-step").text
    assert client.get("/moderation").status_code == 403
    assert client.get("/api/v1/me").json["role"] == "participant"
    person = queries.by_id(member.id)
    assert person is not None
    assert [session.actor_of(person, via).role for via in ("api", "mail", "cli")] == ["participant", "participant", "moderator"]
    set_up(client)
    assert client.get("/api/v1/me").json["role"] == "moderator"
    assert client.get("/moderation").status_code == 200
