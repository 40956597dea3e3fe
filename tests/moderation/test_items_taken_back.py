"""Taking back within a day what was asked of authors, answered to appeals, and moved to another space."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from alliance.accounts import passwords
from alliance.core import clock, db
from alliance.core import db as db_module
from alliance.core.errors import Conflict, NotFound, Refused
from alliance.discussions import recounting
from alliance.discussions.models import Discussion, Post
from alliance.mailing import drafting
from alliance.mailing.models import OutgoingMail
from alliance.moderation import appeals, items, log, moves, own, queries, services
from alliance.moderation import people as judging
from alliance.moderation.models import LogEntry, ReviewItem
from alliance.notifications.models import Notification
from alliance.policy import Actor
from tests import discussing
from tests.people import PASSWORD, People

Drain = Callable[[], Any]
LINKS = "Buy https://a.example https://b.example https://c.example https://d.example https://e.example"
SPAM = judging.Why("spam", "Sells watches.")


@pytest.fixture
def author(people: People, db: Any) -> Actor:
    return people.participant(posts_count=9)


@pytest.fixture
def post(author: Actor) -> Post:
    return discussing.reply(author, discussing.discussion(author), body="Disputed.")


def told(actor: Actor) -> list[str]:
    db.release()
    query = select(Notification.detail).where(Notification.person_id == actor.person_id, Notification.kind == "moderation")
    return list(db.session().scalars(query.order_by(Notification.id)))


def waits(moderator: Actor, kind: str) -> int:
    return next(one.item.id for one in queries.queue(moderator)[0] if one.item.kind == kind)


def acts() -> list[str]:
    return list(db.session().scalars(select(LogEntry.act).order_by(LogEntry.id)))


def miscounted() -> list[int]:
    found = recounting.check()
    return [*found.discussions, *found.spaces]


def now_of(actor: Actor) -> Actor:
    db.session().expire_all()
    return People.actor(People.of(actor))


@pytest.mark.parametrize("decision", ["rephrase", "refuse", "approve"])
def test_what_was_decided_about_a_held_post_is_taken_back_and_told(people: People, db: Any, drain: Drain, decision: str) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    newcomer, secretariat = people.participant(), people.secretariat()
    post_id = discussing.reply(newcomer, found, body=LINKS).id
    item = waits(secretariat, "held_post")
    items.decide(secretariat, item, decision, "spam", "Too many links.")
    items.undo(secretariat, item)
    drain()
    standing = own.standing(newcomer, post_id)
    assert standing.waits is not None
    assert (standing.post.status, standing.place, standing.last, told(newcomer)[-1]) == ("held", 1, None, "reopened")
    with pytest.raises(NotFound):
        appeals.against(newcomer, post_id)
    assert (acts()[-2:], log.verify()[1]) == ([decision, "undo"], None)


def test_what_the_author_wrote_anew_meanwhile_is_decided_instead(people: People, db: Any) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    newcomer, secretariat = people.participant(), people.secretariat()
    post = discussing.reply(newcomer, found, body=LINKS)
    item = waits(secretariat, "held_post")
    items.decide(secretariat, item, "rephrase", "spam")
    own.rewrite(newcomer, post.id, "Nothing is for sale.")
    with pytest.raises(Conflict):
        items.undo(secretariat, item)
    assert (post.body, acts()[-1]) == ("Nothing is for sale.", "rephrase")


def test_what_hid_a_post_is_told_again_when_reading_it_again_is_taken_back(people: People, author: Actor, post: Post) -> None:
    moderator, post_id = people.moderator(), post.id
    services.hide(people.moderator(), post_id, "A shop.", "spam")
    own.rewrite(author, post_id, "No shop.")
    item = waits(moderator, "held_post")
    items.decide(moderator, item, "approve")
    items.undo(moderator, item)
    last = own.standing(author, post_id).last
    assert (last.act if last else "", last.reason if last else "", post.status) == ("hide", "A shop.", "hidden")
    assert appeals.against(author, post_id).reason == "A shop."


@pytest.mark.parametrize(("first", "then"), [("grant", "refuse"), ("refuse", "grant")])
def test_an_appeal_is_decided_again(people: People, author: Actor, post: Post, drain: Drain, first: str, then: str) -> None:
    hider, other, post_id = people.moderator(), people.moderator(), post.id
    services.hide(hider, post_id, "A shop.", "spam")
    made = appeals.appeal(author, post_id, "It is no shop.")
    asked = made.id
    item = waits(other, "appeal")
    items.decide(other, item, first, reason="Looked at.")
    with pytest.raises(Refused):
        items.undo(hider, item)
    with clock.freeze(clock.now() + timedelta(hours=25)), pytest.raises(Conflict):
        items.undo(other, item)
    items.undo(other, item)
    assert (post.status, made.status, made.answer, made.decided_at) == ("hidden", "open", "", None)
    with pytest.raises(Conflict):
        appeals.appeal(author, post_id, "Once more.")
    items.decide(other, item, then, reason="Looked at better.")
    drain()
    outcome = {"grant": "restored", "refuse": "appeal_refused"}
    assert told(author)[-3:] == [outcome[first], "appeal_reopened", outcome[then]]
    status = db.session().get_one(Post, post_id).status
    made = db.session().get_one(appeals.Appeal, asked)
    assert (made.answer, status) == ("Looked at better.", {"grant": "visible", "refuse": "hidden"}[then])
    named = {"grant": "grant_appeal", "refuse": "refuse_appeal"}
    kept = [act for act in acts() if act != "restore"]
    assert (kept[-3:], log.verify()[1], miscounted()) == ([named[first], "undo", named[then]], None, [])


def test_what_is_taken_back_elsewhere_takes_no_appeal_and_no_reason_away(people: People, author: Actor, post: Post) -> None:
    flagger, moderator, hider, post_id = people.participant(), people.moderator(), people.moderator(), post.id
    services.flag_post(flagger, post_id, "spam")
    item = waits(moderator, "flag")
    items.decide(moderator, item, "keep")
    services.hide(hider, post_id, "A shop.", "spam")
    items.undo(moderator, item)
    last = own.standing(author, post_id).last
    assert (last.act if last else "", last.reason if last else "") == ("hide", "A shop.")
    assert appeals.against(author, post_id).reason == "A shop."


def test_taking_a_refusal_back_hides_nothing_that_was_restored(people: People, author: Actor, post: Post) -> None:
    hider, other, post_id = people.moderator(), people.moderator(), post.id
    services.hide(hider, post_id, "A shop.", "spam")
    appeals.appeal(author, post_id, "It is no shop.")
    item = waits(other, "appeal")
    items.decide(other, item, "grant", reason="Looked at.")
    items.undo(other, item)
    services.restore(other, post_id, "It is none.")
    items.decide(other, item, "refuse", reason="Nothing to decide.")
    items.undo(other, item)
    assert db.session().get_one(Post, post_id).status == "visible"


@pytest.mark.parametrize("decision", ["refuse", "rephrase"])
def test_who_decided_first_cannot_annul_an_appeal_that_was_granted(people: People, db: Any, decision: str) -> None:
    found = discussing.discussion(people.participant(posts_count=9))
    newcomer, first, other = people.participant(), people.moderator(), people.moderator()
    post_id = discussing.reply(newcomer, found, body=LINKS).id
    item = waits(first, "held_post")
    items.decide(first, item, decision, "spam", "Too many links.")
    appeals.appeal(newcomer, post_id, "They are sources.")
    items.decide(other, waits(other, "appeal"), "grant", reason="They are.")
    with pytest.raises(Conflict):
        items.undo(first, item)
    assert db_module.session().get_one(Post, post_id).status == "visible"


def letters(actor: Actor) -> list[str]:
    query = select(OutgoingMail).where(OutgoingMail.person_id == actor.person_id, OutgoingMail.kind == "measure").order_by(OutgoingMail.id)
    drafts = [drafting.draft_of(row) for row in db.session().scalars(query)]
    return [one.subject for one in drafts if one is not None]


@pytest.mark.parametrize("kind", ["suspend", "remove"])
def test_an_appeal_about_a_person_is_decided_again(people: People, author: Actor, post: Post, drain: Drain, kind: str) -> None:
    judge, other, post_id = people.moderator(), people.moderator(), post.id
    until = clock.now() + timedelta(days=7) if kind == "suspend" else None
    made = judging.decide(judge, author.person_id or 0, kind, SPAM, until)
    made_id = made.id
    appeals.appeal_measure(now_of(author), made.id, "It was a gift.")
    item = waits(other, "appeal")
    items.decide(other, item, "grant", reason="It was.")
    assert (now_of(author).may_act, db.session().get_one(Post, post_id).status) == (True, "visible")
    items.undo(other, item)
    status = {"suspend": "visible", "remove": "hidden"}[kind]
    assert (now_of(author).may_act, made.runs, db.session().get_one(Post, post_id).status) == (False, True, status)
    items.decide(other, item, "refuse", reason="It was not.")
    drain()
    items.undo(other, item)
    items.decide(other, item, "refuse", reason="Really not.")
    drain()
    assert letters(author).count("Your appeal was refused") == 2, "told anew"
    assert letters(author).count("Your appeal waits again") == 2
    judging.take_back(judge, made_id, "A mistake.")
    assert (now_of(author).may_act, db.session().get_one(Post, post_id).status) == (True, "visible")


def test_what_was_decided_about_the_person_since_stays(people: People, author: Actor) -> None:
    judge, other, week = people.moderator(), people.moderator(), clock.now() + timedelta(days=7)
    first = judging.decide(judge, author.person_id or 0, "silence", SPAM, week)
    appeals.appeal_measure(now_of(author), first.id, "It was a gift.")
    item = waits(other, "appeal")
    items.decide(other, item, "grant", reason="It was.")
    newer = judging.decide(judge, author.person_id or 0, "silence", SPAM, week)
    with pytest.raises(Conflict):
        items.undo(other, item)
    assert (newer.runs, first.runs, db.session().get_one(ReviewItem, item).status) == (True, False, "decided")


def test_what_would_have_ended_by_itself_is_over(people: People, author: Actor) -> None:
    judge, other = people.moderator(), people.moderator()
    made = judging.decide(judge, author.person_id or 0, "silence", SPAM, clock.now() + timedelta(hours=1))
    appeals.appeal_measure(now_of(author), made.id, "It was a gift.")
    item = waits(other, "appeal")
    items.decide(other, item, "grant", reason="It was.")
    with clock.freeze(clock.now() + timedelta(hours=2)):
        items.undo(other, item)
        assert (made.ended_how, now_of(author).may_act) == ("over", True)


def test_a_discussion_goes_back_to_its_space_once_within_a_day(people: People, author: Actor, post: Post) -> None:
    moderator, number, was = people.moderator(), post.discussion_id, post.space_id
    services.flag_post(people.participant(), post.id, "spam")
    discussing.space("c5")
    moves.relocate(moderator, number, "c5", "Security.")
    with clock.freeze(clock.now() + timedelta(hours=25)), pytest.raises(Conflict):
        moves.move_back(moderator, number)
    with pytest.raises(Refused):
        moves.move_back(author, number)
    moves.move_back(moderator, number)
    spaces = {*db.session().scalars(select(Post.space_id)), *db.session().scalars(select(ReviewItem.space_id))}
    assert (spaces, db.session().get_one(Discussion, number).space_id, miscounted()) == ({was}, was, [])
    with pytest.raises(Conflict):
        moves.move_back(moderator, number)
    assert (acts(), log.verify()[1]) == (["relocate", "move_back"], None)


def test_the_page_and_programs_move_it_back(client: FlaskClient, people: People, author: Actor, post: Post) -> None:
    moderator, number, was = people.moderator(), post.discussion_id, post.space_id
    discussing.space("c5")
    moves.relocate(moderator, number, "c5", "Security.")
    assert "Move it back" not in client.get(f"/d/{number}", follow_redirects=True).text
    people.person(email="mo@example.org", role="moderator", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "mo@example.org", "password": PASSWORD})
    assert "Move it back" in client.get(f"/d/{number}", follow_redirects=True).text
    assert "back in the space it came from" in client.post(f"/moderation/discussions/{number}/move-back", follow_redirects=True).text
    page = client.post(f"/moderation/discussions/{number}/move-back", follow_redirects=True).text
    assert ("cannot be taken back any more" in page, "Move it back" in page) == (True, False)
    assert "Moved a discussion back" in client.get("/moderation/log").text
    db.release()
    assert db.session().get_one(Discussion, number).space_id == was
    assert db.session().scalar(select(func.count(LogEntry.id))) == 2
