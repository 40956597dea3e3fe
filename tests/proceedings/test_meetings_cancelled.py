"""A meeting is cancelled, stays to be seen so, in calendars too, is told to the members, and takes place again when it is set anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import services as accounts
from alliance.core import clock, db
from alliance.core.errors import Conflict, NotFound, Refused
from alliance.discussions import queries as discussions
from alliance.discussions import services as saying
from alliance.groups import belonging
from alliance.groups.models import Group
from alliance.mailing import drafting
from alliance.mailing.models import OutgoingMail
from alliance.moderation import moves
from alliance.notifications.models import Notification
from alliance.policy import Actor
from alliance.proceedings import calendar, meetings, queries
from alliance.watching import services as watching
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in

HOUR = timedelta(hours=1)
Drain = Callable[[], Any]


class Scene:
    def __init__(self, people: People) -> None:
        self.group = founded(people, visibility="private")
        self.chair, self.other, self.quiet, self.former = (
            member(people, self.group, role) for role in ("chair", "member", "member", "member")
        )
        self.group_id, self.slug = self.group.id, self.group.slug
        self.starts = clock.now() + timedelta(days=7)
        self.discussion = saying.open_discussion(self.chair, self.group.space, "Order of business", "Three points.").id
        self.meeting = meetings.hold(self.chair, self.agenda(), self.starts, self.starts + HOUR, "Room XIX").id

    def agenda(self) -> Any:
        return discussions.get_discussion(self.chair, self.discussion)

    def now(self) -> Any:
        db.release()
        return queries.get_meeting(self.chair, self.meeting)


@pytest.fixture
def scene(people: People, db: Any) -> Scene:
    return Scene(people)


def told(actor: Actor) -> list[str]:
    query = select(Notification.detail).where(Notification.person_id == actor.person_id, Notification.kind == "watched")
    return [one for one in db.session().scalars(query.order_by(Notification.id)) if one.startswith("meeting")]


def letters(actor: Actor) -> list[str]:
    db.release()
    query = select(OutgoingMail).where(OutgoingMail.person_id == actor.person_id, OutgoingMail.kind.like("meeting-%"))
    made = [drafting.draft_of(row) for row in db.session().scalars(query.order_by(OutgoingMail.id))]
    return [one.subject for one in made if one is not None]


def test_members_are_told_and_calendars_too(scene: Scene, drain: Drain) -> None:
    watching.choose(scene.quiet, scene.discussion, "mute")
    meetings.cancel(scene.chair, scene.now())
    drain()
    db.release()
    belonging.remove(scene.chair, db.session().get_one(Group, scene.group_id), scene.former.person_id or 0)
    assert [told(one) for one in (scene.other, scene.chair, scene.quiet)] == [["meeting_cancelled"], [], []]
    assert [letters(one) for one in (scene.other, scene.chair, scene.quiet, scene.former)] == [["Cancelled: Order of business"], [], [], []]
    text = calendar.calendar("Group", [scene.now()])
    assert ("STATUS:CANCELLED" in text, "SEQUENCE:1" in text, "STATUS:CONFIRMED" in text) == (True, True, False)
    meetings.cancel(scene.chair, scene.now())  # again: nothing happens
    drain()
    assert (scene.now().sequence, told(scene.other)) == (1, ["meeting_cancelled"])


@pytest.mark.parametrize("how", ["again", "set"])
def test_it_takes_place_again(scene: Scene, drain: Drain, how: str) -> None:
    meetings.cancel(scene.chair, scene.now())
    if how == "again":
        meetings.cancel(scene.chair, scene.now(), again=True)
    else:
        meetings.hold(scene.chair, scene.agenda(), scene.starts + HOUR, scene.starts + 2 * HOUR)
    drain()
    assert (scene.now().cancelled_at, told(scene.other)) == (None, ["meeting_cancelled", "meeting_again"])
    assert letters(scene.other) == ["Takes place after all: Order of business"]  # what holds no more is not sent
    assert "SEQUENCE:2" in calendar.calendar("Group", [scene.now()])


def test_only_a_chair_may_and_only_before_it_is_over(scene: Scene, people: People) -> None:
    with pytest.raises(Refused):
        meetings.cancel(scene.other, scene.now())
    with clock.freeze(scene.starts + 2 * HOUR), pytest.raises(Conflict):
        meetings.cancel(scene.chair, scene.now())
    with pytest.raises(NotFound):
        queries.get_meeting(people.participant(), scene.meeting)
    assert scene.now().cancelled_at is None


def test_by_page_and_api(client: FlaskClient, scene: Scene) -> None:
    slug = scene.slug
    signed_in(client, scene.other)
    assert "Cancel the meeting" not in client.get(f"/d/{scene.discussion}", follow_redirects=True).text
    assert client.post(f"/meetings/{scene.meeting}/cancel").status_code == 403
    signed_in(client, scene.chair)
    assert "Cancel the meeting" in client.get(f"/d/{scene.discussion}", follow_redirects=True).text
    page = client.post(f"/meetings/{scene.meeting}/cancel", follow_redirects=True).text
    assert ("<strong>Cancelled</strong>" in page, "It takes place after all" in page) == (True, True)
    assert "<strong>Cancelled</strong>" in client.get(f"/groups/{slug}/meetings").text
    assert "STATUS:CANCELLED" in client.get(f"/groups/{slug}/meetings.ics").text
    assert client.get(f"/api/v1/groups/{slug}/meetings").json["items"][0]["cancelled_at"]
    assert "<strong>Cancelled" not in client.post(f"/meetings/{scene.meeting}/cancel", data={"again": "yes"}, follow_redirects=True).text
    secret = accounts.create_token(People.of(scene.chair), "write")
    assert client.delete(f"/api/v1/meetings/{scene.meeting}", headers={"Authorization": f"Bearer {secret}"}).status_code == 204
    assert scene.now().cancelled_at is not None


def test_members_are_told_where_the_agenda_went(scene: Scene, drain: Drain) -> None:
    other = saying.open_discussion(scene.chair, scene.agenda().space, "All business", "Here.")
    moves.merge(scene.chair, scene.discussion, str(other.id), "One agenda.")
    drain()
    meetings.cancel(scene.chair, scene.now())
    drain()
    assert told(scene.other) == ["meeting_cancelled"]
    assert len(letters(scene.other)) == 1
