"""The pages of accounts, as a browser without JavaScript uses them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from alliance.accounts import passwords, queries, services
from alliance.accounts.models import Person
from alliance.core import outbox
from tests.people import PASSWORD, People

NEW = {
    "name": "Amina Diallo",
    "email": "amina@example.org",
    "password": PASSWORD,
    "stakeholder_type": "civil_society",
    "country": "SN",
    "languages": ["fr", "en"],
    "interface_language": "fr",
}


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


@pytest.fixture
def member(people: People) -> SimpleNamespace:
    """A participant with a password (plain values: rows go with the session of a request)."""
    person = people.person(email="member@example.org", name="Member", password_hash=passwords.make(PASSWORD))
    return SimpleNamespace(email=person.email, handle=person.handle, id=person.id)


def row(member: SimpleNamespace) -> Person:
    """The row of the member as it is now."""
    found = queries.by_id(member.id)
    assert found is not None
    return found


def test_register_confirm_and_be_signed_in(client: FlaskClient) -> None:
    answer = client.post("/register", data=NEW)
    assert (answer.status_code, answer.location) == (303, "/register/sent")
    person = queries.by_email("amina@example.org")
    assert person is not None
    assert (person.languages, person.interface_language) == (["fr", "en"], "fr")
    link = services.confirmation_link(person).removeprefix("http://localhost")
    assert client.get(link).status_code == 200
    assert client.post(link, data={"password": "something else"}).status_code == 422
    assert client.post(link, data={"password": PASSWORD}).status_code == 303
    assert "Amina Diallo" in client.get("/settings/profile").text


def test_a_rejected_form_comes_back_filled_in_with_its_errors(client: FlaskClient) -> None:
    answer = client.post("/register", data={**NEW, "email": "not an address", "password": "short"})
    assert answer.status_code == 422
    assert 'value="Amina Diallo"' in answer.text
    assert 'value="not an address"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert '<option selected value="SN">' in answer.text
    assert "short" not in answer.text.replace("too short", "")


def test_known_and_unknown_addresses_are_answered_alike(client: FlaskClient, member: SimpleNamespace) -> None:
    for path, known, unknown in (
        ("/register", {**NEW, "email": member.email}, NEW),
        ("/forgotten-password", {"email": member.email}, {"email": "nobody@example.org"}),
    ):
        answers = [client.post(path, data=data) for data in (known, unknown)]
        assert answers[0].status_code == answers[1].status_code == 303
        assert answers[0].location == answers[1].location
    wrong = [sign_in(client, email, "wrong password") for email in (member.email, "nobody@example.org")]
    bodies = [answer.text.replace(member.email, "X").replace("nobody@example.org", "X") for answer in wrong]
    assert wrong[0].status_code == wrong[1].status_code == 422
    assert bodies[0] == bodies[1]


def test_sign_in_goes_where_one_wanted_but_never_outside(client: FlaskClient, member: SimpleNamespace) -> None:
    assert client.get("/settings/profile").location == "/sign-in?next=/settings/profile"
    assert sign_in(client, member.email, next="/settings/profile").location == "/settings/profile"
    for evil in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"):
        assert sign_in(client, member.email, next=evil).location == "/"


def test_remember_me_sets_a_lasting_cookie(client: FlaskClient, member: SimpleNamespace) -> None:
    cookies = sign_in(client, member.email, remember="y").headers.getlist("Set-Cookie")
    (kept,) = [c for c in cookies if c.startswith("remember=")]
    assert "Expires=" in kept
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept
    assert not any(c.startswith("remember=") for c in sign_in(client, member.email).headers.getlist("Set-Cookie") if "1970" not in c)


def test_signing_out(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client, member.email)
    assert client.post("/sign-out").status_code == 303
    assert client.get("/settings/profile").status_code == 303


def test_a_password_change_ends_other_sessions(app: Any, client: FlaskClient, member: SimpleNamespace) -> None:
    elsewhere = app.test_client()
    sign_in(client, member.email)
    sign_in(elsewhere, member.email)
    answer = client.post("/settings/password", data={"current": PASSWORD, "password": "an entirely new password"})
    assert answer.status_code == 303
    assert client.get("/settings/profile").status_code == 200
    assert elsewhere.get("/settings/profile").status_code == 303


def test_a_suspended_person_reads_but_is_told_why_not_write(client: FlaskClient, member: SimpleNamespace, people: People) -> None:
    sign_in(client, member.email)
    services.suspend(people.secretariat(), row(member), True)
    assert client.get("/settings/profile").status_code == 303, "every session from before has ended"
    sign_in(client, member.email)
    answer = client.post("/settings/affiliations", data={"organization": "X"})
    assert answer.status_code == 403


def test_a_token_is_shown_once(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client, member.email)
    made = client.post("/settings/tokens", data={"name": "script", "scope": "read", "days": "90", "password": PASSWORD})
    assert "alliance_" in made.text
    assert made.headers["Cache-Control"] == "no-store, private"
    later = client.get("/settings/tokens")
    assert "alliance_" not in later.text
    assert "script" in later.text


def test_a_token_takes_the_password_though_one_is_signed_in(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client, member.email)
    for password, said in (("", "Enter your present password"), ("not that one at all", "not your present password")):
        refused = client.post("/settings/tokens", data={"name": "script", "scope": "write", "days": "30", "password": password})
        assert (refused.status_code, said in refused.text, "alliance_" in refused.text) == (422, True, False)
        assert 'value="script"' in refused.text, "the form comes back filled in"
    assert queries.tokens(People.actor(row(member))) == []


def test_limits_answer_429_and_say_when(client: FlaskClient, member: SimpleNamespace) -> None:
    wide = member.email.replace("@e", "@\uff45")  # a wide letter of a domain is that letter
    spelt = (member.email, f" {member.email}", member.email.upper(), wide)
    answers = [sign_in(client, spelt[number % 4], "wrong password") for number in range(11)]
    assert [a.status_code for a in answers] == [422] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert sign_in(client, "other@example.org", "wrong password").status_code == 422


def test_whoever_has_a_session_guesses_the_password_no_faster_by_many_doors(client: FlaskClient, member: SimpleNamespace) -> None:
    sign_in(client, member.email, PASSWORD)
    doors = ("/settings/two-step/begin", "/settings/two-step/keys/ask", "/settings/data/archive", "/settings/tokens")
    guess = {"password": "a wrong guess", "scope": "read"}
    answers = [client.post(door, data=guess) for _round in range(8) for door in doors]
    assert [one.status_code for one in answers] == [422] * 30 + [429] * 2
    assert client.post("/settings/two-step/begin", data={"password": PASSWORD}).status_code == 429


def test_me_by_token(client: FlaskClient, member: SimpleNamespace) -> None:
    secret = services.create_token(row(member), "read")
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json["handle"] == member.handle
    assert "email" not in answer.json
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        refused = client.get("/api/v1/me", headers=headers)
        assert (refused.status_code, refused.content_type) == (401, "application/problem+json")


def test_only_registration_events_were_published(client: FlaskClient) -> None:
    client.post("/register", data=NEW)
    assert [type(one.event).__name__ for one in outbox.read(0, 10)] == ["PersonRegistered", "ConfirmationRequested"]
