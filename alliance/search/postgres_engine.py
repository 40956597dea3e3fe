"""The engine at scale: the index lies in PostgreSQL, so that every process on every machine searches the same one.

PostgreSQL keeps segments of our own words' postings as arrays of bytes and finds them by word; matching and ranking
are those of `answering`, the same as over Whoosh. A generation is a schema (see `postgres_store`); how far in the event
log it reaches stands inside it, in the same commit as the documents.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine

from alliance.search import answering, postgres_check, postgres_store, segments, spelling
from alliance.search.engine import EVERYTHING, Answer, Document, IndexUnavailable, Sight, Sort
from alliance.search.postgres_scan import Core, Scan
from alliance.search.query_language import Query
from alliance.search.scan import Mask
from alliance.search.segments import Builder

NAME = "alliance_search"
LOCK = 4171_2008
LOCK_SECONDS = 60
log = structlog.get_logger(__name__)
T = TypeVar("T")


class PostgresEngine:
    """The index in the schemas that begin with `name`, of the database that `source` opens."""

    def __init__(self, source: Callable[[], Engine], name: str = NAME) -> None:
        self._source = source
        self._name = name
        self._pattern = postgres_store.pattern(name)
        self._known: dict[tuple[str, int], tuple[int, Core, Mask]] = {}
        self._turn = threading.Lock()

    # reading

    def search(self, query: Query, sort: Sort, limit: int, sight: Sight = EVERYTHING, *, facets: bool = False) -> Answer:
        """See `SearchEngine`."""
        return self._reading(lambda scan: answering.answer(scan, query, sort, limit, sight, facets=facets))

    def similar_words(self, words: Sequence[str], sight: Sight) -> dict[str, list[str]]:
        """See `SearchEngine`."""
        return self._reading(lambda scan: spelling.similar_words(scan, words, sight))

    def position(self) -> int:
        """See `SearchEngine`."""
        return self._asking(lambda cursor, _schema: int(cursor.execute("SELECT position FROM state").fetchone()[0]))

    def stamps(self) -> Iterator[tuple[str, str]]:
        """See `SearchEngine`."""
        return iter(self._asking(lambda cursor, _schema: cursor.execute("SELECT key, stamp FROM documents").fetchall()))

    def verify(self) -> bool:
        """See `SearchEngine`."""
        return self.is_complete() and self._holds(postgres_check.is_readable)

    def is_complete(self) -> bool:
        """Whether everything is there, by its numbers, without reading it."""
        return self._holds(postgres_check.is_complete)

    def _holds(self, check: Callable[[Any], bool]) -> bool:
        try:
            return self._asking(lambda cursor, _schema: check(cursor))
        except IndexUnavailable:
            return False

    def _reading(self, ask: Callable[[Scan], T]) -> T:
        return self._asking(lambda cursor, schema: ask(Scan(cursor, self._segments(cursor, schema))))

    def _asking(self, ask: Callable[[Any, str], T]) -> T:
        """Ask the generation in use, all at one moment of it."""
        for attempt in (1, 2, 3):
            try:
                with self._cursor(reading=True) as cursor:
                    return ask(cursor, self._current(cursor))
            except postgres_check.DAMAGES as error:
                # Another generation may just have taken its place: look again.
                if attempt == 3:
                    log.warning("search.index_unreadable", error=repr(error))
                    raise IndexUnavailable("the search index cannot be read") from error
                time.sleep(0.02 * attempt)
        raise AssertionError  # pragma: no cover

    def _current(self, cursor: Any) -> str:
        schema = postgres_store.current(cursor, self._name)
        if schema is None or not self._pattern.fullmatch(schema):
            raise IndexUnavailable("there is no search index")
        return schema

    def _segments(self, cursor: Any, schema: str) -> list[tuple[Core, Mask]]:
        """All segments, as they are now; those not met before are read."""
        rows = cursor.execute("SELECT id, version FROM segments ORDER BY id").fetchall()
        with self._turn:
            known = {name: self._known[name] for number, _version in rows if (name := (schema, number)) in self._known}
        stale = [number for number, version in rows if (schema, number) not in known or known[schema, number][0] != version]
        if stale:
            known |= self._read_segments(cursor, schema, stale, known)
            with self._turn:
                self._known = known
        return [known[schema, number][1:] for number, _version in rows]

    @staticmethod
    def _read_segments(
        cursor: Any, schema: str, ids: list[int], known: dict[tuple[str, int], tuple[int, Core, Mask]]
    ) -> dict[tuple[str, int], tuple[int, Core, Mask]]:
        found = {}
        rows = cursor.execute("SELECT id, version, gone, size FROM segments WHERE id = ANY(%s)", (ids,)).fetchall()
        new = [number for number in ids if (schema, number) not in known]
        parts = cursor.execute("SELECT id, records, lengths, keys FROM segments WHERE id = ANY(%s)", (new,)).fetchall()
        cores = {row[0]: Core(*row) for row in parts}
        for number, version, gone, size in rows:
            core = cores.get(number) or known[schema, number][1]
            found[schema, number] = (version, core, ~postgres_store.unpacked(gone, size))
        return found

    @contextmanager
    def _cursor(self, schema: str | None = None, *, reading: bool = False) -> Iterator[Any]:
        """A cursor in a transaction of its own, on the tables of a generation if one is named."""
        with self._source().connect() as connection:
            driver: Any = connection.connection.driver_connection
            with driver.cursor(binary=True) as cursor:
                try:
                    if reading:
                        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    if schema:
                        postgres_store.use(cursor, schema)
                    yield cursor
                    driver.commit()
                except BaseException:
                    driver.rollback()
                    raise

    # writing

    def update(self, documents: Iterable[Document], gone: Iterable[str], position: int) -> None:
        """See `SearchEngine`."""
        with self._cursor() as cursor:
            self._current(cursor)
            _write(cursor, documents, gone, position)

    def rebuild(self, documents: Iterable[Document], position: int) -> _Generation:
        """See `SearchEngine`."""
        with self._cursor() as cursor:
            postgres_store.prepare(cursor, self._name)
        self._drop_unfinished()
        with self._cursor() as cursor:
            made = _Generation(self, postgres_store.create(cursor, self._name))
        try:
            made.fill(documents, position)
        except BaseException:
            made.discard()
            raise
        return made

    @contextmanager
    def writing(self) -> Iterator[None]:
        """See `SearchEngine`."""
        with self._source().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            key = f"{LOCK}, hashtext('{self._name}')"
            deadline = time.monotonic() + LOCK_SECONDS
            while not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({key})").scalar():
                if time.monotonic() > deadline:
                    raise TimeoutError("another process is writing the search index")
                time.sleep(0.05)
            try:
                yield
            finally:
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({key})")

    def put_in_place(self, schema: str) -> None:
        """Search this generation from now on."""
        with self._cursor() as cursor:
            postgres_store.put_in_place(cursor, self._name, schema)
        with self._cursor() as cursor:
            others = [other for other in postgres_store.generations(cursor, self._name) if other != schema]
        for other in others:
            self.drop(other)

    def _drop_unfinished(self) -> None:
        """Remove what was left by whoever was killed while building: one rebuilds at a time."""
        with self._cursor() as cursor:
            used = postgres_store.current(cursor, self._name)
            left = [schema for schema in postgres_store.generations(cursor, self._name) if schema != used]
        for schema in left:
            self.drop(schema)

    def drop(self, schema: str) -> None:
        """Remove a generation."""
        with self._cursor() as cursor:
            postgres_store.drop(cursor, schema)

    def drop_all(self) -> None:
        """Remove everything there is under this name."""
        with self._cursor() as cursor:
            for schema in (*postgres_store.generations(cursor, self._name), self._name):
                postgres_store.drop(cursor, schema)

    def tidy(self, read: Callable[[list[str]], Iterable[Document]]) -> bool:
        """Make one of many small segments, while writing and searching go on; whether there was anything to do.

        Args:
            read: the documents of some keys, as they are now.
        """
        with self._cursor() as cursor:
            schema = self._current(cursor)
            rows = cursor.execute("SELECT id, size, gone_count FROM segments ORDER BY id").fetchall()
            ids = postgres_store.crowded(rows)
            query = "SELECT key, segment, number FROM documents WHERE segment = ANY(%s)"
            places = {key: (segment, number) for key, segment, number in cursor.execute(query, (ids,))}
        if not ids:
            return False
        builder = Builder()
        for document in read(list(places)[: segments.MOST]):
            builder.add(document)
        with self.writing(), self._cursor() as cursor:
            if self._current(cursor) == schema:
                _replace(cursor, ids, builder, places)
        return True


def _replace(cursor: Any, ids: list[int], builder: Builder, places: dict[str, tuple[int, int]]) -> None:
    """Put a segment in the place of others; what was written meanwhile is newer than what was read for it."""
    query = "SELECT key, segment, number FROM documents WHERE key = ANY(%s)"
    now = {key: (segment, number) for key, segment, number in cursor.execute(query, (builder.keys,))}
    late = [number for number, key in enumerate(builder.keys) if now.get(key) != places[key]]
    if len(late) == len(builder):
        return
    segment = postgres_store.add_segment(cursor, builder)
    moved = [(number, key) for number, key in enumerate(builder.keys) if now.get(key) == places[key]]
    cursor.execute(
        "UPDATE documents AS d SET segment = %s, number = m.number, stamp = m.stamp"
        " FROM unnest(%s::text[], %s::int[], %s::text[]) AS m (key, number, stamp) WHERE d.key = m.key",
        (segment, [key for _number, key in moved], [number for number, _key in moved], [builder.stamps[number] for number, _key in moved]),
    )
    for old in ids:
        numbers = [place[1] for _number, key in moved if (place := places[key])[0] == old]
        if numbers:
            postgres_store.mark_gone(cursor, old, numbers)
    if late:
        postgres_store.mark_gone(cursor, segment, late)


class _Generation:
    """A new index beside the one in use."""

    def __init__(self, engine: PostgresEngine, schema: str) -> None:
        self._engine = engine
        self._schema = schema

    def fill(self, documents: Iterable[Document], position: int) -> None:
        """Everything, a segment at a time."""
        builder = Builder()
        for document in documents:
            builder.add(document)
            if len(builder) >= segments.MOST:
                self._settle(builder)
                builder = Builder()
        self._settle(builder)
        with self._engine._cursor(self._schema) as cursor:
            cursor.execute("UPDATE state SET position = %s", (position,))
            cursor.execute("ANALYZE postings")

    def _settle(self, builder: Builder) -> None:
        if len(builder):
            with self._engine._cursor(self._schema) as cursor:
                postgres_store.settle(cursor, postgres_store.add_segment(cursor, builder), builder)

    def update(self, documents: Sequence[Document], gone: Sequence[str], position: int) -> None:
        """See `Rebuild`."""
        with self._engine._cursor(self._schema) as cursor:
            _write(cursor, documents, gone, position)

    def adopt(self) -> None:
        """See `Rebuild`."""
        self._engine.put_in_place(self._schema)

    def discard(self) -> None:
        """See `Rebuild`."""
        self._engine.drop(self._schema)


def _write(cursor: Any, documents: Iterable[Document], gone: Iterable[str], position: int) -> None:
    postgres_store.take_out(cursor, gone)
    builder = Builder()
    for document in documents:
        builder.add(document)
    if len(builder):
        postgres_store.settle(cursor, postgres_store.add_segment(cursor, builder), builder)
    cursor.execute("UPDATE state SET position = %s", (position,))
