"""The review queue with much in it: however much waits and was decided, its pages read no more than so much."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from alliance.core import clock, db
from alliance.moderation import queries
from alliance.moderation.models import ReviewItem
from tests import discussing
from tests.people import People
from tests.reads import reads
from tests.signing import signed_in

MUCH = 1_500
PAGES = (
    "/moderation",
    "/moderation?kind=flag",
    "/moderation?kind=held_post&language=en",
    "/moderation?space=1",
    "/moderation?status=decided",
)
Row = dict[str, Any]
_subjects = count(10**6)


@pytest.fixture
def post(db: Any, people: People) -> Row:
    """What the queue keeps of a post."""
    author = people.participant(posts_count=9)
    made = discussing.reply(author, discussing.discussion(author))
    return {"post_id": made.id, "person_id": made.author_id, "space_id": made.space_id}


def burden(post: Row, number: int, **columns: Any) -> None:
    """So many things about a post in the queue."""
    now = clock.now()
    row = {"kind": "flag", "status": "open", "audience": "moderators", "language": "en", "rule": "", "data": {}, "notes": [], "decision": "", "reason_code": "", "reason": "", "created_at": now}  # fmt: skip
    with db.transaction() as session:
        session.execute(insert(ReviewItem), [post | row | columns | {"subject_id": next(_subjects)} for _one in range(number)])


def burdened(post: Row, people: People) -> None:
    """Much more waits, and much more was decided this week."""
    now = clock.now()
    for kind in ("flag", "held_post", "affiliation"):
        burden(post, MUCH, kind=kind)
    burden(post, MUCH, status="decided", decision="keep", decided_at=now, wait=60)
    burden(post, MUCH, status="closed", decided_at=now - timedelta(days=1))
    with db.transaction() as session:
        session.execute(text("ANALYZE review_items"))


def test_it_is_counted_up_to_a_number(post: Row, people: People, app: Flask) -> None:
    moderator = people.moderator()
    burden(post, 7, kind="held_post")
    burden(post, queries.MOST + 500)
    burden(post, queries.MOST + 500, status="decided", decision="keep", decided_at=clock.now(), wait=60)
    numbers = queries.numbers(moderator)
    assert dict(numbers.waiting) == {"flag": queries.MOST, "held_post": 7}
    assert (numbers.total, numbers.decided, queries.waiting(moderator)) == (queries.MOST, queries.MOST, queries.MOST)
    page = signed_in(app.test_client(), people.moderator()).get("/moderation").text
    assert page.count("1,000+") == 4, "what waits, of which kind, what was decided; and in the header"
    assert "(7)" in page


def test_a_page_reads_no_more_where_more_waits(post: Row, people: People, app: Flask) -> None:
    client = signed_in(app.test_client(), people.moderator())
    burdened(post, people)
    few = {page: reads(lambda page=page: client.get(page)) for page in PAGES}  # type: ignore[misc]
    for _time in range(3):
        burdened(post, people)
    for page in PAGES:
        many = reads(lambda page=page: client.get(page))  # type: ignore[misc]
        assert set(many) == set(few[page]), page
        for sql, cost in many.items():
            assert cost <= few[page][sql] * 1.2 + 100, (page, few[page][sql], cost, sql)
