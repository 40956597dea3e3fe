"""The event log: one row in the same transaction as what happened, and listeners that each read it in order.

`publish` notes an event; `transaction()` writes it just before its commit. On PostgreSQL the append takes an advisory
lock first, so that ids become visible in their order and "everything after my cursor" never skips a row that commits
late (SQLite has one writer anyway). A listener keeps its position in the log; only one process at a time moves it, and
a crash repeats at most the batch in hand. What fails is set aside, tried again with back-off, and kept visible after
`MAX_ATTEMPTS`; it never holds up what comes behind it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, TypeVar

import structlog
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from alliance.core import clock, db, locks, pace, plain, wake
from alliance.core.outbox_tables import EventRow as EventRow
from alliance.core.outbox_tables import FailedDelivery as FailedDelivery
from alliance.core.outbox_tables import ListenerRow as ListenerRow

log = structlog.get_logger(__name__)
BATCH = 200
MAX_ATTEMPTS = 5
APPEND_LOCK = 4171_2006
Declared = TypeVar("Declared", bound=type[Any])
FIRST_DELAY = timedelta(seconds=10)
_APPENDED = insert(EventRow.__table__)  # type: ignore[arg-type]
_NEWEST = select(func.max(EventRow.__table__.c.id))


class Event(Protocol):
    """Any dataclass of `alliance.events`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as read from the log."""

    id: int
    event: Any
    created_at: datetime


Handler = Callable[[Sequence[Recorded]], None]


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who wants to know of events of some kinds."""

    name: str
    kinds: tuple[str, ...]
    handler: Handler
    rest: float = pace.MAX_REST


_kinds: dict[str, type[Any]] = {}
_listeners: dict[str, Listener] = {}
_inside: dict[str, tuple[tuple[type[Any], ...], Callable[[Sequence[Any]], None]]] = {}


def declare(cls: Declared) -> Declared:
    """Class decorator: this dataclass is an event and may be published."""
    _kinds[cls.__name__] = cls
    return cls


def listener(name: str, *events: type[Any], rest: float = pace.MAX_REST) -> Callable[[Handler], Handler]:
    """Decorator: call this with batches of the given events, in order, at least once each; at leisure, at most `rest` seconds apart."""

    def register(handler: Handler) -> Handler:
        _listeners[name] = Listener(name, tuple(e.__name__ for e in events), handler, rest)
        return handler

    return register


def inside(*events: type[Any]) -> Callable[[Callable[[Sequence[Any]], None]], Callable[[Sequence[Any]], None]]:
    """Decorator: call this with the given events in the very transaction that published them, just before its commit.

    For the little that a room above must have written when the page reloads; it has to be quick, and publishes nothing.
    """

    def register(handler: Callable[[Sequence[Any]], None]) -> Callable[[Sequence[Any]], None]:
        _inside[f"{handler.__module__}.{handler.__name__}"] = (events, handler)
        return handler

    return register


def listeners() -> list[Listener]:
    """Every registered listener."""
    return list(_listeners.values())


def publish(event: Event) -> None:
    """Note that something happened; written with the surrounding transaction, told after its commit."""
    session = db.session()
    if not session.info.get("writing"):
        raise RuntimeError("publish() belongs inside transaction()")
    session.info.setdefault("published", []).append(event)


def append(session: Session) -> None:
    """Write what the transaction published (called by `transaction()` just before its commit)."""
    published = session.info.get("published")
    if not published:
        return
    session.flush()
    for kinds, handler in _inside.values():
        found = [event for event in published if isinstance(event, kinds)]
        if found:
            handler(found)
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPEND_LOCK})")
    now = clock.now()
    for event in published:
        plain.run(_APPENDED, _row(event, now))


def _row(event: Event, now: datetime) -> dict[str, Any]:
    payload = asdict(event)
    return {"kind": type(event).__name__, "payload": payload, "discussion_id": payload.get("discussion_id"), "created_at": now}


def _signal(_published: list[Any]) -> None:
    wake.signal()


db.before_commit(append)
db.after_commit(_signal)


def recorded(row: EventRow) -> Recorded:
    """The event of a row."""
    return Recorded(row.id, _kinds[row.kind](**row.payload), row.created_at)


def head() -> int:
    """The newest cursor of the log (0 when empty)."""
    return db.session().connection().execute(_NEWEST).scalar() or 0


def read(after: int, limit: int, kinds: Iterable[str] | None = None, discussion_id: int | None = None) -> list[Recorded]:
    """Events behind a cursor, oldest first.

    Args:
        after: cursor; events with a greater id.
        limit: at most that many.
        kinds: only these class names.
        discussion_id: only of this discussion.
    """
    query = select(EventRow).where(EventRow.id > after, EventRow.kind.in_(_kinds if kinds is None else list(kinds)))
    if discussion_id is not None:
        query = query.where(EventRow.discussion_id == discussion_id)
    return [recorded(row) for row in db.session().scalars(query.order_by(EventRow.id).limit(limit))]


