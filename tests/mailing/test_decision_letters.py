"""Mail to authors about what moderators did with their posts: one for each decision, with the reason, the text, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from alliance.accounts.models import Person
from alliance.core import db
from alliance.mailing import drafting, services
from alliance.mailing.models import OutgoingMail
from alliance.moderation import appeals, items, own, queries
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.watching import services as watching
from alliance.watching.models import BY_DEFAULT
from tests import discussing
from tests.people import People

Drain = Callable[[], Any]
LINKS = "Buy https://a.example https://b.example https://c.example https://d.example https://e.example"


@pytest.fixture
def author(people: People, db: Any) -> Actor:
    return people.participant(posts_count=9, email="author@example.org")


@pytest.fixture
def post_id(people: People, author: Actor) -> int:
    return discussing.reply(
        author, discussing.discussion(people.participant(posts_count=9), title="The last mile"), body="Buy *watches*."
    ).id


def letters(actor: Actor) -> list[tuple[str, str]]:
    """Each mail about decisions to somebody, in order: what it is about, and what it says now ("" when nothing)."""
    db.release()
    query = select(OutgoingMail).where(OutgoingMail.person_id == actor.person_id, OutgoingMail.kind == "moderation")
    found = []
    for row in db.session().scalars(query.order_by(OutgoingMail.id)):
        made = drafting.draft_of(row)
        found.append((row.key.split("-", 2)[2], made.text if made is not None else ""))
    return found


def test_each_decision_about_a_post_is_told(people: People, author: Actor, post_id: int, drain: Drain) -> None:
    moderator = people.moderator()
    for turn in ("Sells watches.", "Still sells watches."):
        moderation.hide(moderator, post_id, turn, "spam")
        drain()
        said = letters(author)[-1]
        assert said[0] == "hidden"
        for words in (
            "Moderators have hidden your post #2",
            "Advertising or spam: " + turn,
            "Buy *watches*.",
            f"/p/{post_id}/waiting",
            "or appeal",
        ):
            assert words in said[1]
        moderation.restore(moderator, post_id, "A mistake.", "fine")
        drain()
        assert "visible again" in letters(author)[-1][1]
    assert [what for what, _text in letters(author)] == ["hidden", "restored"] * 2
    # What holds no more is not sent: twice hidden, now read.
    assert [bool(text) for _what, text in letters(author)] == [False, True, False, True]


def test_a_held_post_is_told_of_too(people: People, drain: Drain) -> None:
    found, newcomer, moderator = discussing.discussion(people.participant(posts_count=9)), people.participant(), people.moderator()
    post_id = discussing.reply(newcomer, found, body=LINKS).id
    item = next(one.item.id for one in queries.queue(moderator)[0] if one.item.kind == "held_post")
    items.decide(moderator, item, "refuse", "spam", "Too many links.")
    drain()
    assert ("is not published" in letters(newcomer)[-1][1], LINKS in letters(newcomer)[-1][1]) == (True, True)
    items.undo(moderator, item)
    drain()
    assert "waits for a moderator again" in letters(newcomer)[-1][1]
    items.decide(moderator, item, "approve")
    drain()
    assert ("is published" in letters(newcomer)[-1][1], f"/p/{post_id}" in letters(newcomer)[-1][1]) == (True, True)


def test_only_who_wants_it_and_may_know_it(people: People, author: Actor, post_id: int, drain: Drain) -> None:
    watching.choose_news(author, BY_DEFAULT - {("moderation", "mail")})
    flagger = people.participant()
    moderation.flag_post(flagger, post_id, "spam", "")
    moderation.hide(people.moderator(), post_id, "Spam.")
    drain()
    assert ([text for _what, text in letters(author)], letters(flagger)) == ([""], [])
    watching.choose_news(author, BY_DEFAULT)
    assert letters(author)[0][1]
    with db.transaction() as session:
        session.get_one(Person, author.person_id).confirmed_at = None
    assert letters(author)[0][1] == ""


def test_stopping_mails_about_answers_does_not_stop_these(people: People, author: Actor, post_id: int, drain: Drain) -> None:
    services.unsubscribe(author.person_id or 0, services.ALL)
    moderation.hide(people.moderator(), post_id, "Spam.")
    drain()
    assert letters(author)[0][1]


def test_what_waits_again_though_it_is_hidden_is_told(people: People, author: Actor, post_id: int, drain: Drain) -> None:
    moderator = people.moderator()
    moderation.hide(people.moderator(), post_id, "Spam.")
    own.rewrite(author, post_id, "Nothing is for sale.")
    item = next(one.item.id for one in queries.queue(moderator)[0] if one.item.kind == "held_post")
    items.decide(moderator, item, "approve")
    items.undo(moderator, item)
    drain()
    what, text = letters(author)[-1]
    assert (what, "waits for a moderator again" in text, "or appeal" in text, "Nothing is for sale." in text) == (
        "reopened",
        True,
        False,
        True,
    )
    items.decide(moderator, item, "refuse", "spam", "It still is.")
    drain()
    assert [bool(text) for what, text in letters(author) if what in {"reopened", "refused"}] == [False, True]


def test_an_appeal_that_is_refused_is_told_with_its_answer(people: People, author: Actor, post_id: int, drain: Drain) -> None:
    moderation.hide(people.moderator(), post_id, "Spam.")
    appeals.appeal(author, post_id, "It is none.")
    other = people.moderator()
    item = next(one.item.id for one in queries.queue(other)[0] if one.item.kind == "appeal")
    items.decide(other, item, "refuse", "", "It sells watches.")
    drain()
    what, text = letters(author)[-1]
    assert (what, "It sells watches." in text, "or appeal" in text) == ("appeal_refused", True, False)


def test_the_text_comes_back_in_its_own_direction(people: People, author: Actor, post_id: int, drain: Drain) -> None:
    with db.transaction() as session:
        session.get_one(Person, author.person_id).interface_language = "ar"
    moderation.hide(people.moderator(), post_id, "Names a person.")
    drain()
    [row] = db.session().scalars(select(OutgoingMail).where(OutgoingMail.person_id == author.person_id, OutgoingMail.kind == "moderation"))
    made = drafting.draft_of(row)
    assert made is not None
    assert '<div class="quote"><p class="line-ends" dir="auto">Buy *watches*.</p></div>' in made.html
    assert "\u2068Names a person.\u2069" in made.text
    assert made.html.count("/settings/notifications") == 1
    assert "\nBuy *watches*.\n" in made.text
