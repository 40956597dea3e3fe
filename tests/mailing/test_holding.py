"""Held mail in the review queue: decided once, told, taken back within a day, and then forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from alliance.accounts import passwords
from alliance.core import clock
from alliance.core import db as database
from alliance.core.errors import Conflict, NotFound, Refused
from alliance.core.settings import Settings
from alliance.discussions import recounting
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion
from alliance.mailing import holding, incoming
from alliance.moderation import items, own, queries
from alliance.moderation.models import LogEntry, ReviewItem
from alliance.moderation.queries import QueueItem
from alliance.policy import Actor
from tests.mailing.test_incoming import Talk, answers, border, message, posts, records, talk, text_of
from tests.people import PASSWORD, People
from tests.threads import in_threads

__all__ = ["border", "talk"]  # fixtures
DAY = timedelta(hours=24)


def held(text: str = "I agree with this.", number: str = "1", talk: Talk | None = None) -> int:
    """A mail that is held; its number in the queue."""
    assert talk is not None
    made = incoming.receive(message("Mallory <mallory@example.net>", talk.address, text, number=number))
    assert (made[0].status, made[0].reason) == ("held", "other-address")
    return item_of(made[0].id).id


def item_of(mail_id: int) -> ReviewItem:
    database.release()
    return database.session().scalars(select(ReviewItem).where(ReviewItem.kind == "held_mail", ReviewItem.subject_id == mail_id)).one()


def told(settings: Settings) -> list[str]:
    """The subjects of all answers there are, in order."""
    return sorted(mail["Subject"] for mail in answers(settings))


def shown_to(actor: Actor) -> list[QueueItem]:
    return queries.queue(actor, wanted=queries.Wanted(kind="held_mail"))[0]


def waiting(actor: Actor) -> list[int]:
    return [one.item.id for one in shown_to(actor)]


def test_a_held_mail_waits_in_the_queue_with_its_text(talk: Talk, people: People) -> None:
    item = held(talk=talk)
    moderator = people.moderator()
    [shown] = shown_to(moderator)
    assert shown.shown is not None
    assert (shown.item.id, shown.shown.plain, shown.item.space_id) == (item, "I agree with this.", posts()[0].space_id)
    assert shown_to(people.participant()) == []


def test_what_will_be_unfolded_below_it_is_seen_before(talk: Talk, people: People) -> None:
    text = "I agree with this.\n\nOn Tue, 3 Nov 2026, Otto <otto@example.net> wrote:\n> Buy poles here."
    held(text, talk=talk)
    [shown] = shown_to(people.moderator())
    assert shown.shown is not None
    assert shown.shown.plain.startswith("I agree with this.\n\nCut off the e-mail:\n\n")
    assert "> Buy poles here." in shown.shown.plain
    assert "otto@" not in shown.shown.plain
    with database.transaction():
        database.session().get_one(Discussion, talk.discussion).attribution = "type"
    [shown] = shown_to(people.moderator())
    assert shown.shown is not None
    assert shown.shown.plain == "I agree with this."


def test_a_mail_held_for_a_private_place_is_shown_to_no_moderator_from_outside(talk: Talk, people: People) -> None:
    held(talk=talk)
    with database.transaction() as session:
        session.get_one(Discussion, talk.discussion).space.visibility = "private"
    assert waiting(people.moderator()) == []


def test_posted_it_is_a_post_of_its_author_who_is_told(talk: Talk, people: People, settings: Settings) -> None:
    item, moderator = held(talk=talk), people.moderator()
    with database.transaction():
        People.of(talk.jane).interface_language = "en"
    items.decide(moderator, item, "approve", "", "")
    database.release()
    done = database.session().get_one(ReviewItem, item)
    assert (done.status, done.decision, done.decided_by_id, posts()[-1].author_id) == (
        "decided",
        "approve",
        moderator.person_id,
        talk.jane.person_id,
    )
    assert (waiting(moderator), done.post_id) == ([], posts()[-1].id)
    [answer] = [one for one in answers(settings) if one["Subject"].startswith("Posted")]
    assert ("A moderator has let your mail" in text_of(answer), f"/p/{done.post_id}" in text_of(answer)) == (True, True)
    assert database.session().scalars(select(LogEntry.act)).all() == ["approve_mail"]


def test_posting_it_is_taken_back_and_decided_anew(talk: Talk, people: People, settings: Settings) -> None:
    item, moderator = held(talk=talk), people.moderator()
    items.decide(moderator, item, "approve", "", "")
    post_id = posts()[-1].id
    items.undo(people.moderator(), item)
    assert (posts()[-1].status, records()[0].status, records()[0].reason, waiting(moderator)) == ("held", "held", "other-address", [item])
    standing = own.standing(talk.jane, post_id)
    assert (standing.waits is not None, standing.place) == (True, 2)
    assert recounting.check().discussions == []
    [shown] = shown_to(moderator)
    assert shown.shown is not None
    assert shown.shown.plain == "I agree with this."
    items.decide(moderator, item, "approve", "", "")
    assert [(post.id, post.status) for post in posts()][1:] == [(post_id, "visible")]
    items.undo(moderator, item)
    items.decide(moderator, item, "refuse", "", "")
    assert ([post.status for post in posts()], records()[0].status) == (["visible", "hidden"], "refused")
    assert recounting.check().discussions == []
    # Written when it is sent: what was decided otherwise since is not told.
    assert len(answers(settings)) == 1
    assert database.session().scalars(select(LogEntry.act).order_by(LogEntry.id)).all() == [
        "approve_mail",
        "undo",
        "approve_mail",
        "undo",
        "refuse_mail",
    ]


def test_refusing_it_is_taken_back_and_its_sender_told_each_time(talk: Talk, people: People, settings: Settings) -> None:
    with database.transaction():
        People.of(talk.jane).interface_language = "en"
    item, moderator = held(talk=talk), people.moderator()
    answers(settings)
    items.decide(moderator, item, "refuse", "", "Not hers.")
    assert len(posts()) == 1
    answers(settings)
    items.undo(moderator, item)
    assert (records()[0].status, waiting(moderator)) == ("held", [item])
    answers(settings)
    items.decide(moderator, item, "refuse", "", "")
    subjects = told(settings)
    assert [one.partition(":")[0] for one in subjects] == ["Held", "Held", "Not posted", "Not posted"]
    assert sum("was taken back: a moderator looks at it again" in text_of(one) for one in answers(settings)) == 1


def test_a_day_later_nothing_is_left_and_nothing_taken_back(talk: Talk, people: People) -> None:
    moderator = people.moderator()
    posted, refused, still = (held(f"Mail {number}.", str(number), talk) for number in range(3))
    items.decide(moderator, posted, "approve", "", "")
    items.decide(moderator, refused, "refuse", "", "")
    kept = clock.now()
    holding.forget()
    assert [row.raw is not None for row in records()] == [True, True, True]
    with clock.freeze(kept + DAY + timedelta(minutes=1)):
        holding.forget()
        assert [(row.raw is not None, row.text) for row in records()] == [(False, ""), (False, "Mail 1."), (True, "Mail 2.")]
        for item in (posted, refused):
            with pytest.raises(Conflict):
                items.undo(moderator, item)
        items.decide(moderator, still, "approve", "", "")
    assert posts()[-1].body == "Mail 2."


def test_what_became_of_the_post_since_stays(talk: Talk, people: People) -> None:
    item, moderator = held(talk=talk), people.moderator()
    items.decide(moderator, item, "approve", "", "")
    discussions.withdraw_post(talk.jane, posts()[-1])
    with pytest.raises(Conflict):
        items.undo(moderator, item)
    assert (records()[0].status, posts()[-1].status) == ("posted", "withdrawn")


def test_what_cannot_be_posted_any_more_stays_in_the_queue_and_says_why(talk: Talk, people: People) -> None:
    item, moderator = held(talk=talk), people.moderator()
    with database.transaction() as session:
        session.execute(update(Discussion).values(locked_at=clock.now()))
    with pytest.raises(Conflict, match="cannot be posted any more"):
        items.decide(moderator, item, "approve", "", "")
    assert (records()[0].status, waiting(moderator), len(posts())) == ("held", [item], 1)
    items.decide(moderator, item, "refuse", "", "")
    assert records()[0].status == "refused"


def test_nobody_lets_their_own_mail_through(talk: Talk, people: People) -> None:
    item = held(talk=talk)
    with database.transaction():
        People.of(talk.jane).role = "moderator"
    mine = People.actor(People.of(talk.jane))
    with pytest.raises((Refused, NotFound)):
        items.decide(mine, item, "approve", "", "")
    assert len(posts()) == 1


def test_two_at_once_are_one_decision_and_the_other_sees_it(talk: Talk, people: People) -> None:
    item = held(talk=talk)
    moderators = [people.moderator(), people.moderator()]
    decided = in_threads(2, lambda: items.decide(moderators.pop(), item, "approve", "", ""))
    assert [type(late) for late in decided] == [items.Decided]
    assert (len(posts()), item_of(records()[0].id).decision) == (2, "approve")


def test_the_page_shows_it_and_the_old_address_leads_there(client: FlaskClient, talk: Talk, people: People) -> None:
    item = held("See <b>this</b>.", talk=talk)
    people.moderator(email="mona@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "mona@example.org", "password": PASSWORD})
    answer = client.get("/moderation/mail")
    assert (answer.status_code, answer.location) == (301, "/moderation?kind=held_mail")
    for page in ("/moderation?kind=held_mail", f"/moderation/items/{item}"):
        assert "See &lt;b&gt;this&lt;/b&gt;." in client.get(page).text
    decided = client.post(f"/moderation/items/{item}", data={"decision": "refuse"}, follow_redirects=True).text
    assert "For 24 hours you can take it back" in decided
    assert "See &lt;b&gt;this" in client.get(f"/moderation/items/{item}").text
    client.post(f"/moderation/items/{item}/undo")
    assert records()[0].status == "held"


def test_that_mails_are_held_is_told_three_times_a_day_with_how_long_it_takes(talk: Talk, people: People, settings: Settings) -> None:
    with database.transaction():
        People.of(talk.jane).interface_language = "en"
    first = held(number="0", talk=talk)
    answers(settings)
    items.decide(people.moderator(), first, "refuse", "", "")
    answers(settings)
    for number in range(1, 6):
        held(number=str(number), talk=talk)
    found = answers(settings)
    said = [text_of(one) for one in found if one["Subject"].startswith("Held")]
    assert (len(said), ["Deciding takes" in one for one in said].count(True)) == (3, 2)


def test_whoever_wrote_is_not_told_where_the_border_says_it_is_forged(talk: Talk, settings: Settings, border: Any) -> None:
    border(mail_border="mx.example.org")
    raw = message("jane@example.org", talk.address, headers="Authentication-Results: mx.example.org; dmarc=fail header.from=example.org")
    assert incoming.receive(raw)[0].status == "held"
    assert answers(settings) == []
