"""Statements that every page of people signed in asks: composed once for each kind of asker, then asked through the driver.

SQLAlchemy composes a statement anew each time, which takes thirty times as long as a small answer. What may be seen is
still said in `policy/` alone: a statement is composed with an asker whose id is a mark (`ANYBODY`), and the mark is
replaced by the id of whoever really asks. Answers are the driver's own values: numbers and texts, nothing else.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import DBAPIError

from alliance.core import db

ANYBODY = 2**31 - 7  # stands for the id of whoever asks; no person has it
Row = tuple[Any, ...]
_here = threading.local()


@dataclass(frozen=True, slots=True)
class _Made:
    """A statement as the driver takes it. `order`: of its parameters (None: by name); `given`: those that are always the same."""

    sql: str
    order: tuple[str, ...] | None
    given: dict[str, Any]
    mine: tuple[str, ...]


class Prepared:
    """A statement to be asked often. `compose(kind)` makes it, with `value` and `among` for what differs."""

    def __init__(self, compose: Callable[[Any], Select[Any]]) -> None:
        self._compose = compose
        self._made: dict[Hashable, _Made] = {}
        db.when_replaced(self._made.clear)

    def rows(self, kind: Hashable, person_id: int | None = None, **values: Any) -> list[Row]:
        """The answer.

        Args:
            kind: what the statement is composed for; whatever of it the statement depends on must be part of its equality.
            person_id: who asks, in place of `ANYBODY`.
            values: of `value` and `among`, by name.
        """
        made = self._made.get(kind)
        if made is None:
            made = self._made[kind] = _made(self._compose(kind))
        named = made.given | dict.fromkeys(made.mine, person_id)
        for name, one in values.items():
            named[name] = one if isinstance(one, (int, str)) else _several(one)
        return ask(made.sql, named if made.order is None else tuple([named[name] for name in made.order]))


def value(name: str, kind: Any = Integer) -> Any:
    """A value given when the statement is asked."""
    return bindparam(name, type_=kind, required=False)


def written(moment: datetime) -> str:
    """A moment as the driver of either database takes it, to be compared with what is stored."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")


def among(column: Any, name: str) -> ColumnElement[bool]:
    """`column` is one of the numbers given when the statement is asked, however many: the statement stays the same."""
    if isinstance(db.engine().dialect, PGDialect):
        return column == func.any(bindparam(name, type_=ARRAY(Integer), required=False))  # type: ignore[no-any-return]
    every = func.json_each(bindparam(name, type_=String, required=False)).table_valued("value")
    return column.in_(select(every.c.value))  # type: ignore[no-any-return]


def _several(numbers: Collection[int]) -> Any:
    return list(numbers) if isinstance(db.engine().dialect, PGDialect) else json.dumps(list(numbers))


def _made(statement: Select[Any]) -> _Made:
    dialect = db.engine().dialect
    compiled: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    binds = compiled._bind_processors
    given = {name: binds[name](one) if name in binds else one for name, one in compiled.params.items()}
    order = tuple(compiled.positiontup) if compiled.positiontup is not None else None
    return _Made(str(compiled), order, given, tuple(name for name, one in compiled.params.items() if one == ANYBODY))


@contextmanager
def one_connection() -> Iterator[None]:
    """Ask everything within this block through one connection: taking one from the pool costs as much as a small answer."""
    connection: Any = db.reader().raw_connection()
    _here.connection = connection
    try:
        yield
    finally:
        _here.connection = None
        connection.close()


def ask(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of one statement that reads, asked through the driver; within a transaction of this thread, as it sees things."""
    current = db.session()
    if current.info.get("writing"):
        return _asked(current.connection().connection, sql, parameters)
    held = getattr(_here, "connection", None)
    if held is not None:
        return _asked(held, sql, parameters)
    with one_connection():
        return _asked(_here.connection, sql, parameters)


def _asked(connection: Any, sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    dialect: Any = db.engine().dialect
    try:
        cursor = connection.cursor()
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.close()
    except dialect.dbapi.Error as error:
        gone = dialect.is_disconnect(error, connection, None)
        held: Any = getattr(_here, "connection", None)
        if gone and held is not None:
            held.invalidate(error)
        raise DBAPIError.instance(sql, parameters, error, dialect.dbapi.Error, connection_invalidated=gone, dialect=dialect) from error
    return found
