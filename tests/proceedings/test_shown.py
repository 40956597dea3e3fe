"""The front page says what is open, until when, who asks, and what came of the last one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from alliance.core import clock, db
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion
from alliance.groups.models import Group, Space
from alliance.polls import services as polls
from alliance.proceedings import consensus
from alliance.proceedings.models import ConsensusCall
from tests import discussing
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in

DAY = timedelta(days=1)


def front(app: Flask, person: Any = None) -> str:
    """The front page, made now."""
    db.replaced()  # nothing is kept
    client = app.test_client()
    return str((signed_in(client, person) if person else client).get("/").get_data(as_text=True))


@pytest.fixture
def asked(people: People) -> tuple[Group, Discussion, ConsensusCall]:
    """A call in a group everybody may read."""
    group = founded(people)
    chair = member(people, group, "chair", stakeholder_type="government")
    discussion = saying.open_discussion(chair, group.space, "The text of the charter", "What shall it say?")
    return group, discussion, consensus.call(chair, discussion, "Access is affordable.", clock.now() + DAY)


def test_with_nothing_open_nothing_is_said(app: Flask) -> None:
    assert "open-title" not in front(app)


def test_a_call_is_told_with_its_end_and_who_put_it(app: Flask, people: People, asked: tuple[Group, Discussion, ConsensusCall]) -> None:
    _group, discussion, call = asked
    page = front(app)
    assert f'href="/consensus/{call.id}"' in page
    assert discussion.title in page
    assert call.called_by.name in page
    assert call.closes_at.isoformat(timespec="minutes") in page


def test_what_came_of_it_follows_when_it_has_ended(app: Flask, asked: tuple[Group, Discussion, ConsensusCall]) -> None:
    _group, _discussion, call = asked
    with db.transaction() as session:
        session.get_one(ConsensusCall, call.id).closes_at = clock.now() - timedelta(seconds=1)
    consensus.close_due()
    page = front(app)
    assert "open-title" not in page
    assert "came-title" in page
    assert f'href="/consensus/{call.id}"' in page


def test_of_a_group_one_may_not_read_nothing_is_told(app: Flask, asked: tuple[Group, Discussion, ConsensusCall]) -> None:
    group, discussion, _call = asked
    title, space_id = discussion.title, group.space_id
    with db.transaction() as session:
        session.get_one(Space, space_id).visibility = "private"
    page = front(app)
    assert title not in page
    assert "open-title" not in page


def test_polls_and_discussions_that_end_are_told_until_they_do(app: Flask, people: People) -> None:
    author = people.participant()
    found = discussing.discussion(author, title="Closed on a day")
    post = discussing.opening(found)
    post_id, found_id, slug = post.id, found.id, found.slug
    polls.set_poll(author, post, polls.Asked(question="Who pays for it?", options=["Users", "States"], closes_at=clock.now() + DAY))
    with db.transaction() as session:
        session.get_one(Discussion, found_id).closes_at = clock.now() + 2 * DAY
    page = front(app)
    assert page.index("Who pays for it?") < page.index("Closed on a day")
    assert f'href="/p/{post_id}"' in page
    with db.transaction() as session:
        session.get_one(Discussion, found_id).closes_at = clock.now() - DAY
    assert f'href="/d/{found_id}/{slug}">Discussion' not in front(app)
