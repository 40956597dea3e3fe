"""The pages of passkeys and security keys, as the script of a browser uses them, and as a browser without any does."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.accounts.models import SecurityKey
from alliance.core import db as database
from alliance.core import settings
from tests.keyring import Key
from tests.people import PASSWORD, People

EMAIL = "member@example.org"


@pytest.fixture
def member(people: People) -> SimpleNamespace:
    """A moderator with a password."""
    person = people.person(email=EMAIL, role="moderator", password_hash=passwords.make(PASSWORD))
    return SimpleNamespace(id=person.id)


def sign_in(client: FlaskClient, email: str = EMAIL, **more: str) -> Any:
    return client.post("/sign-in", data={"email": email, "password": PASSWORD, **more})


def opens(client: FlaskClient) -> bool:
    return client.get("/settings/profile").status_code == 200


def asked(client: FlaskClient, door: str, **data: str) -> tuple[dict[str, Any], str]:
    answer = client.post(door, data=data)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store, private"
    return answer.json, ""


def add(client: FlaskClient, key: Key, name: str = "Telephone") -> Any:
    question = asked(client, "/settings/two-step/keys/ask", password=PASSWORD)
    return client.post("/settings/two-step/keys/new", data={"name": name, "password": PASSWORD, "answer": key.made(question).text})


def by_passkey(client: FlaskClient, key: Key, **data: str) -> Any:
    return client.post("/sign-in/passkey", data={"answer": key.signed(asked(client, "/sign-in/passkey/ask")).text, **data})


def test_the_whole_way(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client)
    key = Key()
    codes = re.findall(r"<code>([0-9a-z-]+)</code>", add(client, key).text)
    assert len(codes) == 10
    page = client.get("/settings/two-step").text
    assert "Telephone" in page
    assert "It is on." in page
    assert codes[0] not in page
    client.post("/sign-out")

    alone = by_passkey(client, key, next="/moderation", remember="y")
    assert alone.location == "/moderation"
    assert any("remember" in cookie for cookie in alone.headers.getlist("Set-Cookie"))
    assert opens(client)
    client.post("/sign-out")

    assert sign_in(client, next="/latest").location == "/sign-in/code"
    page = client.get("/sign-in/code").text
    assert "Use a passkey or security key" in page
    assert "one of your recovery codes" in page
    answer = key.signed(asked(client, "/sign-in/key/ask")).text
    assert client.post("/sign-in/key", data={"answer": answer}).location == "/latest"
    assert opens(client)
    history = client.get("/settings/sessions").text
    assert "A passkey signed in by itself" in history
    assert "A passkey or security key was added" in history


def test_a_key_that_is_refused_says_so_and_keeps_what_was_entered(client: FlaskClient, member: SimpleNamespace) -> None:
    answer = by_passkey(client, Key(), email=EMAIL, next="/latest")
    assert answer.status_code == 422
    assert "This key was not accepted" in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert 'value="/latest"' in answer.text
    assert not opens(client)


def test_an_answer_is_good_once_and_for_the_browser_that_was_asked(app: Flask, client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client)
    key = Key()
    add(client, key)
    elsewhere = app.test_client()
    answer = key.signed(asked(client, "/sign-in/passkey/ask")).text
    assert elsewhere.post("/sign-in/passkey", data={"answer": answer}).status_code == 422
    assert client.post("/sign-in/passkey", data={"answer": answer}).location == "/"
    assert client.post("/sign-in/passkey", data={"answer": answer}).status_code == 422
    assert not opens(elsewhere)


def test_a_session_cookie_kept_from_before_does_not_make_an_answer_good_again(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client)
    key = Key()
    add(client, key)
    client.post("/sign-out")
    question = asked(client, "/sign-in/passkey/ask")
    cookie = next(one for one in client._cookies.values() if "session" in one.key)  # type: ignore[union-attr]
    answer = key.signed(question).text
    assert client.post("/sign-in/passkey", data={"answer": answer}).location == "/"
    client.post("/sign-out")
    client.set_cookie(cookie.key, cookie.value)
    assert client.post("/sign-in/passkey", data={"answer": answer}).status_code == 422
    assert not opens(client)


def test_the_key_of_another_person_is_no_second_step(app: Flask, client: FlaskClient, member: SimpleNamespace, people: People) -> None:
    sign_in(client)
    add(client, Key())
    people.person(email="thief@example.org", password_hash=passwords.make(PASSWORD))
    thief, theirs = app.test_client(), Key()
    sign_in(thief, "thief@example.org")
    add(thief, theirs)
    thief.post("/sign-out")
    assert sign_in(thief).location == "/sign-in/code"  # who has learned the password of the member
    answer = thief.post("/sign-in/key", data={"answer": theirs.signed(asked(thief, "/sign-in/key/ask")).text})
    assert answer.status_code == 422
    assert "This key was not accepted" in answer.text
    assert not opens(thief)


def test_the_second_step_by_key_alone_opens_nothing(client: FlaskClient, member: SimpleNamespace) -> None:
    assert client.post("/sign-in/key/ask").status_code == 404
    assert client.post("/sign-in/key", data={"answer": "{}"}).location == "/sign-in"


def test_without_script_the_pages_say_what_to_do(client: FlaskClient, member: SimpleNamespace) -> None:
    assert "Passkeys need JavaScript" in client.get("/sign-in").text
    sign_in(client)
    refused = client.post("/settings/two-step/keys/new", data={"name": "Key", "password": PASSWORD})
    assert refused.status_code == 422
    assert "Adding one needs JavaScript" in refused.text
    assert 'value="Key"' in refused.text
    codes = re.findall(r"<code>([0-9a-z-]+)</code>", add(client, Key()).text)
    client.post("/sign-out")
    assert sign_in(client).location == "/sign-in/code"
    assert "Your keys need JavaScript" in client.get("/sign-in/code").text
    assert client.post("/sign-in/code", data={"code": codes[0]}).location == "/"


def test_a_wrong_password_adds_and_removes_nothing(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client)
    assert client.post("/settings/two-step/keys/ask", data={"password": "wrong"}).status_code == 422
    wrong = client.post("/settings/two-step/keys/new", data={"name": "Key", "password": "wrong", "answer": "{}"})
    assert "This is not your present password" in wrong.text
    add(client, Key())
    number = database.session().scalars(select(SecurityKey.id)).one()
    door = f"/settings/two-step/keys/{number}/remove"
    assert "It is your only second step" in client.get(door).text
    assert client.post(door, data={"password": "wrong"}).status_code == 422
    assert client.post(door, data={"password": PASSWORD}).location == "/settings/two-step"
    assert "It is on." not in client.get("/settings/two-step").text
    assert client.get(door).status_code == 404


def test_the_keys_of_others_are_not_there(app: Flask, client: FlaskClient, member: SimpleNamespace, people: People) -> None:
    sign_in(client)
    add(client, Key(), "Somebody's telephone")
    number = database.session().scalars(select(SecurityKey.id)).one()
    people.person(email="other@example.org", password_hash=passwords.make(PASSWORD))
    other = app.test_client()
    sign_in(other, "other@example.org")
    door = f"/settings/two-step/keys/{number}/remove"
    for answer in (other.get(door), other.post(door, data={"password": PASSWORD})):
        assert answer.status_code == 404
        assert "telephone" not in answer.text


def test_removing_a_key_ends_every_other_session(app: Flask, client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client)
    key = Key()
    add(client, key)
    add(client, Key())
    elsewhere = app.test_client()
    assert by_passkey(elsewhere, key).location == "/"
    first = database.session().scalars(select(SecurityKey.id).order_by(SecurityKey.id)).first()
    client.post(f"/settings/two-step/keys/{first}/remove", data={"password": PASSWORD})
    assert opens(client)
    assert not opens(elsewhere)


def test_where_two_steps_are_required_a_key_is_one(client: FlaskClient, member: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    there = settings.current()
    monkeypatch.setattr(settings, "current", lambda: replace(there, two_step_required=True))
    assert sign_in(client).location == "/settings/two-step"
    assert client.get("/moderation").status_code == 403
    key = Key()
    add(client, key)
    assert client.get("/moderation").status_code == 200
    client.post("/sign-out")
    assert by_passkey(client, key).location == "/"
    assert client.get("/moderation").status_code == 200


def test_an_account_to_be_closed_is_led_to_where_it_is_kept_and_a_suspended_one_is_told(
    client: FlaskClient, member: SimpleNamespace, people: People
) -> None:
    people.person(role="secretariat")
    sign_in(client)
    key = Key()
    codes = re.findall(r"<code>([0-9a-z-]+)</code>", add(client, key).text)
    client.post("/settings/data/close", data={"password": PASSWORD, "code": codes[0]})
    assert by_passkey(client, key, next="/latest").location == "/settings/data"


def test_where_browsers_let_no_key_be_used_nothing_offers_one(
    client: FlaskClient, member: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = settings.current()
    monkeypatch.setattr(settings, "current", lambda: replace(there, base_url="http://127.0.0.1:8000"))
    assert "passkey" not in client.get("/sign-in").text.lower()
    assert client.post("/sign-in/passkey/ask").status_code == 409
    sign_in(client)
    assert "They cannot be used here" in client.get("/settings/two-step").text
    assert client.get("/settings/two-step/keys/new").status_code == 409


def test_what_a_request_says_of_its_host_does_not_matter(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client)
    key = Key()
    add(client, key)
    client.post("/sign-out")
    answer = client.post("/sign-in/passkey/ask", headers={"Host": "elsewhere.example", "X-Forwarded-Host": "elsewhere.example"})
    assert answer.json["rpId"] == "localhost"
    question = asked(client, "/sign-in/passkey/ask")
    text = key.signed(question, origin="http://elsewhere.example", place="elsewhere.example").text
    assert client.post("/sign-in/passkey", data={"answer": text}).status_code == 422


def test_turning_two_steps_off_ends_every_other_session(app: Flask, client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client)
    key = Key()
    add(client, key)
    elsewhere = app.test_client()
    assert by_passkey(elsewhere, key).location == "/"
    client.post("/settings/two-step/off", data={"password": PASSWORD})
    assert opens(client)
    assert not opens(elsewhere)