def enrol() -> None:
    """Give every listener its place in the log; one that is new begins at the end, not with history."""
    known = set(db.session().scalars(select(ListenerRow.name)))
    missing = [name for name in _listeners if name not in known]
    if missing:
        with db.transaction() as session:
            position = session.scalar(select(func.max(EventRow.id))) or 0
            session.add_all(ListenerRow(name=name, position=position) for name in missing)


def waiting() -> list[str]:
    """Names of listeners with something to do: unread events, or a failed one due again."""
    session = db.session()
    newest = head()
    behind = set(session.scalars(select(ListenerRow.name).where(ListenerRow.position < newest)))
    due = set(session.scalars(select(FailedDelivery.listener).where(FailedDelivery.next_at <= clock.now())))
    return [name for name in _listeners if name in behind | due]


def oldest_unread() -> datetime | None:
    """When the oldest event happened that some listener has not read; None when all is read."""
    session = db.session()
    known = select(func.min(ListenerRow.position)).where(ListenerRow.name.in_(_listeners)).scalar_subquery()
    return session.scalar(select(EventRow.created_at).where(EventRow.id > known).order_by(EventRow.id).limit(1))


def drain(name: str, *, at_leisure: bool = False) -> int:
    """Let one listener read all it has not read, unless another is at it; returns how many events it took.

    `at_leisure`: let requests come first where much is written; what gathers meanwhile is one batch.
    """
    target, taken = _listeners[name], 0
    with locks.exclusive(f"outbox-{name}") as mine:
        if mine:
            while batch := _next_batch(target):
                took = _deliver(target, batch)
                taken += len(batch)
                if at_leisure:
                    pace.give_way(took, target.rest)
            taken += _retry(target)
    return taken


def drain_all() -> int:
    """Let every listener read to the end of the log, news of news included; returns how many events were taken."""
    taken = sum(drain(name) for name in waiting())
    return taken + drain_all() if taken else 0


def _next_batch(target: Listener) -> list[Recorded]:
    """The next events of the listener's kinds; moves it past those of other kinds."""
    db.release()
    newest = head()
    position = db.session().scalar(select(ListenerRow.position).where(ListenerRow.name == target.name)) or 0
    batch = read(position, BATCH, target.kinds)
    if not batch and position < newest:
        with db.transaction(brief=True):
            _move(target, newest)
    return batch


def _move(target: Listener, position: int) -> None:
    db.session().execute(update(ListenerRow).where(ListenerRow.name == target.name).values(position=position))


def _deliver(target: Listener, batch: list[Recorded]) -> float:
    began = time.monotonic()
    try:
        target.handler(batch)
        failures = []
    except Exception as error:  # a listener may fail in any way; its events must not be lost
        log.warning("outbox.batch_failed", listener=target.name, events=len(batch), error=repr(error))
        db.release()
        failures = [(one, problem) for one in batch if (problem := _attempt(target, one))]
    db.release()
    with db.transaction(brief=True):
        for one, problem in failures:
            _set_aside(target, one, problem)
        _move(target, batch[-1].id)
    return time.monotonic() - began


def _attempt(target: Listener, one: Recorded) -> str | None:
    """Hand over a single event; returns what went wrong."""
    try:
        target.handler([one])
    except Exception as error:  # see _deliver
        log.exception("outbox.event_failed", listener=target.name, event_id=one.id)
        return f"{type(error).__name__}: {error}"[:2000]
    finally:
        db.release()
    return None


def _set_aside(target: Listener, one: Recorded, problem: str) -> None:
    session = db.session()
    known = session.scalar(select(FailedDelivery).where(FailedDelivery.listener == target.name, FailedDelivery.event_id == one.id))
    row = known or FailedDelivery(listener=target.name, event_id=one.id, attempts=0, created_at=clock.now())
    row.attempts += 1
    row.error = problem
    row.next_at = None if row.attempts >= MAX_ATTEMPTS else clock.now() + FIRST_DELAY * 4 ** (row.attempts - 1)
    session.add(row)


def _retry(target: Listener) -> int:
    """Try again what failed and is due; returns how many were tried."""
    due = (FailedDelivery.listener == target.name) & (FailedDelivery.next_at <= clock.now())
    query = select(FailedDelivery.id, EventRow).join(EventRow, EventRow.id == FailedDelivery.event_id).where(due)
    rows = db.session().execute(query.order_by(EventRow.id)).all()
    events = [(failed_id, recorded(row)) for failed_id, row in rows]
    for failed_id, one in events:
        problem = _attempt(target, one)
        with db.transaction() as session:
            if problem:
                _set_aside(target, one, problem)
            else:
                session.execute(delete(FailedDelivery).where(FailedDelivery.id == failed_id))
    return len(events)


def failures() -> list[FailedDelivery]:
    """What could not be delivered so far, oldest first (doctor, admin page)."""
    return list(db.session().scalars(select(FailedDelivery).order_by(FailedDelivery.id)))


def try_again(failure_id: int) -> bool:
    """Have a given-up delivery tried again now; False when there is none such."""
    with db.transaction() as session:
        done = session.execute(update(FailedDelivery).where(FailedDelivery.id == failure_id).values(next_at=clock.now(), attempts=0))
    wake.signal()
    return bool(done.rowcount)  # type: ignore[attr-defined]
