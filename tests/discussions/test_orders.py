"""The same discussion in three orders, opened anywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from alliance import app as application
from alliance.accounts import passwords
from alliance.core import db as database
from alliance.core import schema
from alliance.core.settings import Settings
from alliance.discussions import orders, services
from alliance.discussions.models import Discussion, Post
from alliance.discussions.orders import Order
from alliance.discussions.tree import segment
from alliance.policy import Actor
from tests import discussing
from tests.people import PASSWORD, People

GUEST = Actor.guest()


def numbers(rows: Any) -> list[int]:
    return [row.number for row in rows]


def walked(discussion_id: int, order: Order) -> list[int]:
    """The numbers of all pages, forward; each page but the first has one before it."""
    found: list[int] = []
    start: str | None = None
    while True:
        page = orders.page(GUEST, discussion_id, order, start)
        assert page.first == (page.earlier is None) == (start is None)
        found += numbers(page.posts)
        if page.later is None:
            return found
        start = page.later


@pytest.fixture
def conversation(people: People) -> int:
    """Two of government, three of civil society, one of nobody; 4 answers 2, 6 answers 4."""
    state, society, nobody = (people.participant(stakeholder_type=kind) for kind in ("government", "civil_society", None))
    found = discussing.discussion(society)
    second = discussing.reply(society, found)
    discussing.reply(society, found)
    fourth = discussing.reply(state, found, second)
    discussing.reply(nobody, found)
    discussing.reply(state, found, fourth)
    return found.id


def test_three_orders(conversation: int) -> None:
    assert numbers(orders.page(GUEST, conversation, "tree").posts) == [1, 2, 4, 6, 3, 5]
    assert numbers(orders.page(GUEST, conversation, "time").posts) == [1, 2, 3, 4, 5, 6]
    # First turn: society 1, government 4, nobody 5; second: society 2, government 6; third: society 3.
    assert numbers(orders.page(GUEST, conversation, "balanced").posts) == [1, 4, 5, 2, 6, 3]


def test_time_is_when_it_was_said_not_when_it_came_in(people: People) -> None:
    author, now = people.person(), datetime.now(UTC)
    found = services.open_discussion(
        Actor.system(), discussing.space(), "An old list", "Then.", author=author, created_at=now - timedelta(days=9), imported=True
    )
    for days in (2, 5):
        services.publish_post(Actor.system(), found, "Later.", author=author, created_at=now - timedelta(days=days), imported=True)
    assert numbers(orders.page(GUEST, found.id, "time").posts) == [1, 3, 2]


@pytest.mark.parametrize("order", orders.ORDERS)
def test_pages_join_without_gap_or_repetition(people: People, order: Order) -> None:
    found = long_discussion(people, 95)
    assert sorted(walked(found, order)) == list(range(1, 96))


@pytest.mark.parametrize("order", orders.ORDERS)
@pytest.mark.parametrize("number", [1, 20, 50, 95])
def test_a_post_stands_on_the_page_that_is_said_to_hold_it(people: People, order: Order, number: int) -> None:
    found = long_discussion(people, 95)
    assert number in numbers(orders.page(GUEST, found, order, orders.start_of(GUEST, found, order, number)).posts)


@pytest.mark.parametrize("order", orders.ORDERS)
def test_the_last_page_is_a_full_one(people: People, order: Order) -> None:
    found = long_discussion(people, 95)
    page = orders.page(GUEST, found, order, orders.last_start(GUEST, found, order))
    assert len(page.posts) == 30
    assert page.later is None
    assert orders.last_start(GUEST, long_discussion(people, 12), order) is None


def test_made_up_places_are_the_beginning(conversation: int) -> None:
    for order in orders.ORDERS:
        for start in ("", "x", "999", "-1", "1" * 40, "١", "\x00"):
            page = orders.page(GUEST, conversation, order, start)
            assert len(page.posts) == 6 or order == "tree"


def test_what_is_folded_is_counted_and_not_shown(conversation: int) -> None:
    path = segment(2)
    page = orders.page(GUEST, conversation, "tree", folds=(path,))
    assert numbers(page.posts) == [1, 2, 3, 5]
    assert page.folds == {path: 2}
    assert orders.folds_of(["../", "12", "12", "x"]) == ("12",)


def test_a_branch(conversation: int) -> None:
    post = database.session().scalars(select(Post).where(Post.discussion_id == conversation, Post.number == 4)).one()
    root, page = orders.branch(GUEST, post.id)
    assert root.number == 4
    assert numbers(page.posts) == [4, 6]
    assert [row.depth for row in page.posts] == [0, 1]


def long_discussion(people: People, length: int) -> int:
    """A discussion of many posts, written in bulk the way the writer leaves them: a chain now and then."""
    writers = [people.participant(stakeholder_type=kind) for kind in ("government", "media", None)]
    found = discussing.discussion(writers[0])
    opening = discussing.opening(found)
    kinds, ranks = ("government", "media", None), {"government": 1, "media": 0, None: 0}
    rows: list[dict[str, Any]] = []
    for number in range(2, length + 1):
        below = rows[-3] if len(rows) > 3 and number % 3 == 0 else None
        kind = kinds[number % 7 % 3]
        ranks[kind] += 1
        rows.append(
            {
                "discussion_id": found.id, "space_id": found.space_id, "parent_id": opening.id, "parent_number": 1, "author_id": opening.author_id,
                "number": number, "path": (below["path"] if below and len(below["path"]) < 40 else "") + segment(number), "depth": 1 if below else 0,
                "body": "x", "html": "<p>x</p>", "renderer_version": 1, "status": "visible", "stakeholder_type": kind, "type_rank": ranks[kind],
                "created_at": opening.created_at + timedelta(seconds=number),
            }
        )  # fmt: skip
    with database.transaction() as session:
        session.execute(insert(Post), rows)
        held = session.get_one(Discussion, found.id)
        held.next_number, held.posts_count = length + 1, length
    return found.id


def steps(act: Any) -> int:
    """What an act costs, in steps that do not depend on the machine: of SQLite's own program, or rows PostgreSQL touched."""
    if database.engine().dialect.name == "postgresql":
        return _rows_touched(act)
    database.release()
    count = [0]

    def note() -> int:
        count[0] += 1
        return 0

    raw: Any = database.session().connection().connection.driver_connection
    raw.set_progress_handler(note, 10)
    try:
        act()
    finally:
        raw.set_progress_handler(None, 10)
        database.release()
    return count[0] * 10


