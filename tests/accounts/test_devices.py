"""One's sessions and the history of one's account, as a browser without JavaScript uses them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import history, origins, passwords, queries, services, sign_ins
from alliance.accounts.models import SecurityEvent, SignIn
from alliance.core import clock
from alliance.mailing.models import OutgoingMail
from tests.people import PASSWORD, People

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0"


@pytest.fixture
def member(people: People) -> SimpleNamespace:
    """A participant with a password."""
    person = people.person(email="member@example.org", password_hash=passwords.make(PASSWORD))
    return SimpleNamespace(email=person.email, id=person.id)


def browser(app: Any, member: SimpleNamespace, agent: str = FIREFOX) -> FlaskClient:
    """A browser of the member, signed in."""
    client: FlaskClient = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = agent
    client.post("/sign-in", data={"email": member.email, "password": PASSWORD})
    return client


def opens(client: FlaskClient) -> bool:
    """Whether a browser is known."""
    return client.get("/settings/profile").status_code == 200


def rows(db: Any) -> list[SignIn]:
    """The sign-ins there are, oldest first."""
    db.release()
    return list(db.session().scalars(select(SignIn).order_by(SignIn.id)))


def kinds(db: Any, person_id: int | None) -> list[str]:
    """What happened, oldest first."""
    db.release()
    query = select(SecurityEvent.kind).where(SecurityEvent.person_id == person_id)
    return list(db.session().scalars(query.order_by(SecurityEvent.id)))


@pytest.mark.parametrize(
    ("agent", "words"),
    [(FIREFOX, "Firefox, Linux"), (SAFARI, "Safari, iPhone"), (EDGE, "Edge, Windows"), ("curl/8", ""), ("", ""), ("x" * 9999, "")],
)
def test_of_a_browser_only_name_and_system_are_kept(agent: str, words: str) -> None:
    assert origins.device(agent) == words


def test_one_sees_where_one_is_signed_in(app: Any, member: SimpleNamespace) -> None:
    browser(app, member, SAFARI)
    page = browser(app, member).get("/settings/sessions").text
    assert "Safari, iPhone" in page
    assert "127.0.0.1" in page
    assert page.count("(this one)") == 1
    assert page.index("(this one)") > page.index("Firefox, Linux")


def test_ending_one_session(app: Any, db: Any, member: SimpleNamespace) -> None:
    phone, mine = browser(app, member, SAFARI), browser(app, member)
    answer = mine.post(f"/settings/sessions/{rows(db)[0].id}/end", follow_redirects=True)
    assert "The session has ended." in answer.text
    assert [opens(phone), opens(mine)] == [False, True]
    assert kinds(db, member.id) == ["signed_in", "signed_in", "session_ended"]


def test_ending_all_others(app: Any, db: Any, member: SimpleNamespace) -> None:
    others, mine = [browser(app, member, SAFARI) for _n in range(2)], browser(app, member)
    mine.post("/settings/sessions/end-others")
    assert [opens(one) for one in [*others, mine]] == [False, False, True]
    assert "End all other sessions" not in mine.get("/settings/sessions").text


def test_sessions_of_others_are_not_there(app: Any, db: Any, member: SimpleNamespace, people: People) -> None:
    other = people.person(email="other@example.org", password_hash=passwords.make(PASSWORD))
    theirs = browser(app, SimpleNamespace(email=other.email), EDGE)
    mine = browser(app, member)
    assert "Edge" not in mine.get("/settings/sessions").text
    assert mine.post(f"/settings/sessions/{rows(db)[0].id}/end").status_code == 404
    mine.post("/settings/sessions/end-others")
    assert opens(theirs)


def test_a_guest_is_sent_to_sign_in(client: FlaskClient) -> None:
    for answer in (client.get("/settings/sessions"), client.post("/settings/sessions/1/end"), client.post("/settings/sessions/end-others")):
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")


def test_use_is_noted_once_an_hour(app: Any, db: Any, member: SimpleNamespace) -> None:
    mine = browser(app, member)
    began = clock.now()
    with clock.freeze(began + timedelta(minutes=30)):
        mine.get("/settings/profile")
    assert rows(db)[0].seen_at < began + timedelta(minutes=5)
    with clock.freeze(began + timedelta(hours=2)):
        mine.get("/settings/profile", headers={"User-Agent": EDGE})
    assert rows(db)[0].seen_at == began + timedelta(hours=2)
    assert rows(db)[0].device == "Edge, Windows"


def test_wrong_passwords_are_in_the_history_and_unknown_addresses_cost_the_same(app: Any, db: Any, member: SimpleNamespace) -> None:
    for address in (member.email, "nobody@example.org"):
        assert app.test_client().post("/sign-in", data={"email": address, "password": "wrong"}).status_code == 422
    assert kinds(db, member.id) == ["failed"]
    assert kinds(db, None) == ["failed"]
    assert "Wrong password" in browser(app, member).get("/settings/sessions").text


def test_passwords_and_tokens_are_in_the_history_and_told_by_mail(
    app: Any, db: Any, member: SimpleNamespace, drain: Callable[[], int]
) -> None:
    mine = browser(app, member)
    mine.post("/settings/tokens", data={"name": "script", "scope": "read", "days": "90", "password": PASSWORD})
    person = queries.by_id(member.id)
    assert person is not None
    mine.post(f"/settings/tokens/{queries.tokens(People.actor(person))[0].id}/revoke")
    mine.post("/settings/password", data={"current": PASSWORD, "password": "an entirely new password"})
    db.release()
    person = queries.by_id(member.id)
    assert person is not None
    services.reset_password(services.reset_link(person).rpartition("/")[2], "yet another long password")
    expected = ["signed_in", "token_made", "token_revoked", "password_changed", "signed_in", "password_reset"]
    assert kinds(db, member.id) == expected
    drain()
    db.release()
    assert list(db.session().scalars(select(OutgoingMail.kind).order_by(OutgoingMail.id))) == ["new-token", "new-password", "new-password"]


def test_a_long_history_goes_on(app: Any, db: Any, member: SimpleNamespace) -> None:
    mine = browser(app, member)
    with db.transaction():
        for _n in range(history.PAGE):
            history.note(member.id, "failed")
    page = mine.get("/settings/sessions").text
    assert page.count("Wrong password") == history.PAGE
    assert "Signed in" not in page
    older = page.partition("?before=")[2].partition('"')[0]
    assert "Signed in" in mine.get(f"/settings/sessions?before={older}").text
    assert mine.get("/settings/sessions?before=nonsense").status_code == 200


def test_addresses_are_forgotten(app: Any, db: Any, member: SimpleNamespace) -> None:
    browser(app, member)
    app.test_client().post("/sign-in", data={"email": member.email, "password": "wrong"})
    history.forget()
    assert [row.address for row in rows(db)] == ["127.0.0.1"]
    with clock.freeze(clock.now() + timedelta(days=91)):
        history.forget()
    assert [row.address for row in rows(db)] == [None]
    assert kinds(db, member.id) == ["signed_in"]
    assert db.session().scalars(select(SecurityEvent.address)).all() == [None]


def test_a_sign_in_of_an_earlier_version_is_shown(app: Any, db: Any, member: SimpleNamespace) -> None:
    with db.transaction() as session:
        session.add(SignIn(person_id=member.id, key="old", begun_at=clock.now()))
    assert browser(app, member).get("/settings/sessions").text.count('data-label="Device"') == 3
    assert [one.key for one in sign_ins.of(People.actor(queries.by_id(member.id)))][-1] == "old"  # type: ignore[arg-type]
