"""The review queue: one decision, claims, notes, taking back, many at once; and as quick with ten thousand as with ten."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from alliance import events
from alliance.core import clock, db, outbox, reviews
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.discussions.models import Post
from alliance.moderation import items, log, places, queries, services
from alliance.moderation.models import Flag, ReviewItem
from alliance.policy import Actor
from alliance.stakeholders import services as stakeholders
from alliance.stakeholders.models import Affiliation
from tests import discussing
from tests.counting import statements
from tests.people import People


@pytest.fixture
def post(db: Any, people: People) -> Post:
    author = people.participant(posts_count=9)
    return discussing.reply(author, discussing.discussion(author), body="What somebody flags.")


def flagged(post: Post, people: People) -> ReviewItem:
    services.flag_post(people.participant(), post.id, "spam")
    found = queries.open_item("flag", post.id)
    assert found is not None
    return found


def test_a_decision_is_made_once_and_the_other_sees_it(post: Post, people: People) -> None:
    item = flagged(post, people)
    items.decide(people.moderator(), item.id, "hide", "spam")
    with pytest.raises(items.Decided) as late:
        items.decide(people.moderator(), item.id, "keep")
    assert late.value.item_id == item.id
    assert (item.status, item.decision, item.reason_code, post.status) == ("decided", "hide", "spam", "hidden")


def test_two_at_the_same_moment_make_one_decision(post: Post, people: People) -> None:
    item, moderators = flagged(post, people).id, [people.moderator(), people.moderator()]
    done: list[str] = []
    gate = threading.Barrier(2)

    def decide(actor: Actor) -> None:
        gate.wait()
        try:
            items.decide(actor, item, "hide", "spam")
            done.append("decided")
        except items.Decided:
            done.append("late")
        finally:
            db.release()

    threads = [threading.Thread(target=decide, args=(one,)) for one in moderators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["decided", "late"]
    db.release()
    assert [entry.act for entry in queries.log(Actor.guest())[0]] == ["hide"]


def test_who_claims_is_left_alone_for_half_an_hour(post: Post, people: People) -> None:
    item, first, second = flagged(post, people), people.moderator(), people.moderator()
    items.claim(first, item.id)
    with pytest.raises(items.Claimed):
        items.claim(second, item.id)
    with pytest.raises(items.Claimed):
        items.decide(second, item.id, "keep")
    with clock.freeze(clock.now() + timedelta(minutes=31)):
        items.claim(second, item.id)
    items.release(second, item.id)
    items.claim(first, item.id)
    items.claim(second, item.id, take_over=True)
    items.decide(second, item.id, "keep")
    assert item.claimed_by_id is None


def test_notes_stay_with_the_item(post: Post, people: People) -> None:
    item, moderator = flagged(post, people), people.moderator()
    items.note(moderator, item.id, "Looked at by the chair.")
    assert [(one["by"], one["text"]) for one in item.notes] == [(moderator.person_id, "Looked at by the chair.")]
    with pytest.raises(Invalid):
        items.note(moderator, item.id, " ")


@pytest.mark.parametrize("decision", ["keep", "hide", "rephrase"])
def test_a_decision_is_taken_back_within_a_day(post: Post, people: People, decision: str) -> None:
    item, moderator = flagged(post, people), people.moderator()
    items.decide(moderator, item.id, decision, "spam")
    with clock.freeze(clock.now() + timedelta(hours=25)), pytest.raises(Conflict):
        items.undo(moderator, item.id)
    items.undo(moderator, item.id)
    flag = db.session().query(Flag).one()
    assert (item.status, post.status, flag.status, queries.waiting(moderator)) == ("open", "visible", "open", 1)
    assert next(entry.act for entry in queries.log(moderator)[0]) == "undo"
    items.decide(moderator, item.id, "hide", "spam")
    assert (post.status, log.verify()[1]) == ("hidden", None)


def test_a_reason_is_needed_to_take_something_away(post: Post, people: People) -> None:
    item, moderator = flagged(post, people), people.moderator()
    for decision, code, field in (("hide", "", "reason"), ("hide", "made_up", "code"), ("burn", "spam", "decision")):
        with pytest.raises(Invalid) as wrong:
            items.decide(moderator, item.id, decision, code)
        assert list(wrong.value.errors) == [field]
    assert (item.status, post.status) == ("open", "visible")


def test_many_are_decided_together(people: People, db: Any) -> None:
    author, moderator = people.participant(posts_count=9), people.moderator()
    found = discussing.discussion(author)
    posts = [discussing.reply(author, found) for _number in range(4)]
    waits = [flagged(post, people).id for post in posts]
    items.claim(people.moderator(), waits[3])
    assert items.decide_all(moderator, [*waits, 10**6], "hide", "spam", "") == (3, 2)
    assert [post.status for post in posts] == ["hidden", "hidden", "hidden", "visible"]
    with pytest.raises(Invalid):
        items.decide_all(moderator, waits, "hide", "", "")


def test_affiliations_wait_for_the_secretariat(people: People, db: Any) -> None:
    person, moderator, secretariat = people.person(), people.moderator(), people.secretariat()
    made = stakeholders.declare(
        people.actor(person), person, stakeholders.Claim("ITU", "international_organization", evidence="<b>badge</b>")
    )
    assert queries.waiting(moderator) == 0
    [one], _next = queries.queue(secretariat)
    assert one.shown is not None
    assert ("ITU" in one.shown.title, "<b>badge" in one.shown.html) == (True, False)
    with pytest.raises(NotFound):
        items.decide(moderator, one.item.id, "verify")
    items.decide(secretariat, one.item.id, "verify")
    assert db.session().get_one(Affiliation, made.id).status == "verified"
    items.undo(secretariat, one.item.id)
    assert (db.session().get_one(Affiliation, made.id).status, queries.waiting(secretariat)) == ("declared", 1)
    stakeholders.decide(secretariat, made.id, verified=False)
    assert queries.waiting(secretariat) == 0, "decided on its own page, it waits no more"


def test_a_name_of_another_direction_does_not_turn_the_sentence_it_begins(people: People, db: Any) -> None:
    person = people.person(name="سمير خوري")
    stakeholders.declare(people.actor(person), person, stakeholders.Claim("ITU", "international_organization"))
    [one], _next = queries.queue(people.secretariat())
    assert one.shown is not None
    assert one.shown.title == "\u2068سمير خوري\u2069 says to speak for ITU"


def test_another_room_may_have_something_decided(people: People, db: Any) -> None:
    done: list[tuple[int, str]] = []
    decision = reviews.Decision("Take", lambda ruling: done.append((ruling.item.subject_id, ruling.reason)))
    shown = lambda actor, found: {one.id: reviews.Shown("A proposal", "/") for one in found}  # noqa: E731
    reviews.register(reviews.Kind("test_proposal", "Proposals", {"take": decision}, shown, audience="secretariat"))
    try:
        with db.transaction():
            outbox.publish(events.ReviewAsked("test_proposal", 7, person_id=people.person().id))
        secretariat = people.secretariat()
        [one], _next = queries.queue(secretariat)
        items.decide(secretariat, one.item.id, "take", reason="A good idea.")
        assert done == [(7, "A good idea.")]
        with db.transaction():
            outbox.publish(events.ReviewAsked("test_proposal", 8))
            outbox.publish(events.ReviewEnded("test_proposal", 8))
        assert queries.waiting(secretariat) == 0
    finally:
        reviews._kinds.pop("test_proposal")


@pytest.mark.parametrize("kind", ["guest", "participant", "suspended", "unconfirmed"])
def test_the_queue_is_nobody_elses(post: Post, people: People, actors: dict[str, Actor], kind: str) -> None:
    item = flagged(post, people)
    for act in (items.claim, items.release, items.undo, queries.get_item):
        with pytest.raises((Refused, NotFound)):
            act(actors[kind], item.id)
    assert queries.queue(actors[kind])[0] == []


def test_filters_and_the_place_of_each(people: People, db: Any) -> None:
    author, moderator = people.participant(posts_count=9), people.moderator()
    found = discussing.discussion(author)
    texts = {"ru": "Это предложение написано по-русски.", "fr": "Cette phrase est écrite en français."}
    for language, body in texts.items():
        flagged(discussing.reply(author, found, body=body, language=language), people)
    [russian], _next = queries.queue(moderator, wanted=queries.Wanted(language="ru"))
    assert (russian.item.language, places.place_in_queue(russian.item)) == ("ru", 1)
    assert queries.queue(moderator, wanted=queries.Wanted(kind="held_post"))[0] == []
    assert len(queries.queue(moderator, wanted=queries.Wanted(space_id=found.space_id))[0]) == 2
    numbers = queries.numbers(moderator)
    assert (numbers.total, numbers.decided, numbers.median_wait) == (2, 0, None)


def test_as_many_statements_for_ten_thousand_as_for_ten(people: People, db: Any) -> None:
    author, moderator = people.participant(posts_count=9), people.moderator()
    found = discussing.discussion(author)
    for _number in range(10):
        flagged(discussing.reply(author, found), people)
    db.session().commit()
    with statements() as few:
        queries.queue(moderator)
        queries.numbers(moderator)
    post, now = discussing.reply(author, found), clock.now()
    row = {
        "kind": "flag",
        "status": "open",
        "audience": "moderators",
        "post_id": post.id,
        "person_id": author.person_id,
        "space_id": post.space_id,
    }
    row |= {"language": "en", "rule": "", "data": {}, "notes": [], "decision": "", "reason_code": "", "reason": "", "created_at": now}
    flaggers = [people.person().id for _number in range(40)]
    with db.transaction() as session:
        session.execute(insert(ReviewItem), [{**row, "subject_id": 10**6 + number} for number in range(11_000)])
        flag = {"post_id": post.id, "reason": "spam", "note": "", "weight": 10, "status": "open", "created_at": now}
        session.execute(insert(Flag), [{**flag, "person_id": one} for one in flaggers])
    with statements() as many:
        page, following = queries.queue(moderator)
        numbers = queries.numbers(moderator)
    assert (len(page), following is None, numbers.total) == (30, False, queries.MOST)
    assert len(many) == len(few)
    assert max(len(one.flags) for one in page) <= queries.SHOWN_FLAGS
