"""The event log: nothing lost, nothing held up, order kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alliance import events
from alliance.core import clock, outbox
from alliance.core.outbox import Recorded


class Ear:
    """A listener that notes what it hears and fails when told to."""

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.batches: list[int] = []
        self.deaf_to: set[int] = set()

    def __call__(self, batch: Sequence[Recorded]) -> None:
        self.batches.append(len(batch))
        for one in batch:
            if one.event.person_id in self.deaf_to:
                raise ValueError(f"cannot hear of person {one.event.person_id}")
        self.heard.extend(one.event.person_id for one in batch)


@pytest.fixture
def ear(db: Any, monkeypatch: pytest.MonkeyPatch) -> Ear:
    monkeypatch.setattr(outbox, "_listeners", {})
    made = Ear()
    outbox.listener("ear", events.PersonChanged)(made)
    outbox.enrol()
    return made


def tell(db: Any, *people: int) -> None:
    """Publish in one transaction."""
    with db.transaction():
        for person in people:
            outbox.publish(events.PersonChanged(person))


def test_an_event_is_heard_once_and_in_order(db: Any, ear: Ear) -> None:
    tell(db, 1, 2)
    tell(db, 3)
    assert outbox.drain_all() == 3
    assert outbox.drain_all() == 0
    assert ear.heard == [1, 2, 3]
    assert ear.batches == [3]


def _publish_and_fail(db: Any) -> None:
    with db.transaction():
        outbox.publish(events.PersonChanged(1))
        raise RuntimeError("on purpose")


def test_what_is_rolled_back_never_happened(db: Any, ear: Ear) -> None:
    with pytest.raises(RuntimeError, match="on purpose"):
        _publish_and_fail(db)
    tell(db, 2)
    outbox.drain_all()
    assert ear.heard == [2]


def test_publishing_needs_a_transaction(db: Any) -> None:
    with pytest.raises(RuntimeError):
        outbox.publish(events.PersonChanged(1))


def test_an_inner_transaction_joins_the_outer_one(db: Any, ear: Ear) -> None:
    with pytest.raises(RuntimeError, match="on purpose"), db.transaction():
        _publish_and_fail(db)
    assert outbox.head() == 0


def test_other_kinds_are_passed_over(db: Any, ear: Ear) -> None:
    with db.transaction():
        outbox.publish(events.PersonRegistered(7))
        outbox.publish(events.PersonChanged(8))
        outbox.publish(events.PersonRegistered(9))
    outbox.drain_all()
    assert ear.heard == [8]
    assert outbox.waiting() == []


def test_a_bad_event_does_not_hold_up_the_others(db: Any, ear: Ear) -> None:
    ear.deaf_to = {2}
    tell(db, 1, 2, 3)
    outbox.drain_all()
    assert ear.heard == [1, 3]
    (failure,) = outbox.failures()
    assert failure.attempts == 1
    assert "cannot hear of person 2" in failure.error


def test_a_failed_event_is_tried_again_later_and_forgotten_when_heard(db: Any, ear: Ear) -> None:
    ear.deaf_to = {2}
    tell(db, 2)
    outbox.drain_all()
    ear.deaf_to = set()
    assert outbox.drain_all() == 0, "not due yet"
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        outbox.drain_all()
    assert ear.heard == [2]
    assert outbox.failures() == []


def test_after_five_attempts_it_stays_visible_and_can_be_tried_by_hand(db: Any, ear: Ear) -> None:
    ear.deaf_to = {2}
    tell(db, 2)
    moment = clock.now()
    for _attempt in range(outbox.MAX_ATTEMPTS + 3):
        moment += timedelta(hours=2)
        with clock.freeze(moment):
            outbox.drain_all()
    (failure,) = outbox.failures()
    assert (failure.attempts, failure.next_at) == (outbox.MAX_ATTEMPTS, None)
    ear.deaf_to = set()
    assert outbox.try_again(failure.id)
    outbox.drain_all()
    assert ear.heard == [2]
    assert outbox.failures() == []


def test_a_new_listener_begins_at_the_end(db: Any, ear: Ear) -> None:
    tell(db, 1)
    late = Ear()
    outbox.listener("late", events.PersonChanged)(late)
    outbox.enrol()
    tell(db, 2)
    outbox.drain_all()
    assert late.heard == [2]
    assert ear.heard == [1, 2]


def test_long_logs_come_in_batches(db: Any, ear: Ear) -> None:
    tell(db, *range(outbox.BATCH * 2 + 5))
    outbox.drain_all()
    assert ear.heard == list(range(outbox.BATCH * 2 + 5))
    assert ear.batches == [outbox.BATCH, outbox.BATCH, 5]


def test_a_reader_never_skips_an_event_that_commits_late(db: Any, ear: Ear) -> None:
    """Writers in parallel, a reader following: on PostgreSQL ids must become visible in their order."""
    writers = [threading.Thread(target=_write, args=(db, n)) for n in range(4)]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    while any(writer.is_alive() for writer in writers):
        seen += _read_on(db, seen)
    for writer in writers:
        writer.join()
    seen += _read_on(db, seen)
    everything = db.session().scalars(select(outbox.EventRow.id).order_by(outbox.EventRow.id)).all()
    assert seen == list(everything)
    assert len(seen) == 100


def _write(db: Any, number: int) -> None:
    for step in range(25):
        tell(db, number * 100 + step)
    db.release()


def _read_on(db: Any, seen: list[int]) -> list[int]:
    db.release()
    return [one.id for one in outbox.read(seen[-1] if seen else 0, 1000)]


def test_only_one_drains_a_listener_at_a_time(db: Any, ear: Ear) -> None:
    tell(db, 1)
    with outbox.locks.exclusive("outbox-ear") as mine:
        assert mine
        taken: list[int] = []
        thread = threading.Thread(target=lambda: taken.append(outbox.drain("ear")))
        thread.start()
        thread.join()
    assert taken == [0]
    assert outbox.drain("ear") == 1


def test_what_is_done_inside_stands_or_falls_with_the_transaction(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_inside", {})
    heard: list[Any] = []

    @outbox.inside(events.PersonChanged)
    def note(found: Sequence[events.PersonChanged]) -> None:
        heard.extend(found)
        if found[0].person_id == 2:
            raise RuntimeError("no")

    with db.transaction():
        outbox.publish(events.PersonChanged(1))
        outbox.publish(events.DiscussionOpened(7, 1))
        assert heard == []
    assert heard == [events.PersonChanged(1)]
    before = outbox.head()
    with pytest.raises(RuntimeError), db.transaction():
        outbox.publish(events.PersonChanged(2))
    assert outbox.head() == before
