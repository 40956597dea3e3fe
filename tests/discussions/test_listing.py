"""Lists of discussions: six orders, two filters, cursors, and that an index answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from alliance.core import clock
from alliance.core import db as database
from alliance.discussions import activity, listing, services
from alliance.discussions.listing import Wanted
from alliance.discussions.models import Discussion, DiscussionActivity, Post
from alliance.groups.models import Space
from alliance.policy import Actor
from tests import discussing
from tests.people import People

Drain = Callable[[], int]
GUEST = Actor.guest()


@pytest.fixture
def made(people: People, drain: Drain) -> dict[str, int]:
    """Discussions by what they are."""
    government, media = people.participant(stakeholder_type="government"), people.participant(stakeholder_type="media")
    now = clock.now()
    found = {}
    for name, age, actor, language, people_in_it, posts in (
        ("busy long ago", 40, government, "en", 3, 9),
        ("this month", 20, media, "fr", 2, 5),
        ("two voices", 3, government, "fr", 2, 8),
        ("three voices", 2, media, "en", 3, 4),
        ("alone", 1, government, "en", 1, 1),
    ):
        with clock.freeze(now - timedelta(days=age)):
            one = discussing.discussion(actor, f"A discussion, {name}", language=language)
            voices = [actor, *(people.participant() for _ in range(people_in_it - 1))]
            for number in range(1, posts):
                discussing.reply(voices[number % len(voices)], database.session().get_one(Discussion, one.id))
            found[name] = one.id
    drain()
    return found


def listed(made: dict[str, int], space: Space | None = None, **wanted: Any) -> list[str]:
    names = {number: name for name, number in made.items()}
    found: list[str] = []
    after = None
    while True:
        rows, after = listing.discussions(GUEST, space, Wanted(**wanted), after, 2)
        found += [names[row.id] for row in rows]
        if after is None:
            return found


ORDERS = {
    "active": ["alone", "three voices", "two voices", "this month", "busy long ago"],
    "new": ["alone", "three voices", "two voices", "this month", "busy long ago"],
    "week": ["three voices", "two voices", "alone"],
    "month": ["three voices", "two voices", "this month", "alone"],
    "top": ["busy long ago", "two voices", "this month", "three voices", "alone"],
    "unanswered": ["alone"],
}


@pytest.mark.parametrize("sort", listing.SORTS)
def test_each_order_page_by_page(made: dict[str, int], sort: listing.Sort) -> None:
    assert listed(made, sort=sort) == ORDERS[sort]
    assert listed(made, discussing.space(), sort=sort) == ORDERS[sort]
    assert listed(made, discussing.space("c5"), sort=sort) == []
    english = {"busy long ago", "three voices", "alone"}
    assert listed(made, sort=sort, language="en") == [name for name in ORDERS[sort] if name in english]
    assert listed(made, sort=sort, stakeholder_type="media") == [name for name in ORDERS[sort] if name in {"this month", "three voices"}]
    assert listed(made, sort=sort, stakeholder_type="media", language="fr") == [name for name in ORDERS[sort] if name == "this month"]


def test_scores_follow_what_is_taken_away_and_time(made: dict[str, int], people: People, drain: Drain) -> None:
    reply = database.session().scalars(select(Post).where(Post.discussion_id == made["two voices"], Post.number == 2)).one()
    services.withdraw_post(people.actor(reply.author), reply)
    drain()
    score = select(DiscussionActivity.week).where(DiscussionActivity.discussion_id == made["two voices"])
    assert database.session().scalar(score) == activity.score(2, 7)
    with clock.freeze(clock.now() + timedelta(days=9)):
        activity.refresh_stale()
        assert listed(made, sort="week") == []
        assert listed(made, sort="month") == ["three voices", "two voices", "this month", "alone"]
    with clock.freeze(clock.now() + timedelta(days=60)):
        activity.refresh_stale()
    assert database.session().scalars(select(DiscussionActivity.id)).all() == []


def test_what_was_never_counted_is_counted_by_the_hourly_job(made: dict[str, int]) -> None:
    with database.transaction() as session:
        session.query(DiscussionActivity).delete()
    activity.refresh_stale()
    assert listed(made, sort="month") == ORDERS["month"]


def test_hidden_discussions_and_spaces_are_in_no_list(made: dict[str, int]) -> None:
    with database.transaction() as session:
        session.get_one(Discussion, made["three voices"]).status = "hidden"
    for sort in listing.SORTS:
        assert "three voices" not in listed(made, sort=sort)
    with database.transaction() as session:
        session.scalars(select(Space).where(Space.code == "c2")).one().visibility = "members"
    assert [listed(made, sort=sort) for sort in listing.SORTS] == [[]] * len(listing.SORTS)


def test_the_pages_keep_order_and_filters(client: FlaskClient, made: dict[str, int]) -> None:
    for address in ("/latest", "/action-lines/c2"):
        page = client.get(f"{address}?sort=month&language=fr&type=media").text
        assert "A discussion, this month" in page
        assert "A discussion, two voices" not in page
        assert "?sort=week&amp;language=fr&amp;type=media" in page
        assert '<input type="hidden" name="sort" value="month">' in page
        assert "No such discussion." in client.get(f"{address}?type=academia_technical").text
        assert client.get(f"{address}?sort=nonsense&language=xx&type=y").status_code == 200
        assert client.get(f"{address}?sort=week&after=nonsense").status_code == 422


def test_the_api_takes_the_same(client: FlaskClient, made: dict[str, int]) -> None:
    for address in ("/api/v1/discussions", "/api/v1/spaces/c2/discussions"):
        for sort, names in ORDERS.items():
            items = client.get(f"{address}?sort={sort}").get_json()["items"]
            assert [one["id"] for one in items] == [made[name] for name in names]
        assert [one["id"] for one in client.get(f"{address}?stakeholder_type=media&language=en").get_json()["items"]] == [
            made["three voices"]
        ]
        assert client.get(f"{address}?sort=worst").status_code == 422


@pytest.mark.parametrize("sort", listing.SORTS)
def test_no_order_sorts_all_there_is(db: Any, database_kind: str, sort: listing.Sort) -> None:
    """SQLite says so itself; on PostgreSQL small tables are never read by index, so there the order is all that is tested."""
    if database_kind != "sqlite":
        assert listing.discussions(GUEST, None, Wanted(sort))[0] == []
        return
    session = database.session()
    for space in (None, discussing.space()):
        seen = [row[3] for row in session.execute(text("EXPLAIN QUERY PLAN " + _sql(sort, space)))]
        assert not [one for one in seen if "TEMP B-TREE FOR ORDER BY" in one], seen


def _sql(sort: listing.Sort, space: Space | None) -> str:
    query = listing.query(GUEST, space, Wanted(sort))
    return str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
