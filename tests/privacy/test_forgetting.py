"""Age-old things go, and nothing younger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from alliance.accounts import services as accounts
from alliance.accounts import tokens
from alliance.accounts.models import ApiToken, Person, SecurityEvent, SignIn
from alliance.core import clock, db, settings
from alliance.core.settings import SettingsError
from alliance.drafts import services as drafts
from alliance.drafts.models import Draft
from alliance.mailing.models import OutgoingMail
from alliance.privacy import forgetting, wording
from alliance.privacy.tables import KINDS, TABLES
from tests.discussing import discussion
from tests.people import PASSWORD, People


def count(model: type) -> int:
    return db.session().scalar(select(func.count()).select_from(model)) or 0


def aged(days: float) -> None:
    """Everybody registered, and was written to, so long ago."""
    moment = clock.now() - timedelta(days=days)
    with db.transaction() as session:
        for row in (*session.scalars(select(Person)), *session.scalars(select(OutgoingMail))):
            row.created_at = moment


def test_a_registration_never_confirmed_goes_after_thirty_days(people: People) -> None:
    accounts.register("new@example.org", PASSWORD, accounts.Profile(name="New One"))
    with db.transaction() as session:
        person = session.scalars(select(Person)).one()
        session.add(SecurityEvent(person_id=person.id, kind="failed", created_at=clock.now()))
    aged(29.9)
    assert forgetting.forget() == 0
    assert count(Person) == 1
    aged(30.1)
    assert forgetting.forget() == 1
    assert (count(Person), count(SecurityEvent)) == (0, 0)
    accounts.register("new@example.org", PASSWORD, accounts.Profile(name="New One"))
    assert count(Person) == 1


def test_one_who_asked_again_of_late_or_is_confirmed_or_has_said_something_stays(people: People) -> None:
    people.participant()
    waiting = people.person(confirmed_at=None)
    discussion(people.participant())
    odd = people.participant()
    discussion(odd)
    with db.transaction() as session:
        session.get_one(Person, odd.person_id).confirmed_at = None
    aged(400)
    with db.transaction() as session:
        session.add(OutgoingMail(person_id=waiting.id, address="", key="c", kind="confirm", created_at=clock.now()))
    before = count(Person)
    assert forgetting.forget() == 0
    assert count(Person) == before


def test_ended_tokens_and_forgotten_sessions_go(people: People) -> None:
    person, now = people.person(), clock.now()
    for _number in range(4):
        tokens.create_token(person, "read", days=90)
    with db.transaction() as session:
        ended, expired, lately, _live = session.scalars(select(ApiToken).order_by(ApiToken.id)).all()
        ended.revoked_at = expired.expires_at = now - timedelta(days=31)
        lately.revoked_at = now - timedelta(days=29)
        session.add(SignIn(person_id=person.id, key="old", begun_at=now - timedelta(days=401)))
        session.add(SignIn(person_id=person.id, key="new", begun_at=now - timedelta(days=399)))
    forgetting.forget()
    assert count(ApiToken) == 2
    assert db.session().scalars(select(SignIn.key)).all() == ["new"]


def test_drafts_go_after_the_days_that_are_set(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    person, now = people.person(), clock.now()
    with db.transaction() as session:
        for place, days in (("new:c1", 181), ("new:c2", 179)):
            old = now - timedelta(days=days)
            session.add(Draft(person_id=person.id, place=place, fields={}, nonce="n", created_at=old, updated_at=old))
    drafts.clean()
    assert db.session().scalars(select(Draft.place)).all() == ["new:c2"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("DRAFT_DAYS", "0"), ("DRAFT_DAYS", "-1"), ("DRAFT_DAYS", "ten"), ("UNCONFIRMED_DAYS", "7"), ("UNCONFIRMED_DAYS", "9" * 50)],
)
def test_settings_that_cannot_be_are_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"ALLIANCE_{name}"):
        settings.load({f"ALLIANCE_{name}": value})


def test_every_table_of_people_is_on_the_page_about_privacy_once() -> None:
    listed = [table for tables in KINDS.values() for table in tables]
    assert sorted(listed) == sorted(TABLES)
    assert {one.tables for one in wording.kinds()} == {*KINDS.values()}


def test_the_page_says_what_is_set(client: FlaskClient) -> None:
    page = client.get("/about/privacy")
    assert page.status_code == 200
    for said in ("90 days", "180 days", "30 days", "14 days", "security_events", "No page asks anything of another server"):
        assert said in page.text, said
    assert 'href="/about/privacy"' in client.get("/").text
