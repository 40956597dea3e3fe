"""Counters compared with what they count, and set right."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, select, text, update

from alliance import app as application
from alliance.accounts.models import Person
from alliance.core import db as database
from alliance.core import schema
from alliance.core.settings import Settings
from alliance.discussions import recounting, services
from alliance.discussions.models import Discussion, DiscussionVoice, OrganizationContribution, PersonContribution
from alliance.groups.models import Space
from alliance.stakeholders import services as stakeholders
from tests import databases, discussing
from tests.people import People


@pytest.fixture
def written(people: People) -> dict[str, Any]:
    """Two discussions; something was withdrawn in them, something said for an organization."""
    amina, li = people.participant(country="SN"), people.participant(country=None, stakeholder_type=None)
    affiliation = stakeholders.declare(amina, people.of(amina), stakeholders.Claim("Ministry of Post", "government", "SN"))
    first = discussing.discussion(amina, affiliation_id=affiliation.id)
    discussing.reply(li, first)
    services.withdraw_post(li, discussing.reply(li, first))
    second = discussing.discussion(li, "Another")
    return {"person": amina.person_id, "discussions": [first.id, second.id], "organization": affiliation.organization_id}


def test_what_the_services_count_is_right(written: dict[str, Any]) -> None:
    assert not recounting.check()


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (update(Discussion).values(posts_count=7), "discussions"),
        (update(Discussion).values(voices={}), "discussions"),
        (update(DiscussionVoice).values(posts=DiscussionVoice.posts + 1), "discussions"),
        (delete(DiscussionVoice), "discussions"),
        (update(PersonContribution).values(posts=9), "people"),
        (delete(PersonContribution), "people"),
        (update(OrganizationContribution).values(discussions=9), "organizations"),
        (update(Person).values(posts_count=5), "people"),
        (update(Space).values(posts_count=5), "spaces"),
    ],
)
def test_what_is_wrong_is_named_and_set_right(written: dict[str, Any], broken: Any, named: str) -> None:
    with database.transaction() as session:
        session.execute(broken)
    found = recounting.repair()
    assert getattr(found, named)
    assert len(found) == len(getattr(found, named))
    assert not recounting.check()


def test_a_discussion_set_right_is_shown_anew(written: dict[str, Any]) -> None:
    one = written["discussions"][0]
    before = database.session().get_one(Discussion, one).version
    with database.transaction() as session:
        session.execute(update(Discussion).where(Discussion.id == one).values(voices={}))
    recounting.repair()
    database.release()
    assert database.session().get_one(Discussion, one).version > before


def test_many_discussions_are_gone_through_in_parts(written: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recounting, "PART", 1)
    with database.transaction() as session:
        session.execute(update(Discussion).values(voices={}))
    assert recounting.check().discussions == written["discussions"]


def test_the_commands(written: dict[str, Any], cli: Any) -> None:
    with database.transaction() as session:
        session.execute(delete(PersonContribution))
    assert "✗ counters: 0 discussions, 2 people, 0 organizations and 0 spaces are counted wrongly: alliance recount" in cli("doctor").output
    assert cli("recount").output == "set right: 0 discussions, 2 people, 0 organizations, 0 spaces\n"
    assert "✓ counters: what is counted is what is there" in cli("doctor").output


def test_those_who_write_at_once_are_all_counted(people: People) -> None:
    actor, other = people.participant(), people.participant(stakeholder_type="media")
    ids = [discussing.discussion(other, f"Discussion {number}").id for number in range(3)]
    database.release()
    gate, wrong = threading.Barrier(6), []

    def say(number: int) -> None:
        gate.wait()
        try:
            discussing.reply(actor, database.session().get_one(Discussion, ids[number % 3]))
        except Exception as error:
            wrong.append(error)
        finally:
            database.release()

    threads = [threading.Thread(target=say, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert not recounting.check()
    contributed = database.session().scalars(select(PersonContribution).where(PersonContribution.person_id == actor.person_id)).all()
    assert [one.posts for one in contributed] == [6]


def test_what_was_said_before_there_were_counters_is_counted_by_the_migration(
    all_databases: databases.Databases, settings: Settings, tmp_path: Path
) -> None:
    application.start(Settings(database_url=all_databases.empty(), data_dir=tmp_path / "old", secret_key="only for tests"))
    application.migrate()
    people = People()
    alike = people.participant(handle="torn"), people.participant(handle="paul", country="SN")
    found = discussing.discussion(alike[0])
    services.withdraw_post(alike[1], discussing.reply(alike[1], found))
    discussing.reply(alike[1], found)
    voices = found.voices
    database.release()
    command.downgrade(schema.config(), "0008")
    with database.engine().begin() as connection:
        connection.execute(text("UPDATE people SET handle = 'tom' WHERE handle = 'paul'"))
    application.migrate()
    assert not recounting.check()
    assert database.session().scalars(select(Discussion)).one().voices == voices
    assert database.session().scalars(select(Person.handle_skeleton).order_by(Person.id)).all() == ["torn", f"torn#{alike[1].person_id}"]
    database.disconnect()
