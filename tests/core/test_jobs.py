"""Jobs on Huey, with its queue in SQLite and in a real Redis, fed from the event log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from alliance import events
from alliance.core import jobs, outbox, wake
from alliance.core import settings as settings_module
from alliance.core.settings import Settings

Start = Callable[[], jobs.Runner]


@pytest.fixture(params=["sqlite", "redis"])
def queue_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings with each kind of queue."""
    if request.param == "redis":
        return replace(settings, redis_url=request.getfixturevalue("redis_url"))
    return settings


@pytest.fixture
def start(db: Any, queue_settings: Settings, settings: Settings) -> Iterator[Start]:
    """Starts a runner, which is stopped at the end."""
    settings_module.use(queue_settings)
    jobs.connect(queue_settings)
    wake.connect(queue_settings.redis_url)
    runners: list[jobs.Runner] = []

    def make() -> jobs.Runner:
        runners.append(jobs.Runner(queue_settings))
        runners[-1].start()
        return runners[-1]

    yield make
    for runner in runners:
        runner.stop()
    wake.connect("")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, db: Any) -> list[int]:
    """What a listener of the event log has heard."""
    monkeypatch.setattr(outbox, "_listeners", {})
    people: list[int] = []

    def listen(batch: Sequence[outbox.Recorded]) -> None:
        people.extend(one.event.person_id for one in batch)

    outbox.listener("ear", events.PersonChanged)(listen)
    outbox.enrol()
    return people


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.01)


def tell(db: Any, person_id: int) -> None:
    with db.transaction():
        outbox.publish(events.PersonChanged(person_id))


def test_what_is_published_is_passed_on_at_once(db: Any, start: Start, heard: list[int]) -> None:
    start()
    for number in range(20):
        tell(db, number)
    wait_for(lambda: len(heard) == 20)
    assert heard == list(range(20))


def test_what_was_published_while_nobody_worked_is_passed_on_later(db: Any, start: Start, heard: list[int]) -> None:
    tell(db, 1)
    start()
    wait_for(lambda: heard == [1])


def test_two_runners_pass_on_each_thing_once(db: Any, start: Start, heard: list[int]) -> None:
    start()
    start()
    for number in range(50):
        tell(db, number)
    wait_for(lambda: len(heard) >= 50)
    time.sleep(0.3)
    assert heard == list(range(50))


def test_listeners_that_never_come_to_an_end_hold_up_no_prompt_one(db: Any, start: Start, heard: list[int]) -> None:
    busy, release = threading.Barrier(3), threading.Event()

    def endless(_batch: Sequence[outbox.Recorded]) -> None:
        busy.wait(10)  # both workers are taken
        release.wait(10)

    prompt: list[int] = []
    for name in ("one", "other"):
        outbox.listener(name, events.PersonRegistered)(endless)
    outbox.listener("prompt", events.PersonChanged, rest=0.1)(lambda batch: prompt.extend(one.event.person_id for one in batch))
    outbox.enrol()
    with db.transaction():
        outbox.publish(events.PersonRegistered(1))
    start()
    busy.wait(10)
    tell(db, 7)
    wait_for(lambda: prompt == [7])
    release.set()
    wait_for(lambda: heard == [7])


def test_a_job_that_fails_is_logged_and_the_next_one_is_done(start: Start, monkeypatch: pytest.MonkeyPatch, heard: list[int]) -> None:
    done = threading.Event()

    def drain(name: str, at_leisure: bool) -> None:
        assert at_leisure
        if name == "broken":
            raise ValueError(name)
        done.set()

    monkeypatch.setattr(outbox, "drain", drain)
    start()
    jobs.drain.enqueue("broken")
    jobs.drain.enqueue("whole")
    assert done.wait(10)


def test_a_runner_stops_soon(start: Start, heard: list[int]) -> None:
    runner = start()
    began = time.monotonic()
    runner.stop()
    assert time.monotonic() - began < 5


def test_what_is_due_is_done_by_one_at_a_time(db: Any, queue_settings: Settings) -> None:
    running: list[int] = []
    most: list[int] = []

    def count() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.1)
        running.pop()

    job = jobs.Job(count, "* * * * *")
    threads = [threading.Thread(target=jobs._alone, args=(job,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most
    assert max(most) == 1
