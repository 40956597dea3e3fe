"""What people and organizations contributed, by action line: nothing of spaces the reader may not read, numbers included."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from alliance.core import db as database
from alliance.discussions import contributions, services
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from alliance.stakeholders import services as stakeholders
from alliance.stakeholders.models import Organization
from tests import discussing
from tests.counting import statements
from tests.people import People


@pytest.fixture
def amina(people: People) -> Any:
    """Somebody who wrote in two spaces, in one of them for her ministry."""
    actor = people.participant(handle="amina", name="Amina")
    affiliation = stakeholders.declare(actor, people.of(actor), stakeholders.Claim("Ministry of Post", "government", "SN"))
    first = discussing.discussion(actor, "In the open", affiliation_id=affiliation.id)
    discussing.reply(actor, first, body="An answer there.")
    services.open_discussion(actor, discussing.space("c5"), "Behind a door", "Not for everybody.")
    return actor


def rows(client: FlaskClient, path: str) -> list[list[str]]:
    """The table of a page; of an action line its code alone."""
    tree = html.fromstring(client.get(path).text)
    table = tree.xpath("//section[@id='contributions']//table//tr[td]")
    return [[(cell.xpath(".//*[@class='space-code']") or [cell])[0].text_content().strip() for cell in row] for row in table]


def close(code: str) -> None:
    """Make a space private."""
    with database.transaction() as session:
        session.scalars(select(Space).where(Space.code == code)).one().visibility = "members"


def test_a_profile_tells_them_by_action_line(client: FlaskClient, amina: Any) -> None:
    assert rows(client, "/people/amina") == [["C2", "2", "1"], ["C5", "1", "1"], ["Together", "3", "2"]]
    page = client.get("/people/amina").text
    assert "In the open" in page
    assert "Behind a door" in page


def test_an_organization_has_what_was_said_for_it(client: FlaskClient, amina: Any) -> None:
    assert rows(client, "/organizations/ministry-of-post") == [["C2", "1", "1"], ["Together", "1", "1"]]
    assert "An answer there" not in client.get("/organizations/ministry-of-post").text


def test_of_a_closed_space_neither_posts_nor_numbers_are_told(client: FlaskClient, amina: Any) -> None:
    close("c5")
    assert rows(client, "/people/amina") == [["C2", "2", "1"], ["Together", "2", "1"]]
    page = client.get("/people/amina?space=c5").text
    assert "Behind a door" not in page
    assert "In the open" in page
    given = client.get("/api/v1/people/amina/contributions").get_json()
    assert given == {"items": [{"space": "c2", "posts": 2, "discussions": 1}], "next": None}


def test_one_action_line_can_be_chosen(client: FlaskClient, amina: Any) -> None:
    page = client.get("/people/amina?space=c5").text
    assert "Behind a door" in page
    assert "An answer there" not in page
    assert "Posts in C5" in page


def test_what_was_withdrawn_is_not_counted_and_who_contributed_nothing_is_told_so(client: FlaskClient, people: People) -> None:
    silent = people.participant(handle="silent")
    assert "No contribution yet." in client.get("/people/silent").text
    found = discussing.discussion(people.participant())
    services.withdraw_post(silent, discussing.reply(silent, found))
    assert "No contribution yet." in client.get("/people/silent").text
    assert client.get("/api/v1/people/silent/contributions").get_json()["items"] == []


def test_posts_are_paged_without_a_gap(client: FlaskClient, people: People) -> None:
    actor = people.participant(handle="amina")
    found = discussing.discussion(actor)
    for number in range(44):
        discussing.reply(actor, found, body=f"Answer number {number}.")
    seen: list[str] = []
    path = "/people/amina?space=c2"
    while path:
        tree = html.fromstring(client.get(path).text)
        seen += tree.xpath("//section[@id='contributions']//h4/a/@href")
        following = tree.xpath("//a[@rel='next']/@href")
        path = f"/people/amina{following[0]}" if following else ""
    assert len(seen) == len(set(seen)) == 45


def test_a_profile_costs_the_same_however_much_was_said(client: FlaskClient, people: People) -> None:
    actor = people.participant(handle="amina")
    found = discussing.discussion(actor)
    discussion_id, numbers = found.id, []
    for _round in range(2):
        for _number in range(12):
            discussing.reply(actor, database.session().get_one(Discussion, discussion_id))
        database.release()
        with statements() as seen:
            client.get("/people/amina")
        numbers.append(len(seen))
    assert numbers[0] == numbers[1] <= 6


def test_a_bad_cursor_is_said_to_be_one(client: FlaskClient, amina: Any) -> None:
    assert client.get("/people/amina?after=nonsense").status_code == 422


def test_programs_read_those_of_an_organization(client: FlaskClient, amina: Any) -> None:
    given = client.get("/api/v1/organizations/ministry-of-post/contributions").get_json()
    assert given["items"] == [{"space": "c2", "posts": 1, "discussions": 1}]
    body = database.session().scalars(select(Organization)).one()
    assert [line.posts for line in contributions.by_space(amina, body)] == [1]
