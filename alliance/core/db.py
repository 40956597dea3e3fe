"""One database per process: the session of a thread, and `transaction()`, the only commit.

SQLite (WAL): readers never wait; whatever may write begins with BEGIN IMMEDIATE, so that load-check-save cannot
fail half-way with "database is locked"; `synchronous=FULL`, because what was acknowledged must survive a power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, Engine, MetaData, String, TypeDecorator, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker
from sqlalchemy.types import TypeEngine

from alliance.core.together import Flush, Groups
from alliance.core.turns import Turns

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

POOL_SIZE, MORE = 20, 40  # connections to PostgreSQL kept, and opened beside them when busy


class BinaryText(TypeDecorator[str]):
    """Text that sorts by bytes on both databases, whatever the locale of the server: tree paths, keyset columns."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """PostgreSQL is told the collation; SQLite compares bytes anyway."""
        return dialect.type_descriptor(String(collation="C") if dialect.name == "postgresql" else String())


class Json(TypeDecorator[Any]):
    """JSON: text in SQLite, JSONB in PostgreSQL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the database in use."""
        return dialect.type_descriptor(postgresql.JSONB() if dialect.name == "postgresql" else JSON())


class UtcDateTime(TypeDecorator[datetime]):
    """Aware moments in UTC on both databases (SQLite itself forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: aware only, in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every model."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json, list[str]: Json}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


_factory: sessionmaker[Session] = sessionmaker(join_transaction_mode="create_savepoint")
_sessions: scoped_session[Session] = scoped_session(_factory)
_engine: list[Engine] = []
_reader: list[Engine] = []
_line = Turns()
_groups = Groups(_line)
_before_commit: list[Callable[[Session], None]] = []
_after_commit: list[Callable[[list[Any]], None]] = []
_when_replaced: list[Callable[[], None]] = []


def connect(url: str) -> Engine:
    """Open the database of this process (closing an earlier one) and return its engine."""
    disconnect()
    engine = create_engine(url, **_options(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    _factory.configure(bind=engine)
    _engine[:] = [engine]
    replaced()
    return engine


def _options(url: str) -> dict[str, Any]:
    if make_url(url).get_backend_name() == "sqlite":
        # pool_size 0 = no bound: threads are bounded by the server, and a waiting pool would only hide it.
        return {"connect_args": {"timeout": 30, "check_same_thread": False}, "pool_size": 0}
    return {"pool_size": POOL_SIZE, "max_overflow": MORE, "pool_pre_ping": True}


def disconnect() -> None:
    """Close the database of this process."""
    _sessions.remove()
    for known in (_engine, _reader):
        for engine in known:
            engine.dispose()
        known.clear()


def when_replaced(hook: Callable[[], None]) -> None:
    """Have `hook()` run when this process is given another database: what is kept of the one before is worth nothing."""
    if hook not in _when_replaced:
        _when_replaced.append(hook)


def replaced() -> None:
    """The database holds something else than before (another one was opened; this one was restored)."""
    for hook in _when_replaced:
        hook()


def engine() -> Engine:
    """The engine of this process."""
    return _engine[0]


def reader() -> Engine:
    """An engine whose connections are in no transaction: for single statements that read, through the driver."""
    if not _reader:
        mine = engine()
        # SQLite's connections are so anyway (`_sqlite_connect`); on PostgreSQL each reset would be a round trip.
        lone = mine if mine.dialect.name == "sqlite" else create_engine(mine.url, isolation_level="AUTOCOMMIT", max_overflow=20)
        _reader[:] = [lone]
    return _reader[0]


_PRAGMAS = "journal_mode=WAL synchronous=FULL foreign_keys=ON busy_timeout=30000 cache_size=-16000 temp_store=MEMORY"


def _sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS.split():
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def session() -> Session:
    """The session of this thread; reading through it needs nothing more."""
    return _sessions()


def release() -> None:
    """End of a request, a job or a socket event: give the session back."""
    _sessions.remove()


def before_commit(hook: Callable[[Session], None]) -> None:
    """Have `hook(session)` run inside every transaction, just before its commit."""
    if hook not in _before_commit:
        _before_commit.append(hook)


def after_commit(hook: Callable[[list[Any]], None]) -> None:
    """Have `hook(events)` run after every commit that published something."""
    if hook not in _after_commit:
        _after_commit.append(hook)


@contextmanager
def transaction(*, brief: bool = False) -> Iterator[Session]:
    """Write: everything inside is committed together, or not at all.

    An inner `transaction()` joins the outer one. What the thread had read before is read again inside, so that a
    check made here is made on what is there now. `brief`: it takes milliseconds, and may share its commit with others.
    """
    current = session()
    if current.info.get("writing"):
        yield current
    elif (begin := current.info.pop("awaited", None)) is not None:
        begin()
        yield current
    else:
        with _begun(current, brief):
            yield current


@contextmanager
def awaited_transaction(when_begun: Callable[[], None]) -> Iterator[Session]:
    """A brief transaction that begins with the first `transaction()` inside, and ends here.

    What is done before (reading, checking, rendering) holds nobody up. `when_begun` is called as soon as it has begun.
    """
    current = session()
    if current.info.get("writing"):
        when_begun()
        yield current
        return
    with ExitStack() as stack:

        def begin() -> None:
            stack.enter_context(_begun(current, brief=True))
            when_begun()

        current.info["awaited"] = begin
        try:
            yield current
        finally:
            current.info.pop("awaited", None)


@contextmanager
def _begun(current: Session, brief: bool) -> Iterator[None]:
    current.commit()  # ends the reading transaction; nothing can be pending, services only write in here
    with _writing(current, brief):
        current.info["writing"] = True
        try:
            yield
            for hook in _before_commit:
                hook(current)
            published = current.info.pop("published", [])
            current.commit()
        except BaseException:
            current.info.pop("published", None)
            current.rollback()
            raise
        finally:
            current.info.pop("writing", None)
            current.info.pop("kept", None)
    if published:
        for after in _after_commit:
            after(published)


@contextmanager
def _writing(current: Session, brief: bool) -> Iterator[None]:
    """Let the session write; what it committed is on the disk on the way out."""
    if engine().dialect.name != "sqlite":
        connection = current.connection(execution_options={"writing": True})
        if brief:
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
        yield
        if brief:
            _flush.wait()
    elif brief:
        with _groups.member(engine()) as connection:
            current.bind = connection
            try:
                current.connection()
                yield
            finally:
                current.bind = engine()
    else:
        with _line.turn():
            current.connection(execution_options={"writing": True})
            yield


def _write_out() -> None:
    """PostgreSQL: return when all that was committed so far is on the disk (a commit that waits, of one tiny record)."""
    with reader().connect() as connection:
        connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'alliance', '')")


_flush = Flush(_write_out)


def insert_missing(model: type[Base]) -> Any:
    """An INSERT that passes over rows whose unique key is there already, on either database."""
    made: Any = (postgresql if engine().dialect.name == "postgresql" else sqlite).insert(model.__table__)
    return made.on_conflict_do_nothing()


def sqlite_file() -> Path | None:
    """The file of a SQLite database, None for PostgreSQL."""
    url = engine().url
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