def _rows_touched(act: Any) -> int:
    """Rows of posts that were read, by index and by scan, as the server counts them."""
    counted = text("SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = 'posts'")
    database.release()
    before = database.session().scalar(counted) or 0
    act()
    found = database.session().scalar(counted) or 0
    database.release()
    assert found > before
    return int(found - before)


@pytest.mark.parametrize("order", orders.ORDERS)
def test_a_long_discussion_opens_anywhere_for_the_price_of_a_short_one(people: People, order: Order) -> None:
    lengths = {length: long_discussion(people, length) for length in (70, 7000)}
    if database.engine().dialect.name == "postgresql":
        with database.transaction() as session:
            session.execute(text("ANALYZE posts"))

    def opened(length: int, place: str) -> int:
        found = lengths[length]

        def act() -> None:
            number = {"first": 1, "middle": length // 2, "last": length}[place]
            start = orders.last_start(GUEST, found, order) if place == "last" else orders.start_of(GUEST, found, order, number)
            assert orders.page(GUEST, found, order, start).posts

        return steps(act)

    for place in ("first", "middle", "last"):
        assert opened(7000, place) < 2.5 * opened(70, place), place


def test_the_choice_is_remembered_per_person_and_in_the_address_of_a_guest(client: FlaskClient, people: People, conversation: int) -> None:
    people.person(email="r@example.org", password_hash=passwords.make(PASSWORD))
    path = f"/d/{conversation}/{database.session().get_one(Discussion, conversation).slug}"
    guest = client.application.test_client()
    assert 'data-order="tree"' in guest.get(path).text
    assert 'data-order="time"' in guest.get(f"{path}?order=time").text
    assert 'data-order="tree"' in guest.get(f"{path}?order=nonsense").text
    client.post("/sign-in", data={"email": "r@example.org", "password": PASSWORD})
    assert client.post("/settings/reading", data={"order": "balanced", "next": path}).location == path
    assert 'data-order="balanced"' in client.get(path).text
    assert 'data-order="tree"' in client.get(f"{path}?order=tree").text
    post = database.session().scalars(select(Post).where(Post.discussion_id == conversation, Post.number == 6)).one()
    assert client.get(f"/p/{post.id}").location == f"{path}?order=balanced#p{post.id}"
    assert client.post("/settings/reading", data={"order": "sideways"}).status_code == 422


def test_in_time_a_deep_reply_says_whom_it_answers(client: FlaskClient, people: People, conversation: int) -> None:
    path = f"/d/{conversation}/{database.session().get_one(Discussion, conversation).slug}"
    answered = database.session().scalars(select(Post).where(Post.discussion_id == conversation, Post.number == 2)).one()
    name, answered_id = answered.author.name, answered.id
    page = client.get(f"{path}?order=time").text
    assert f'<a href="/p/{answered_id}">in reply to #2</a> <bdi>{name}</bdi>' in page
    services.withdraw_post(people.actor(answered.author), answered)
    assert f'<a href="/p/{answered_id}">in reply to #2</a></p>' in client.get(f"{path}?order=time").text


def test_the_turns_of_old_posts_are_found_when_the_database_is_brought_up(all_databases: Any, settings: Settings, tmp_path: Path) -> None:
    application.start(Settings(database_url=all_databases.empty(), data_dir=tmp_path / "old", secret_key="only for tests"))
    application.migrate()
    try:
        people = People()
        writers = [people.participant(stakeholder_type=kind) for kind in ("government", "media", None)]
        found = discussing.discussion(writers[0])
        for number in (0, 1, 2, 0, 0, 2):
            discussing.reply(writers[number], found)
        before = _turns()
        command.downgrade(schema.config(), "0006")
        command.upgrade(schema.config(), "head")
        assert _turns() == before
        assert before[1] == [{"government": 4, "media": 1, "": 2}]
    finally:
        database.disconnect()


def _turns() -> tuple[list[int], list[Any]]:
    session = database.session()
    found = list(session.scalars(select(Post.type_rank).order_by(Post.id))), list(session.scalars(select(Discussion.turns)))
    database.release()
    return found
