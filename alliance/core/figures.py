"""Figures of what lies below every room: event log, jobs, database, the process itself."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.pool import QueuePool

from alliance import __version__
from alliance.core import clock, db, jobs, outbox
from alliance.core.meters import Sample, describe, source

INFO = describe("alliance_info", "The version at work, and its database (always 1).")
UP = describe("alliance_database_up", "Whether the database answers (1) or not (0).")
CONNECTIONS = describe("alliance_database_connections", "Connections to the database this process holds.")
BEHIND = describe(
    "alliance_listener_behind_events", "How many events of the log a listener has not passed yet, those that are not for it too."
)
LAG = describe("alliance_listener_lag_seconds", "How old the oldest event is that a listener has not passed yet; 0 when there is none.")
FAILED = describe("alliance_failed_deliveries", "Events a listener failed at: tried again, or given up.")
WAITING = describe("alliance_jobs_waiting", "Jobs on the queue.")
AGE = describe("alliance_jobs_oldest_seconds", "For how long the oldest job on the queue has waited; 0 when none does.")
CPU = describe("process_cpu_seconds_total", "Seconds of processor time.", "counter")
MEMORY = describe("process_resident_memory_bytes", "Memory held.")
FILES = describe("process_open_fds", "Open files and connections.")
MAX_FILES = describe("process_max_fds", "How many may be open.")
STARTED = describe("process_start_time_seconds", "When the process was started, in seconds since 1970.")


class PoolIsFull(Exception):
    """All connections are in use: waiting for one would make whoever looks wait, too."""


def ask_database() -> None:
    """Before figures are asked of the database: see that it would answer at once.

    Raises:
        PoolIsFull: it would not.
    """
    pool = db.engine().pool
    if db.engine().dialect.name != "sqlite" and isinstance(pool, QueuePool) and pool.checkedout() >= db.POOL_SIZE + db.MORE:
        raise PoolIsFull


def seconds_since(moment: datetime | None) -> float:
    """How long ago something was; 0 when it was not, or when clocks differ."""
    return 0.0 if moment is None else max(0.0, (clock.now() - moment).total_seconds())


@source(shared=False)
def process() -> Iterator[Sample]:
    """What this process takes."""
    yield Sample(INFO, 1, (("version", __version__), ("database", db.engine().dialect.name)))
    yield Sample(CPU, time.process_time())
    yield Sample(MAX_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    here = Path("/proc/self")
    if here.exists():
        yield Sample(FILES, len(list((here / "fd").iterdir())))
        yield Sample(MEMORY, int((here / "statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        yield Sample(STARTED, _started((here / "stat").read_text(encoding="utf-8", errors="replace")))


def _started(status: str) -> float:
    """From what the system says of a process: a worker is forked long after the program was."""
    ticks = int(status.rpartition(")")[2].split()[19])
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")


@source(shared=False)
def connections() -> Iterable[Sample]:
    """Connections in use and at rest: those of sessions, and those that only read."""
    if db.reader() is not db.engine():
        return [*_pool("sessions", db.engine()), *_pool("reading", db.reader())]
    return _pool("sessions", db.engine())


def _pool(name: str, engine: Engine) -> list[Sample]:
    pool = engine.pool
    if not isinstance(pool, QueuePool):
        return []
    states = (("in_use", pool.checkedout()), ("idle", pool.checkedin()))
    return [Sample(CONNECTIONS, number, (("pool", name), ("state", state))) for state, number in states]


@source(shared=False)
def database() -> Iterator[Sample]:
    """Whether it answers this process."""
    try:
        ask_database()
        db.session().execute(text("SELECT 1"))
        yield Sample(UP, 1)
    except Exception:  # whatever is wrong: it does not answer
        yield Sample(UP, 0)


@source(shared=True)
def event_log() -> Iterator[Sample]:
    """How far each listener is behind, in one query."""
    ask_database()
    newest, row, event = outbox.head(), outbox.ListenerRow, outbox.EventRow
    oldest = select(event.created_at).where(event.id > row.position).order_by(event.id).limit(1).scalar_subquery()
    known = {one.name for one in outbox.listeners()}
    for name, position, since in db.session().execute(select(row.name, row.position, oldest).order_by(row.name)):
        if name in known:  # those of an earlier version read no more
            yield Sample(BEHIND, max(0, newest - position), (("listener", name),))
            yield Sample(LAG, seconds_since(since), (("listener", name),))


@source(shared=True)
def deliveries() -> Iterator[Sample]:
    """What listeners failed at."""
    ask_database()
    row = outbox.FailedDelivery
    total, again = db.session().execute(select(func.count(row.id), func.count(row.next_at))).one()
    yield Sample(FAILED, again, (("state", "tried_again"),))
    yield Sample(FAILED, total - again, (("state", "given_up"),))


@source(shared=True)
def queue() -> Iterator[Sample]:
    """What waits on the queue of jobs."""
    number, since = jobs.waiting()
    yield Sample(WAITING, number)
    yield Sample(AGE, 0.0 if since is None else max(0.0, clock.now().timestamp() - since))
