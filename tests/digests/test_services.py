"""Digests on a database: every sentence stands verbatim in what it cites, and what may not be read is not there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from alliance.core import clock
from alliance.core.errors import Invalid, Refused
from alliance.core.i18n import use_locale
from alliance.digests import queries, render, services
from alliance.digests.document import build
from alliance.digests.models import Citation, Digest
from alliance.discussions import services as discussions
from alliance.discussions.models import Post, PostRevision
from alliance.policy import Actor
from tests.digests.conftest import TYPES, Forum
from tests.people import People

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
SYSTEM = Actor.system()


def compiled(space: Any = None) -> Digest:
    """The digest of June, read anew."""
    made = services.compile_digest(SYSTEM, *JUNE, space)
    return queries.get_digest(Actor.guest(), made.id)


def body_of(db: Any, cited: Citation) -> str:
    """What the cited revision of a post says."""
    post = db.session().get_one(Post, cited.post_id)
    if post.revision == cited.revision:
        return str(post.body)
    query = select(PostRevision.body).where(PostRevision.post_id == post.id, PostRevision.number == cited.revision)
    return str(db.session().scalar(query))


def verbatim(db: Any, digest: Digest) -> int:
    """Check every sentence of a digest; returns how many."""
    checked = 0
    for point in digest.points:
        assert point.text == point.citations[0].quote
        for cited in point.citations:
            assert body_of(db, cited)[cited.start : cited.end] == cited.quote
            checked += 1
    return checked


def test_every_sentence_stands_verbatim_in_the_cited_revision(db: Any, forum: Forum) -> None:
    forum.six_languages()
    assert verbatim(db, compiled()) >= 6


def test_also_after_the_post_was_edited(db: Any, forum: Forum) -> None:
    opened = forum.open("Access", "Every village should have one line that works all day and all night.")
    digest = compiled()
    post = db.session().scalar(select(Post).where(Post.discussion_id == opened.id))
    discussions.edit_post(SYSTEM, post, "Something else is written here by now, all of it.", expected_revision=1)
    again = queries.get_digest(Actor.guest(), digest.id)
    assert verbatim(db, again) == 1
    assert "/history" in build(again).chapters[1].groups[0].paragraphs[0].notes[0].url


def test_every_stakeholder_type_that_spoke_is_heard(forum: Forum) -> None:
    forum.six_languages()
    digest = compiled()
    assert {point.citations[0].stakeholder_type for point in digest.points} == set(TYPES)
    assert digest.figures["posts_by_type"] == dict.fromkeys(sorted(TYPES), 1)
    assert digest.figures["types_not_heard"] == []
    assert digest.figures["regions_not_heard"] == [
        "asia_pacific",
        "eastern_european",
        "latin_american_caribbean",
        "western_european_others",
    ]


def test_numbers_add_up(forum: Forum) -> None:
    forum.six_languages()
    forum.open("Who answers?", "Nobody has said yet who should keep the register of the schools.", code="c4")
    digest = compiled()
    table = digest.figures["participation"]
    assert sum(sum(row["types"].values()) for row in table) == digest.figures["posts"] == 7
    assert [row["posts"] for row in digest.figures["active"]] == [6, 1]
    assert len(digest.figures["unanswered"]) == 1


def test_only_what_everybody_may_read(db: Any, forum: Forum) -> None:
    opened = forum.open("Access", "The visible sentence is about schools and their long way to the network.")
    gone = forum.reply(opened, "The withdrawn sentence is about a secret that nobody should read here.")
    discussions.withdraw_post(SYSTEM, gone)
    digest = compiled(forum.space("c2"))
    assert [point.text for point in digest.points] == ["The visible sentence is about schools and their long way to the network."]
    assert digest.figures["posts"] == 1


def test_what_is_withdrawn_later_is_retracted_everywhere(db: Any, forum: Forum) -> None:
    opened = forum.open("Access", "The first sentence is about schools and their long way to the network.")
    later = forum.reply(opened, "The second sentence proposes a levy on spectrum to pay for rural masts.")
    digest = compiled()
    discussions.withdraw_post(SYSTEM, db.session().get_one(Post, later.id))
    again = queries.get_digest(Actor.guest(), digest.id)
    assert "spectrum" not in render.text(again)
    assert "spectrum" not in str(render.as_dict(again))
    assert "retracted" in render.text(again)
    assert render.pdf(again).startswith(b"%PDF")


@pytest.mark.parametrize("language", ["ar", "zh", "en", "fr", "ru", "es"])
def test_it_renders_in_six_languages(forum: Forum, language: str) -> None:
    forum.six_languages()
    digest = compiled()
    with use_locale(language):
        assert render.pdf(digest).startswith(b"%PDF")
        assert digest.symbol in render.text(digest)


@pytest.mark.parametrize(
    "body",
    [
        "x" * 100_000,
        "The fund must pay. " * 5_000,
        "```\ncode only, nothing said in words here\n```",
        "😀 🎉 🇰🇪 Emoji stand in this sentence about the budget of the schools 👩‍🏫.",
        "The \u202eoverride is never closed in this sentence about the budget",
        "Ꭰ Ꮳ ᎠᏂ ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ᎠᎴ ᎾᏍᎩ ᎤᏂᏬᏂᏍᏗ ᏂᎨᏒᎾ ᎨᏒᎢ ᎠᏂᏣᎳᎩ.",
        "हमें गाँवों में इंटरनेट की पहुँच के लिए और अधिक धन चाहिए। यह ज़रूरी है।",
        '#let x = "typst" #panic("no") $ sum $ @ref <label> _a_ *b* \\ // not a comment in this sentence',
        "| a | b |\n|---|---|\n| one cell | another cell |",
    ],
)
def test_odd_posts_break_nothing(db: Any, forum: Forum, body: str) -> None:
    forum.open("Odd \u202e title #panic()", body)
    digest = compiled()
    verbatim(db, digest)
    assert render.pdf(digest).startswith(b"%PDF")
    assert render.text(digest)
    assert render.as_dict(digest)["symbol"] == digest.symbol


def test_an_empty_period_says_so(forum: Forum) -> None:
    digest = services.compile_digest(SYSTEM, date(2001, 1, 1), date(2001, 1, 2))
    assert digest.points == []
    assert "Nothing was said" in render.text(digest)
    assert render.pdf(digest).startswith(b"%PDF")


def test_symbols_count_through_the_year(forum: Forum, db: Any) -> None:
    forum.open("Access", "Every village should have one line that works all day and all night.")
    year = clock.now().year
    assert [compiled().symbol, compiled().symbol] == [f"ALLIANCE/DIG/{year}/01", f"ALLIANCE/DIG/{year}/02"]
    assert db.session().scalar(select(func.count()).select_from(Digest)) == 2


def test_the_same_posts_give_the_same_digest(forum: Forum) -> None:
    forum.six_languages()
    assert [point.text for point in compiled().points] == [point.text for point in compiled().points]


def test_bad_periods_are_refused(db: Any) -> None:
    with pytest.raises(Invalid):
        services.compile_digest(SYSTEM, date(2026, 6, 2), date(2026, 6, 1))
    with pytest.raises(Invalid):
        services.compile_digest(SYSTEM, date(1900, 6, 2), date(2026, 6, 1))
    with pytest.raises(Invalid):
        services.parse_day("32 June", "from")


def test_only_rapporteurs_compile(people: People) -> None:
    for actor in (Actor.guest(), people.participant(), people.moderator(suspended_at=clock.now())):
        with pytest.raises(Refused):
            services.compile_digest(actor, *JUNE)
    assert services.compile_digest(people.moderator(), *JUNE).compiled_by_id
