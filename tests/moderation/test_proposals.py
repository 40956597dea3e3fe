"""Proposed working groups in the review queue: for the secretariat alone, decided on either page, in the log, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from flask.testing import FlaskClient

from alliance import app as application
from alliance.core import db, schema
from alliance.core import settings as configured
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.settings import Settings
from alliance.discussions import services as saying
from alliance.groups import founding
from alliance.groups import queries as groups
from alliance.groups.models import Group
from alliance.mailing import services as mailing
from alliance.moderation import items, queries
from alliance.policy import Actor
from tests import databases
from tests.grouping import CHARTER, member, plan
from tests.people import People
from tests.signing import signed_in


def test_a_proposal_waits_for_the_secretariat_alone(client: FlaskClient, people: People) -> None:
    proposer, secretariat = people.verified(), people.secretariat()
    group = founding.propose(proposer, plan("Rural access", summary="Who pays what."), CHARTER)
    for other in (people.moderator(), proposer, people.participant()):
        assert queries.waiting(other) == 0
    [one], _next = queries.queue(secretariat)
    assert one.shown is not None
    assert (one.item.kind, one.shown.title, one.shown.url) == ("group_proposal", "Rural access", f"/groups/{group.slug}")
    assert "Who pays what." in one.shown.html
    assert "<em>one</em> text" in one.shown.html
    number = one.item.id
    for other in (people.moderator(), proposer):
        with pytest.raises(NotFound):
            items.decide(other, number, "approve")
    page = signed_in(client, secretariat).get(f"/moderation/items/{number}").text
    assert "Found the group" in page
    assert client.post(f"/moderation/items/{number}", data={"decision": "refuse"}).status_code == 422
    assert client.post(f"/moderation/items/{number}", data={"decision": "approve"}).status_code == 303
    assert groups.get_group(Actor.guest(), "rural-access").status == "active"
    [entry] = queries.log(Actor.guest())[0]
    assert entry.act == "approve_group"


def test_a_refusal_is_told_to_nobody_else(people: People) -> None:
    proposer, secretariat = people.verified(), people.secretariat()
    group = founding.propose(proposer, plan("Rural access"), CHARTER)
    [one], _next = queries.queue(secretariat)
    with pytest.raises(Invalid):
        items.decide(secretariat, one.item.id, "refuse")
    items.decide(secretariat, one.item.id, "refuse", "off_topic")
    found = groups.get_group(proposer, group.slug)
    assert found.status == "refused"
    assert found.decision
    assert [entry.act for entry in queries.log(secretariat)[0]] == ["refuse_group"]
    assert queries.log(Actor.guest())[0] == queries.log(people.moderator())[0] == []


def test_what_was_decided_is_taken_back(people: People) -> None:
    proposer, secretariat = people.verified(), people.secretariat()
    group = founding.propose(proposer, plan("Rural access"), CHARTER)
    founding.decide(secretariat, group.id, approved=True)  # on the page of the group
    assert queries.waiting(secretariat) == 0
    [done], _next = queries.queue(secretariat, wanted=queries.Wanted(status="decided"))
    items.undo(secretariat, done.item.id)
    with pytest.raises(NotFound):
        groups.get_group(Actor.guest(), "rural-access")
    held = db.session().get_one(Group, group.id)
    assert (held.status, held.space.visibility, queries.waiting(secretariat)) == ("proposed", "private", 1)
    assert groups.get_group(proposer, held.slug).id == group.id
    items.decide(secretariat, done.item.id, "refuse", reason="There is one already.")
    items.undo(secretariat, done.item.id)
    items.decide(secretariat, done.item.id, "approve")
    assert groups.get_group(Actor.guest(), "rural-access").status == "active"


def test_a_group_at_work_is_not_taken_back(people: People) -> None:
    proposer, secretariat = people.verified(), people.secretariat()
    for number, begin in enumerate(
        (lambda group: member(people, group), lambda group: saying.open_discussion(proposer, group.space, "A", "B"))
    ):
        group = founding.propose(proposer, plan(f"Group {number}"), CHARTER)
        item = queries.open_item("group_proposal", group.id)
        assert item is not None
        items.decide(secretariat, item.id, "approve")
        begin(db.session().get_one(Group, group.id))
        with pytest.raises(Conflict):
            items.undo(secretariat, item.id)


def test_the_proposer_is_told_each_time(people: People, drain: Callable[[], int]) -> None:
    proposer, secretariat = people.verified(), people.secretariat()
    address = (People.of(proposer).email or "").encode()
    group = founding.propose(proposer, plan("Rural access"), CHARTER)
    item = queries.open_item("group_proposal", group.id)
    assert item is not None
    number = item.id
    for decision, reason in (("refuse", "There is one already."), ("approve", "")):
        items.decide(secretariat, number, decision, reason=reason)
        drain()
        mailing.send_due()
        if decision == "refuse":
            items.undo(secretariat, number)
    mails = [path.read_bytes() for path in (Path(configured.current().data_dir) / "mail").rglob("*.eml")]
    assert len([one for one in mails if address in one and b"/groups/" in one]) == 2


@pytest.fixture
def upgraded(all_databases: databases.Databases, settings: Settings, tmp_path: Path) -> Iterator[People]:
    """A database of this version, of this test's own."""
    application.start(Settings(database_url=all_databases.empty(), data_dir=tmp_path / "fresh", secret_key="only for tests"))
    application.migrate()
    yield People()
    db.disconnect()


def test_what_was_proposed_before_waits_after_the_upgrade(upgraded: People) -> None:
    secretariat = upgraded.secretariat()
    proposer = upgraded.verified()
    number = founding.propose(proposer, plan("Rural access"), CHARTER).id
    db.release()
    command.downgrade(schema.config(), "0033")
    assert queries.waiting(secretariat) == 0
    db.release()
    application.migrate()
    [one], _next = queries.queue(secretariat)
    assert (one.item.subject_id, one.item.person_id) == (number, proposer.person_id)
    items.decide(secretariat, one.item.id, "approve")
    items.undo(secretariat, one.item.id)
