"""Work outside requests, on Huey: SQLite by default, Redis when set. Fed from the outbox, so losing the queue loses nothing.

Huey takes a job off its queue before running it, so a job that must happen is never only here: the event log (or a
row in a table) says what is due, a job only does it now rather than later.
"""

from __future__ import annotations

import functools
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from redis import RedisError

from alliance.core import clock, db, locks, memory, meters, outbox, pace, wake
from alliance.core.outage import redis_server
from alliance.core.settings import Settings

log = structlog.get_logger(__name__)
POLL_SECONDS = 0.5
GATHER_SECONDS = 0.05  # after a commit, before listeners are sent for: several commits are one batch
AWAY_SECONDS = 2.0
_SINCE = re.compile(r"at(\d+\.\d+)-")
_done = meters.Timings("alliance_job_seconds", "Jobs this process has done, by name and by how they ended.", ("job", "outcome"))


class Job:
    """A function that can be put on the queue."""

    def __init__(self, function: Callable[..., Any], schedule: str | None) -> None:
        self.function = function
        self.schedule = schedule
        self.name = f"{function.__module__}.{function.__name__}"
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it here and now."""
        return self.function(*args, **kwargs)

    def enqueue(self, *args: Any) -> None:
        """Have a worker run it soon."""
        made = _tasks[self.name].s(*args)
        made.id = f"at{clock.now().timestamp():.3f}-{made.id}"  # a queue does not say since when something is on it
        _queue[0].enqueue(made)


class _RedisQueue(RedisHuey):  # type: ignore[misc]
    """A queue whose Redis may be away for a while: then nothing is put on it and nothing found."""

    def enqueue(self, task: Any) -> Any:
        try:
            return super().enqueue(task)
        except RedisError as error:
            redis_server.failed(error)
            return None

    def dequeue(self) -> Any:
        try:
            found = super().dequeue()
        except RedisError as error:
            time.sleep(min(redis_server.failed(error), AWAY_SECONDS))
            return None
        redis_server.answered()
        return found

    def execute(self, task: Any, timestamp: Any = None) -> Any:
        try:
            return super().execute(task, timestamp)
        except RedisError as error:  # before or after the job, which catches its own: what was due is still recorded where it came from
            redis_server.failed(error)
            return None

    def read_schedule(self, timestamp: Any = None) -> Any:
        try:
            return super().read_schedule(timestamp)
        except RedisError as error:
            redis_server.failed(error)
            return []


_jobs: dict[str, Job] = {}
_tasks: dict[str, Any] = {}
_queue: list[Huey] = []


def task() -> Callable[[Callable[..., Any]], Job]:
    """Decorator: a function that may be enqueued; its arguments must be plain ids."""
    return lambda function: _register(function, None)


def periodic(schedule: str) -> Callable[[Callable[[], Any]], Job]:
    """Decorator: a function run by a worker on a cron schedule ("*/5 * * * *", UTC)."""
    return lambda function: _register(function, schedule)


def _register(function: Callable[..., Any], schedule: str | None) -> Job:
    job = Job(function, schedule)
    _jobs[job.name] = job
    return job


def connect(settings: Settings) -> Huey:
    """Open the queue of this process."""
    if settings.redis_url:
        queue: Huey = _RedisQueue("alliance", url=settings.redis_url, results=False)
    else:
        queue = SqliteHuey("alliance", filename=str(settings.data_dir / "jobs.db"), results=False, timeout=30)
    _queue[:] = [queue]
    _tasks.clear()
    for job in _jobs.values():
        run = _guarded(job)
        if job.schedule is None:
            _tasks[job.name] = queue.task(name=job.name)(run)
        else:
            _tasks[job.name] = queue.periodic_task(crontab(*_cron(job.schedule)), name=job.name)(run)
    return queue


def disconnect() -> None:
    """Close the queue of this process."""
    for queue in _queue:
        queue.storage.close()
    _queue.clear()


def waiting() -> tuple[int, float | None]:
    """How many jobs are on the queue, and since when (in seconds since 1970) the one that comes next is; jobs of the schedule do not say."""
    number = _queue[0].pending_count()
    moments = [found[1] for one in _queue[0].pending(limit=20) if (found := _SINCE.match(one.id))] if number else []
    return number, min(map(float, moments), default=None)


def _cron(schedule: str) -> tuple[str, str, str, str, str]:
    """Cron's field order to Huey's (minute, hour, day, month, day of week)."""
    minute, hour, day, month, weekday = schedule.split()
    return minute, hour, day, month, weekday


def _guarded(job: Job) -> Callable[..., None]:
    def run(*args: Any) -> None:
        db.release()
        began, outcome = time.perf_counter(), "done"
        try:
            if job.schedule is None:
                job.function(*args)
            else:
                _alone(job)
        except Exception:  # the queue goes on; what was due is still recorded where it came from
            outcome = "failed"
            log.exception("job.failed", job=job.name)
        finally:
            _done.add((job.name.removeprefix("alliance."), outcome), time.perf_counter() - began)
            db.release()
            memory.give_back()

    run.__name__ = job.name.replace(".", "_")
    return run


def _alone(job: Job) -> None:
    """Every process keeps the schedule, so that none is needed; what is due is done by one of them at a time."""
    with locks.exclusive(f"job-{job.name}") as mine:
        if mine:
            job.function()


@task()
def drain(name: str) -> None:
    """Let one listener of the outbox read what it has not read."""
    outbox.drain(name, at_leisure=True)


def _prompt() -> list[str]:
    """The listeners that rest less than others, and that others must not hold up."""
    return [one.name for one in outbox.listeners() if one.rest < pace.MAX_REST]


class _QuietConsumer(Consumer):  # type: ignore[misc]
    """A consumer in threads of a server that handles the signals itself."""

    def _set_signal_handlers(self) -> None:
        pass


class Runner:
    """Dispatcher and workers of one process: looks at the log when woken, and by itself twice a second."""

    def __init__(self, settings: Settings, workers: int = 2) -> None:
        self._stop = threading.Event()
        self._flag = wake.waiter()
        self._flag.set()
        self._settings = settings
        self._consumer = _QuietConsumer(
            _queue[0], workers=workers, periodic=True, initial_delay=0.02, backoff=1.15, max_delay=0.2, check_worker_health=False
        )
        self._threads = [threading.Thread(target=self._dispatch, name="dispatcher", daemon=True)]
        self._flags = [self._flag]
        for name in _prompt():
            self._flags.append(wake.waiter())
            self._threads.append(
                threading.Thread(target=self._promptly, args=(name, self._flags[-1]), name=f"listener-{name}", daemon=True)
            )
        wake.follow(settings.redis_url)

    def start(self) -> None:
        """Begin working."""
        self._consumer.start()
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """Stop after the work in hand (at most about `timeout` seconds); what is left is done after the next start."""
        self._stop.set()
        for flag in self._flags:
            flag.set()
        self._consumer.stop(graceful=False)
        for thread in self._threads:
            thread.join(timeout)
        for flag in self._flags:
            wake.forget(flag)

    def _dispatch(self) -> None:
        while not self._stop.is_set():
            if self._flag.wait(POLL_SECONDS):
                self._stop.wait(GATHER_SECONDS)
            self._flag.clear()
            try:
                for name in outbox.waiting():
                    if name not in _prompt():
                        self._have_drained(name)
            except Exception:  # the database may be away for a while; the log waits
                log.exception("dispatcher.failed")
                self._stop.wait(1.0)
            finally:
                db.release()

    def _promptly(self, name: str, flag: threading.Event) -> None:
        """One listener, by this thread alone: where much is written, the others never come to an end and take up all workers."""
        while not self._stop.is_set():
            if flag.wait(POLL_SECONDS):
                self._stop.wait(GATHER_SECONDS)
            flag.clear()
            try:
                outbox.drain(name, at_leisure=True)
            except Exception:  # the database may be away for a while; the log waits
                log.exception("listener.failed", listener=name)
                self._stop.wait(1.0)
            finally:
                db.release()
                memory.give_back()

    def _have_drained(self, name: str) -> None:
        """By a worker; by this thread while there is no queue to reach one through."""
        if self._settings.redis_url and redis_server.away:
            outbox.drain(name)
        else:
            drain.enqueue(name)
