"""The rows of a database as lines of JSON that mean the same on SQLite and on PostgreSQL, and back again.

It goes by what the database says of itself, not by the models: so it reads and fills any revision of the schema. A line
is a list of the values of one row in the order of the columns; moments are in UTC, bytes in base64, JSON is a text in
one canonical form, so that the same content has the same lines, and the same SHA-256, on both databases.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from alliance.core.db import UtcDateTime

BATCH = 500
REVISIONS = "alembic_version"
_KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (sa.JSON, "json"),
    (sa.DateTime, "moment"),
    (sa.Date, "date"),
    (sa.LargeBinary, "bytes"),
    (sa.Boolean, "truth"),
    (sa.Integer, "number"),
    (sa.String, "text"),
)


class _ExactJson(sa.TypeDecorator[str]):
    """JSON given as a text; an absent value and JSON's own `null` stay apart."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the database in use."""
        return dialect.type_descriptor(postgresql.JSONB(none_as_null=True) if dialect.name == "postgresql" else sa.JSON(none_as_null=True))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None:
            return None
        thing = json.loads(value)
        return sa.JSON.NULL if thing is None else thing


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table looks like.

    Attributes:
        name: of the table.
        columns: names and kinds (text, number, truth, moment, date, bytes, json), in their order.
        order: the columns its rows are sorted by.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    order: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For a manifest."""
        return asdict(self)

    @classmethod
    def of(cls, found: Any) -> Shape:
        """From a manifest."""
        return cls(str(found["name"]), tuple((str(n), str(k)) for n, k in found["columns"]), tuple(map(str, found["order"])))


def shapes(connection: sa.Connection) -> list[Shape]:
    """Every table of the database, the one of revisions left out."""
    inspector = sa.inspect(connection)
    return [_shape(inspector, name) for name in sorted(inspector.get_table_names()) if name != REVISIONS]


def _shape(inspector: sa.Inspector, name: str) -> Shape:
    columns = sorted((column["name"], _kind(name, column)) for column in inspector.get_columns(name))
    return Shape(name, tuple(columns), tuple(inspector.get_pk_constraint(name)["constrained_columns"]))


def _kind(table: str, column: Any) -> str:
    for python, kind in _KINDS:
        if isinstance(column["type"], python):
            return kind
    raise TypeError(f"{table}.{column['name']}: a column of type {column['type']} cannot be kept")


@contextmanager
def still(engine: sa.Engine, *, alone: bool = False) -> Iterator[sa.Connection]:
    """A connection that sees the database as it is now, however long one reads and whoever writes meanwhile.

    Args:
        engine: of the database.
        alone: let nobody write until one has finished.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
            if alone:
                names = ", ".join(f'"{name}"' for name in sorted(sa.inspect(engine).get_table_names()))
                connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")
            connection.execute(sa.select(1))
        else:
            connection.execution_options(writing=alone)
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the snapshot is that of the first reading
        yield connection
        connection.rollback()


def count(connection: sa.Connection, shape: Shape) -> int:
    """How many rows a table has."""
    return connection.scalar(sa.select(sa.func.count()).select_from(sa.table(shape.name))) or 0


def lines(connection: sa.Connection, shape: Shape) -> Iterator[bytes]:
    """The rows of a table, each as a line."""
    table = sa.table(shape.name, *(sa.column(name) for name, _kind in shape.columns))
    chosen = [_read(connection, table.c[name], kind) for name, kind in shape.columns]
    order = [sa.collate(c, "C") if kind == "text" and connection.dialect.name == "postgresql" else c for c, kind in _order(table, shape)]
    result = connection.execution_options(stream_results=True).execute(sa.select(*chosen).order_by(*order))
    writers = [_WRITERS.get(kind) for _name, kind in shape.columns]
    for part in result.partitions(BATCH):
        for row in part:
            values = [value if value is None or write is None else write(value) for value, write in zip(row, writers, strict=True)]
            yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _order(table: Any, shape: Shape) -> list[tuple[Any, str]]:
    kinds = dict(shape.columns)
    return [(table.c[name], kinds[name]) for name in shape.order or kinds]


