"""The digest of the whole Alliance, assembled from those of its spaces: signed words and their citations first, the rest compiled."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from alliance.digests import editing, queries, render, services, states
from alliance.digests.models import Digest
from alliance.digests.sourcing import Worded
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.policy import Actor
from tests.digests.conftest import Forum
from tests.digests.test_services import JUNE

SYSTEM = Actor.system()
WORDS = "One line for each village was asked for, in the words of the rapporteur."


def signed_week(forum: Forum) -> Digest:
    """The week of c2, reworded by a rapporteur and signed by another person."""
    made = services.compile_digest(SYSTEM, date(2026, 6, 8), date(2026, 6, 14), forum.space("c2"))
    point = made.points[0]
    kept = [Worded(WORDS, "en", was=1)]
    editing.reword(SYSTEM, made, point.id, point.version, kept)
    first, second = (forum.people.actor(forum.people.person(role="moderator")) for _ in range(2))
    states.submit(first, made)
    return states.sign(second, queries.get_digest(SYSTEM, made.id))


def whole() -> Digest:
    """June of the whole Alliance, read anew."""
    return queries.get_digest(SYSTEM, services.compile_digest(SYSTEM, *JUNE).id)


def test_signed_points_come_first_and_the_rest_is_compiled(forum: Forum) -> None:
    forum.open("Villages", "Every village should have one line that works all day and all night.", "government")
    forum.open("Schools", "Schools should receive their machines before the rain begins in autumn.", "media", code="c3")
    week = signed_week(forum)
    month = whole()
    carried = [one for one in month.points if one.text == WORDS]
    assert len(carried) == 1
    assert carried[0].sentences[0]["own"]
    assert [(one.post_id, one.start, one.end, one.hash) for one in carried[0].citations] == [
        (one.post_id, one.start, one.end, one.hash) for one in week.points[0].citations
    ]
    assert carried[0].reasons[0] == {"code": "carried", "symbol": week.symbol}
    others = [one for one in month.points if one.text != WORDS]
    assert [one.text for one in others] == ["Schools should receive their machines before the rain begins in autumn."]
    assert month.settings["assembled"] == [week.symbol]
    assert f"assembled from digests signed before, whose key points came first, as they were worded: {week.symbol}" in " ".join(
        render.text(month).split()
    )


def test_what_is_not_signed_or_was_withdrawn_is_no_source(db: Any, forum: Forum) -> None:
    forum.open("Villages", "Every village should have one line that works all day and all night.", "government")
    services.compile_digest(SYSTEM, date(2026, 6, 8), date(2026, 6, 14), forum.space("c2"))
    assert whole().settings["assembled"] == []
    week = signed_week(forum)
    states.withdraw(forum.people.actor(forum.people.person(role="secretariat")), week, "It was wrong.")
    month = whole()
    assert month.settings["assembled"] == []
    assert [one.text for one in month.points] == ["Every village should have one line that works all day and all night."]


def test_what_was_withdrawn_since_is_not_carried(db: Any, forum: Forum) -> None:
    opened = forum.open("Villages", "Every village should have one line that works all day and all night.", "government")
    signed_week(forum)
    post = db.session().scalar(select(Post).where(Post.discussion_id == opened.id))
    discussions.withdraw_post(SYSTEM, post)
    month = whole()
    assert not month.gathered
    assert WORDS not in render.text(month)


def test_a_digest_of_a_space_is_not_assembled(forum: Forum) -> None:
    forum.open("Villages", "Every village should have one line that works all day and all night.", "government")
    signed_week(forum)
    month = services.compile_digest(SYSTEM, *JUNE, forum.space("c2"))
    assert month.settings["assembled"] == []
