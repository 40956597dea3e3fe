"""Counters compared with what they count, and set right."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update

from alliance.accounts.models import Person
from alliance.core import db as database
from alliance.discussions import recounting, services
from alliance.discussions.models import Discussion, DiscussionVoice, OrganizationContribution, PersonContribution
from alliance.groups.models import Space
from alliance.stakeholders import services as stakeholders
from tests import discussing
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