def _read(connection: sa.Connection, column: Any, kind: str) -> Any:
    if kind == "json":
        text = sa.cast(column, sa.Text) if connection.dialect.name == "postgresql" else sa.type_coerce(column, sa.Text)
        return text.label(column.name)
    return sa.type_coerce(column, _TYPES[kind]).label(column.name)


def load(connection: sa.Connection, shape: Shape, found: Iterable[bytes]) -> int:
    """Put rows into a table; returns how many."""
    types = {name: _TYPES[kind] for name, kind in shape.columns}
    table = sa.table(shape.name, *(sa.column(name, type_) for name, type_ in types.items()))
    readers = [(name, _READERS.get(kind)) for name, kind in shape.columns]
    number = 0
    source = iter(found)
    while part := list(itertools.islice(source, BATCH)):
        connection.execute(table.insert(), [_row(readers, line) for line in part])
        number += len(part)
    return number


def _row(readers: Sequence[tuple[str, Callable[[Any], Any] | None]], line: bytes) -> dict[str, Any]:
    values = json.loads(line)
    return {name: value if value is None or read is None else read(value) for (name, read), value in zip(readers, values, strict=True)}


@contextmanager
def filling(connection: sa.Connection) -> Iterator[None]:
    """Inside a transaction: rows may come in any order; afterwards what they refer to is asked for, and counters go on after them."""
    if connection.dialect.name == "postgresql":
        bound = _let_go(connection)
        yield
        for table, name, definition in bound:
            connection.exec_driver_sql(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
        _count_on(connection)
    else:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield


def empty(connection: sa.Connection) -> None:
    """Take every row away (what the migrations put in comes with the rows too)."""
    for shape in shapes(connection):
        connection.execute(sa.table(shape.name).delete())


def _let_go(connection: sa.Connection) -> list[tuple[str, str, str]]:
    asked = sa.text(
        "SELECT r.relname, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
        " JOIN pg_namespace n ON n.oid = r.relnamespace WHERE c.contype = 'f' AND n.nspname = current_schema() ORDER BY 1, 2"
    )
    bound = [(str(table), str(name), str(definition)) for table, name, definition in connection.execute(asked)]
    for table, name, _definition in bound:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    return bound


def _count_on(connection: sa.Connection) -> None:
    for shape in shapes(connection):
        counter = sa.func.pg_get_serial_sequence(f'"{shape.name}"', "id") if dict(shape.columns).get("id") == "number" else None
        newest = connection.scalar(sa.select(sa.func.max(sa.table(shape.name, sa.column("id")).c.id))) if counter is not None else None
        if newest is not None:
            connection.execute(sa.select(sa.func.setval(counter, newest)))


def digest(connection: sa.Connection, shape: Shape) -> str:
    """The SHA-256 of the lines of a table."""
    seen = hashlib.sha256()
    for line in lines(connection, shape):
        seen.update(line)
    return seen.hexdigest()


def _canonical(text: str) -> str:
    return json.dumps(json.loads(text, parse_float=_number), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _number(text: str) -> float | int:
    """PostgreSQL writes a large float without its exponent: then it reads as a whole number, so it is one here too."""
    value = float(text)
    return int(value) if abs(value) >= 1e15 and value.is_integer() else value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "json": _canonical,
    "moment": _moment,
    "date": date.isoformat,
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": base64.b64decode,
}
_TYPES: dict[str, TypeEngine[Any]] = {
    "json": _ExactJson(),
    "moment": UtcDateTime(),
    "date": sa.Date(),
    "bytes": sa.LargeBinary(),
    "truth": sa.Boolean(),
    "number": sa.BigInteger(),
    "text": sa.Text(),
}
