"""Milestones: set by chairs, shown on the group's pages, in its calendar and by the API."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from alliance.core import clock
from alliance.core.errors import Invalid, NotFound, Refused
from alliance.groups import belonging, founding
from alliance.groups import queries as groups
from alliance.policy import Actor
from alliance.proceedings import calendar, milestones, queries
from alliance.proceedings.milestones import Stone
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in

DAY = date(2027, 5, 1)


def test_a_milestone_is_planned_moved_and_reached(people: People) -> None:
    group = founded(people)
    chair, plain = member(people, group, "chair"), member(people, group, "rapporteur")
    for actor in (plain, people.secretariat(), people.moderator(), Actor.guest()):
        with pytest.raises(Refused):
            milestones.add(actor, group, Stone("First draft", DAY))
    made = milestones.add(chair, group, Stone("  First   draft ", DAY))
    assert (made.title, made.state, made.reached_on, made.sequence) == ("First draft", "planned", None, 0)
    today = clock.now().date()
    milestones.change(chair, group, made.id, Stone("First draft", DAY + timedelta(days=7), "reached"))
    found = queries.get_milestone(plain, group.space, made.id)
    assert (found.due_on, found.state, found.reached_on, found.sequence) == (date(2027, 5, 8), "reached", today, 1)
    milestones.change(chair, group, made.id, Stone("First draft", DAY, "planned", today))
    assert queries.get_milestone(plain, group.space, made.id).reached_on is None
    founding.set_closed(chair, group, closed=True)
    with pytest.raises(Refused):
        milestones.change(chair, groups.get_group(chair, group.slug), made.id, Stone("Late", DAY))


@pytest.mark.parametrize(
    ("stone", "field"),
    [
        (Stone(" ", DAY), "title"),
        (Stone("x" * 201, DAY), "title"),
        (Stone("A draft", None), "due_on"),
        (Stone("A draft", date(1999, 12, 31)), "due_on"),
        (Stone("A draft", date.max), "due_on"),
        (Stone("A draft", DAY, "eaten"), "state"),
        (Stone("A draft", DAY, "reached", date.min), "reached_on"),
        (Stone("A draft", DAY, "reached", date(9998, 1, 1)), "reached_on"),
    ],
    ids=["blank", "long", "undated", "too early", "too late", "unknown", "reached long ago", "reached tomorrow"],
)
def test_what_cannot_be_meant_is_said_at_its_field(people: People, stone: Stone, field: str) -> None:
    group = founded(people)
    with pytest.raises(Invalid) as caught:
        milestones.add(member(people, group, "chair"), group, stone)
    assert set(caught.value.errors) == {field}


def test_what_is_late_is_late_everywhere_on_earth(people: People) -> None:
    group = founded(people)
    chair, today = member(people, group, "chair"), clock.now().date()
    days = [today - timedelta(days=2), today, today + timedelta(days=1)]
    assert [milestones.add(chair, group, Stone("A draft", day)).is_late for day in days] == [True, False, False]
    assert not milestones.add(chair, group, Stone("Done", days[0], "reached")).is_late


def test_calendars_get_whole_days(people: People) -> None:
    group = founded(people)
    chair = member(people, group, "chair")
    made = milestones.add(chair, group, Stone("Draft; with, commas", DAY))
    dropped = milestones.add(chair, group, Stone("Never", DAY, "dropped"))
    text = calendar.calendar("Group", [], [made, dropped]).replace("\r\n ", "")
    lines = text.split("\r\n")
    assert lines.count("DTSTART;VALUE=DATE:20270501") == lines.count("DTEND;VALUE=DATE:20270502") == 2
    assert "SUMMARY:Milestone: Draft\\; with\\, commas" in lines
    assert [line for line in lines if line.startswith("STATUS")] == ["STATUS:CONFIRMED", "STATUS:CANCELLED"]
    assert len({line for line in lines if line.startswith("UID:milestone-")}) == 2


def test_by_form_and_for_programs(client: FlaskClient, people: People) -> None:
    group = founded(people, visibility="members")
    slug, chair, plain = group.slug, member(people, group, "chair"), member(people, group)
    signed_in(client, chair)
    where = f"/groups/{slug}/milestones"
    assert client.post(f"{where}/new", data={"title": "First draft", "state": "planned"}).status_code == 422
    assert client.post(f"{where}/new", data={"title": "First draft", "due_on": "2027-05-01", "state": "planned"}).status_code == 303
    [made] = queries.milestones(chair, groups.get_space(chair, slug))
    number = made.id
    for page in (f"/groups/{slug}", f"/groups/{slug}/meetings", f"/groups/{slug}/meetings.ics"):
        assert "First draft" in client.get(page).text, page
    page = client.get(f"{where}/{number}/edit").text
    assert 'value="2027-05-01"' in page
    data = {"title": "First draft", "due_on": "2027-05-01", "state": "reached", "reached_on": "2026-01-02"}
    assert client.post(f"{where}/{number}/edit", data=data).status_code == 303
    listed = client.get(f"/api/v1/groups/{slug}/milestones").json or {}
    assert [(one["state"], one["reached_on"]) for one in listed["items"]] == [("reached", "2026-01-02")]
    other = signed_in(client.application.test_client(), plain)
    assert "First draft" in other.get(f"/groups/{slug}/meetings").text
    assert other.get(f"{where}/new").status_code == 403
    assert client.application.test_client().get(f"/api/v1/groups/{slug}/milestones").status_code == 404
    belonging.leave(plain, groups.get_group(plain, slug))
    assert other.get(f"{where}/{number}/edit").status_code == 404
    with pytest.raises(NotFound):
        queries.get_milestone(plain, groups.get_group(chair, slug).space, number)
