"""A removed spammer counts nowhere: thanks, positions, votes, answers; and everywhere again when that is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alliance.core import clock, db
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.moderation import measures
from alliance.moderation import people as judging
from alliance.policy import Actor
from alliance.polls import queries as polls
from alliance.polls import services as polling
from alliance.polls.models import PollCount, PollVote
from alliance.proceedings import consensus, queries
from alliance.proceedings.models import ConsensusCall
from alliance.signals import services as signals
from alliance.signals.models import Signal, SignalCount
from tests import discussing
from tests.grouping import founded, member
from tests.people import People

SPAM = judging.Why("spam", "Sells watches.")


class Scene:
    """What a spammer and somebody else signalled, voted and answered."""

    def __init__(self, people: People) -> None:
        group = founded(people)
        self.chair, self.spammer, self.other = member(people, group, "chair", posts_count=9), member(people, group), member(people, group)
        self.opener = people.participant(posts_count=9)
        found = discussing.discussion(self.opener)
        self.post = discussing.opening(found).id
        self.discussion = found.id
        polling.set_poll(self.opener, self.of(), polling.Asked("Which?", ["One", "Two"]))
        agenda = saying.open_discussion(self.chair, group.space, "A text", "To agree on.").id
        until = clock.now() + timedelta(days=3)
        self.calls = [
            consensus.call(self.chair, db.session().get_one(Discussion, agenda), words, until).id for words in ("Ended.", "Open.")
        ]
        for actor in (self.spammer, self.other):
            signals.thank(actor, self.of())
            signals.take_position(actor, self.of(), "object", "Because.")
            polling.vote(actor, self.of(), [1])
            for call in self.calls:
                consensus.answer(actor, call, "object", "No.")
        with clock.freeze(until + timedelta(minutes=1)), db.transaction() as session:
            session.get_one(ConsensusCall, self.calls[1]).closes_at = until + timedelta(days=30)
        with clock.freeze(until + timedelta(minutes=1)):
            consensus.close_due()

    def of(self) -> Post:
        return db.session().get_one(Post, self.post)


@pytest.fixture
def scene(people: People, db: Any) -> Scene:
    return Scene(people)


def counted(scene: Scene) -> dict[str, Any]:
    db.release()
    session = db.session()
    poll = polls.find(scene.post)
    assert poll is not None
    ended, still = (session.get_one(ConsensusCall, one) for one in scene.calls)
    return {
        "signals": {row.kind: row.count for row in session.scalars(select(SignalCount)) if row.count},
        "votes": {(row.option, row.rank): row.count for row in session.scalars(select(PollCount)) if row.count},
        "open": queries.answered(still),
        "ended": sum(ended.result["answers"]["object"].values()),
    }


BOTH = {"signals": {"thanks": 2, "object": 2}, "votes": {(-1, 0): 2, (1, 0): 2}, "open": 2, "ended": 2}
ONE = {"signals": {"thanks": 1, "object": 1}, "votes": {(-1, 0): 1, (1, 0): 1}, "open": 1, "ended": 2}  # a result stays


def people_of(actor: Actor) -> list[int]:
    rows = [*db.session().scalars(select(Signal.person_id)), *db.session().scalars(select(PollVote.person_id))]
    return [one for one in rows if one == actor.person_id]


def test_nothing_a_removed_spammer_said_counts_until_that_is_taken_back(people: People, scene: Scene) -> None:
    assert counted(scene) == BOTH
    kept = (db.session().get_one(Discussion, scene.discussion).version, scene.of().version)
    moderator = people.moderator()
    made = judging.decide(moderator, scene.spammer.person_id or 0, "remove", SPAM).id
    assert (counted(scene), people_of(scene.spammer)) == (ONE, [])
    after = (db.session().get_one(Discussion, scene.discussion).version, scene.of().version)
    assert (after[0] > kept[0], after[1] > kept[1]) == (True, True)  # kept pages are made anew
    judging.take_back(moderator, made, "A mistake.")
    assert counted(scene) == BOTH
    signal = db.session().scalars(select(Signal).where(Signal.person_id == scene.spammer.person_id, Signal.kind == "object")).one()
    assert (signal.reason, signal.stakeholder_type) == ("Because.", "civil_society")


def test_a_poll_that_is_closed_counts_no_spammer_either(people: People, scene: Scene) -> None:
    polling.close(scene.opener, scene.of())
    judging.decide(people.moderator(), scene.spammer.person_id or 0, "remove", SPAM)
    assert counted(scene)["votes"] == ONE["votes"]


def test_nothing_is_counted_twice(people: People, scene: Scene) -> None:
    """Taken back after the call has ended: its result stays as it was written, and what is gone meanwhile stays gone."""
    moderator = people.moderator()
    made = judging.decide(moderator, scene.spammer.person_id or 0, "remove", SPAM).id
    with db.transaction() as session:
        session.get_one(ConsensusCall, scene.calls[1]).closes_at = clock.now()
    consensus.close_due()
    judging.take_back(moderator, made, "A mistake.")
    db.release()
    assert sum(db.session().get_one(ConsensusCall, scene.calls[1]).result["answers"]["object"].values()) == 1
    assert (counted(scene)["signals"], counted(scene)["votes"]) == (BOTH["signals"], BOTH["votes"])
    judging.decide(moderator, scene.spammer.person_id or 0, "remove", SPAM)
    assert (counted(scene)["signals"], len(measures.of_person(moderator, scene.spammer.person_id or 0))) == (ONE["signals"], 2)
