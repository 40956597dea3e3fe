"""Meetings, their minutes and the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from alliance.core import db as database
from alliance.core.errors import Invalid, Refused
from alliance.discussions import services as saying
from alliance.groups import belonging
from alliance.groups import queries as groups
from alliance.groups.models import Space
from alliance.moderation import moves
from alliance.policy import Actor
from alliance.proceedings import calendar, meetings, queries
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in

AT = datetime(2027, 3, 4, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_discussion_becomes_an_agenda_and_has_minutes(people: People) -> None:
    group = founded(people)
    chair, rapporteur, other = (member(people, group, role) for role in ("chair", "rapporteur", "member"))
    found = saying.open_discussion(other, group.space, "Order of business", "Three points.")
    with pytest.raises(Refused):
        meetings.hold(other, found, AT, AT + HOUR)
    with pytest.raises(Invalid):
        meetings.hold(chair, found, AT, AT - HOUR)
    first = meetings.hold(chair, found, AT, AT + HOUR, "Room XIX")
    moved = meetings.hold(chair, found, AT + HOUR, AT + 2 * HOUR, "Room XX")
    assert (first.id, moved.sequence, moved.place) == (moved.id, 1, "Room XX")
    with pytest.raises(Refused):
        meetings.record(other, moved, "We met.")
    meetings.record(rapporteur, moved, "We **met**.")
    assert "<strong>met</strong>" in queries.get_meeting(Actor.guest(), moved.id).minutes_html


def test_a_merge_takes_meetings_along(client: FlaskClient, people: People) -> None:
    group = founded(people)
    chair, other = member(people, group, "chair"), saying.open_discussion(member(people, group), group.space, "The larger one", "More.")
    found, target_id = saying.open_discussion(chair, group.space, "Order of business", "Three points."), other.id
    slug, space_id = group.slug, group.space_id
    here, there = (meetings.hold(chair, one, AT, AT + HOUR, place) for one, place in ((found, "Room XIX"), (other, "Room XX")))
    meetings.record(chair, here, "We met.")
    number, both = here.id, {here.id, there.id}
    moves.merge(chair, found.id, str(target_id), "The same.")
    client.get(f"/d/{target_id}", follow_redirects=True)
    meetings.record(chair, queries.get_meeting(chair, number), "We **met** twice.")
    page = client.get(f"/d/{target_id}", follow_redirects=True).text
    assert "Room XIX" in page
    assert "Room XX" in page
    assert "UTC UTC" not in page
    assert "<strong>met</strong> twice" in page
    assert {one.id for one in queries.meetings_in(Actor.guest(), database.session().get_one(Space, space_id))} == both
    feed = client.get(f"/groups/{slug}/meetings.ics").text
    assert feed.count("BEGIN:VEVENT") == 2


def test_calendars_get_what_the_standard_says(people: People) -> None:
    group = founded(people)
    chair = member(people, group, "chair")
    found = saying.open_discussion(chair, group.space, "Order; of, business: " + "长" * 60, "Three points.")
    meeting = meetings.hold(chair, found, AT, AT + HOUR, "Palais, salle XIX")
    text = calendar.calendar("Group", [meeting])
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = text.replace("\r\n ", "")
    assert "DTSTART:20270304T093000Z\r\n" in whole
    assert "LOCATION:Palais\\, salle XIX\r\n" in whole
    assert f"SUMMARY:Order\\; of\\, business: {'长' * 60}\r\n" in whole
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")


def test_meetings_by_form_and_the_calendar_of_a_private_group(client: FlaskClient, people: People) -> None:
    group = founded(people, visibility="private")
    slug, chair, other = group.slug, member(people, group, "chair"), member(people, group)
    discussion_id = saying.open_discussion(chair, group.space, "Order of business", "Three points.").id
    signed_in(client, chair)
    where = f"/d/{discussion_id}/meeting"
    assert client.post(where, data={"starts_at": "2027-03-04T09:30", "ends_at": "2027-03-04T09:00"}).status_code == 422
    assert client.post(where, data={"starts_at": "2027-03-04T09:30", "ends_at": "2027-03-04T11:00", "place": "Room XIX"}).status_code == 303
    assert "Room XIX" in client.get(f"/d/{discussion_id}", follow_redirects=True).text
    assert "Order of business" in client.get(f"/groups/{slug}/meetings").text
    meeting_id = queries.meetings_in(chair, groups.get_space(chair, slug))[0].id
    assert client.post(f"/meetings/{meeting_id}/minutes", data={"minutes": "We met."}).status_code == 303
    guest = client.application.test_client()
    feed = f"/groups/{slug}/meetings.ics"
    assert guest.get(feed).status_code == 404
    key = calendar.key_for(other, groups.get_space(other, slug))
    answer = guest.get(feed, query_string={"key": key})
    assert answer.mimetype == "text/calendar"
    assert "Order of business" in answer.text
    belonging.leave(other, groups.get_group(other, slug))
    assert guest.get(feed, query_string={"key": key}).status_code == 404
    assert guest.get(feed, query_string={"key": "x"}).status_code == 404
