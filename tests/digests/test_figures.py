"""What is counted: sections, the scale of counting words, change against the period before, what became of the last digest, polls."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from alliance.digests import queries, render, scale, services
from alliance.digests.annex import change
from alliance.digests.document import build
from alliance.discussions.models import Post
from alliance.policy import Actor
from alliance.signals.models import SignalCount
from tests.digests.conftest import Forum
from tests.digests.test_services import JUNE, compiled

SYSTEM = Actor.system()


@pytest.mark.parametrize(
    ("people", "of", "objections", "word"),
    [(1, 1, 0, "one"), (2, 100, 0, "some"), (3, 12, 0, "several"), (2, 8, 0, "some"), (4, 10, 0, "many"), (6, 10, 0, "most"), (9, 10, 0, "general"), (9, 10, 1, "most"), (0, 0, 0, "one")],
)  # fmt: skip
def test_each_counting_word_is_an_exact_share(people: int, of: int, objections: int, word: str) -> None:
    assert scale.word({"people": people, "of": of, "positions": {"object": objections}}) == word


def test_what_is_objected_to_is_divergence(db: Any, forum: Forum) -> None:
    opened = forum.open("Levy", "A levy on spectrum pays for rural masts in every district of the country.")
    post = db.session().scalar(select(Post).where(Post.discussion_id == opened.id))
    with db.transaction() as session:
        session.add(SignalCount(post_id=post.id, kind="object", stakeholder_type="private_sector", count=2))
        session.add(SignalCount(post_id=post.id, kind="support", stakeholder_type="government", count=1))
    digest = compiled()
    assert [point.section for point in digest.points] == ["divergence"]
    assert "2 objecting" in render.text(digest)


def test_what_several_types_state_is_convergence(forum: Forum) -> None:
    said = "Rural schools lack electric power and a stable network line in the mountain districts."
    opened = forum.open("Power", said)
    for kind in ("government", "media", "private_sector"):
        forum.reply(opened, said, kind)
    digest = compiled()
    assert "convergence" in {point.section for point in digest.points}
    assert "Points of convergence" in render.text(digest)


def test_change_against_the_period_before(forum: Forum) -> None:
    forum.six_languages()
    digest = services.compile_digest(SYSTEM, date(2026, 6, 12), date(2026, 6, 20))
    assert digest.figures["before"]["posts"] == 6
    again = compiled()
    assert again.figures["before"]["posts"] == 0
    assert [table.caption for table in build(again).tables][-1] == "Contributions by regional group"
    assert [change(3, 1), change(1, 3), change(2, 2)] == ["+2", "\u22122", "±0"]


def test_what_became_of_the_last_digests_points(forum: Forum) -> None:
    forum.six_languages()
    first = compiled()
    later = services.compile_digest(SYSTEM, date(2026, 7, 1), date(2026, 7, 31))
    assert later.figures["former"]["digest"] == first.id
    text = render.text(queries.get_digest(SYSTEM, later.id))
    assert first.symbol in text
    assert "nothing further was said" in " ".join(text.split())


def test_ten_thousand_identical_posts_are_one_point(forum: Forum, db: Any) -> None:
    opened = forum.open("Same", "The very same sentence about the price of access is said again and again.")
    for _number in range(40):
        forum.reply(opened, "The very same sentence about the price of access is said again and again.")
    digest = compiled()
    assert len(digest.points) == 1
    assert digest.points[0].support["people"] == 2
    assert services.compile_digest(SYSTEM, *JUNE).figures["posts"] == 41
