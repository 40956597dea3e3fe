"""What is counted: sections, the scale of counting words, change against the period before, what became of the last digest, polls."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alliance.digests import addressees, around, editing, queries, render, scale, services
from alliance.digests.annex import change
from alliance.digests.document import build
from alliance.discussions.models import Post
from alliance.groups.models import Group, Space
from alliance.policy import Actor
from alliance.signals.models import SignalCount
from tests.digests.conftest import THEN, Forum
from tests.digests.test_services import JUNE, compiled

SYSTEM = Actor.system()


@pytest.mark.parametrize(
    ("people", "of", "objections", "word"),
    [(1, 1, 0, "one"), (2, 100, 0, "some"), (3, 12, 0, "several"), (2, 8, 0, "some"), (4, 10, 0, "many"), (6, 10, 0, "most"), (9, 10, 0, "general"), (9, 10, 1, "most"), (0, 0, 0, "one")],
)  # fmt: skip
def test_each_counting_word_is_an_exact_share(people: int, of: int, objections: int, word: str) -> None:
    assert scale.word({"people": people, "of": of, "positions": {"object": objections, "support": 2}}) == word


def test_agreement_is_told_only_where_people_said_so() -> None:
    assert scale.word({"people": 9, "of": 10, "positions": {"support": 1}}) == "most"
    assert scale.word({"people": 9, "of": 10, "positions": {"support": 1, "can_live_with": 1}}) == "general"


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
    assert [table.caption for table in build(again).tables][2] == "Contributions by regional group"
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


def test_positions_are_told_by_stakeholder_type_and_survive_a_merge(db: Any, forum: Forum) -> None:
    opened = forum.open("Levy", "A levy on spectrum pays for rural masts in every district of the country.")
    post = db.session().scalar(select(Post).where(Post.discussion_id == opened.id))
    forum.reply(opened, "Libraries keep their reading rooms open until nine in the evening all year.")
    with db.transaction() as session:
        session.add(SignalCount(post_id=post.id, kind="support", stakeholder_type="government", count=3))
    digest = compiled()
    supported = next(one for one in digest.points if one.support["positions"])
    assert supported.support["positions_by_type"] == {"support": {"government": 3}}
    assert "3 in support [Government (3)]" in " ".join(render.text(digest).split())
    other = next(one for one in digest.points if one is not supported)
    editing.merge(SYSTEM, digest, supported.id, supported.version, other.id, other.version)
    kept = next(one for one in queries.get_digest(SYSTEM, digest.id).points if one.id == other.id)
    assert kept.support["positions"] == {"support": 3}


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ("Governments should publish the prices of access every year.", ["government"]),
        ("We call upon UNESCO and the media to report on it.", ["media", "UNESCO"]),
        ("Citizens should not be asked for it by governments.", []),
        ("Les opérateurs devraient publier leurs tarifs.", ["private_sector"]),
        ("各国政府应当公布农村宽带建设的资金来源。", ["government"]),
        ("يجب على الشركات أن تنشر الأسعار.", []),
        ("القطاع الخاص يجب أن ينشر الأسعار.", ["private_sector"]),
        ("Государства должны публиковать сведения о связи.", ["government"]),
    ],
    ids=["en", "call", "elsewhere", "fr", "zh", "ar-after", "ar", "ru"],
)  # fmt: skip
def test_who_is_asked_to_act(said: str, whom: list[str]) -> None:
    assert addressees.addressed(said, ["ITU", "UNESCO"]) == whom


def test_recommendations_are_listed_by_addressee(forum: Forum) -> None:
    forum.open("Prices", "Governments should publish the prices of access in every district once a year.")
    text = " ".join(render.text(compiled()).split())
    assert "Recommendations and requests by addressee" in text
    assert "Addressed to Government: see paragraphs 4." in text


def test_groups_that_came_and_went(db: Any, forum: Forum) -> None:
    forum.six_languages()
    for code, visibility in (("open-prices", "public"), ("hidden-prices", "private")):
        with db.transaction() as session:
            texts: dict[str, Any] = {"titles": {"en": f"Group {code}"}, "descriptions": {}, "sources": {}, "facilitators": []}
            space = Space(code=code, kind="group", visibility=visibility, closed_at=THEN, **texts)
            session.add(space)
            session.flush()
            session.add(
                Group(
                    space_id=space.id,
                    status="closed",
                    visibility=visibility,
                    joining="open",
                    languages=["en"],
                    targets={},
                    decided_at=THEN,
                    created_at=THEN,
                )
            )
    text = " ".join(render.text(compiled()).split())
    assert "These working groups began their work in the period: - Group open-prices" in text
    assert "These working groups ended their work: - Group open-prices" in text
    assert "hidden" not in text
    assert "Group" not in render.text(services.compile_digest(SYSTEM, date(2026, 5, 1), date(2026, 5, 31)))


def test_charts_say_in_words_what_they_show(forum: Forum) -> None:
    forum.six_languages()
    document = build(compiled())
    assert [(chart.name, sum(bar.number for bar in chart.bars)) for chart in document.charts] == [("types", 6), ("regions", 6), ("time", 6)]
    drawn = document.charts[0].svg()
    assert 'role="img"' in drawn
    assert "Contributions by stakeholder type. Government: 1" in drawn
    assert "bar-government" in drawn
    assert [table.caption for table in document.tables][-1] == "Contributions over time"
    assert not build(services.compile_digest(SYSTEM, date(2026, 1, 1), date(2026, 1, 31))).charts


def test_time_is_cut_into_few_stretches(forum: Forum) -> None:
    forum.six_languages()
    posts = queries.posts_between(*queries.bounds(*JUNE), None)
    for days, stretches in ((7, 7), (30, 5), (365, 14)):
        made = around.over_time(posts, THEN - timedelta(days=3), THEN + timedelta(days=days - 3))
        assert (len(made), sum(number for _day, number in made)) == (stretches + (1 if days == 7 else 0), 6)
