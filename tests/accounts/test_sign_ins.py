"""A sign-in ends where it was ended, whatever cookies of it were copied."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from alliance import events
from alliance.accounts import passwords, queries, services, sign_ins
from alliance.accounts.models import SignIn
from alliance.core import clock, outbox
from tests.people import PASSWORD, People


@pytest.fixture
def member(people: People) -> SimpleNamespace:
    """A participant with a password."""
    person = people.person(email="member@example.org", password_hash=passwords.make(PASSWORD))
    return SimpleNamespace(email=person.email, id=person.id)


def signed_in(app: Any, member: SimpleNamespace, **more: Any) -> FlaskClient:
    """A browser of the member."""
    client: FlaskClient = app.test_client()
    client.post("/sign-in", data={"email": member.email, "password": PASSWORD, **more})
    return client


def opens(client: FlaskClient) -> bool:
    """Whether a browser is known."""
    return client.get("/settings/profile").status_code == 200


def copied(app: Any, client: FlaskClient, *names: str) -> FlaskClient:
    """Another browser with cookies of the first."""
    thief: FlaskClient = app.test_client()
    for name in names:
        cookie = client.get_cookie(name)
        assert cookie is not None
        thief.set_cookie(name, cookie.value)
    return thief


@pytest.mark.parametrize("name", ["session", "remember"])
def test_a_copied_cookie_is_no_good_after_signing_out(app: Any, member: SimpleNamespace, name: str) -> None:
    mine, elsewhere = signed_in(app, member, remember="y"), signed_in(app, member)
    thief = copied(app, mine, name)
    assert opens(copied(app, mine, name))
    mine.post("/sign-out")
    assert [opens(mine), opens(thief), opens(elsewhere)] == [False, False, True]
    assert [type(one.event) for one in outbox.read(0, 100)][-1] is events.PersonSignedOut
    signed_in(app, member)
    assert not opens(thief), "a later sign-in gives the old cookie nothing"


def test_a_new_password_ends_every_other_sign_in(app: Any, db: Any, member: SimpleNamespace) -> None:
    mine, elsewhere = signed_in(app, member), signed_in(app, member, remember="y")
    mine.post("/settings/password", data={"current": PASSWORD, "password": "an entirely new password"})
    assert [opens(mine), opens(elsewhere)] == [True, False]
    assert db.session().scalar(select(func.count(SignIn.id))) == 1


def test_a_password_chosen_by_link_ends_api_tokens(app: Any, member: SimpleNamespace) -> None:
    person = queries.by_id(member.id)
    assert person is not None
    secret = services.create_token(person, "read", "script")
    link = services.reset_link(person).removeprefix("http://localhost")
    answer = app.test_client().post(link, data={"password": "an entirely new password"}, follow_redirects=True)
    assert "every API token has ended" in answer.text
    assert queries.live_token(secret) is None


def test_sign_ins_nobody_ended_are_forgotten(db: Any, member: SimpleNamespace) -> None:
    person = queries.by_id(member.id)
    assert person is not None
    old = sign_ins.begin(person)
    with db.transaction() as session:
        session.scalars(select(SignIn)).one().begun_at = clock.now() - sign_ins.FORGOTTEN - timedelta(days=1)
    assert queries.signed_in(member.id, old) is not None
    new = sign_ins.begin(person)
    assert (queries.signed_in(member.id, old), queries.signed_in(member.id, new)) == (None, queries.face_of(person))


@pytest.mark.parametrize("identity", ["", ".", "1", "1.0", "x.y.z", "1.0.", "1.0.made-up"])
def test_a_cookie_of_another_form_is_a_guest(app: Any, member: SimpleNamespace, identity: str) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = identity
    assert not opens(client)
