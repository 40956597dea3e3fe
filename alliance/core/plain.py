"""Statements of every post: composed once, then asked through the driver, within the transaction that writes.

SQLAlchemy's own work for a statement takes five times as long as SQLite's. What is given is turned into what the driver
takes by the types of the columns; what comes back are the driver's own values: ask for numbers and texts, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError

from alliance.core import db

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A statement as the driver takes it. `order`: of its parameters (None: by name); `given`: those that are always the same."""

    statement: Any  # held, so that no other one gets its id
    sql: str
    order: tuple[str, ...] | None
    given: dict[str, Any]
    binds: Mapping[str, Callable[[Any], Any]]


_made: dict[tuple[int, tuple[str, ...]], Made] = {}
db.when_replaced(_made.clear)


def run(statement: Any, values: Mapping[str, Any]) -> list[Row]:
    """Inside a transaction: the rows a statement gives, none if it gives none.

    Args:
        statement: one that is kept (made once, of a module), not one made for this call.
        values: of its parameters or, for an INSERT or UPDATE without values, of columns.
    """
    current = db.session()
    if not current.info.get("writing"):
        raise RuntimeError("run() belongs inside transaction()")
    key = (id(statement), tuple(values))
    made = _made.get(key)
    if made is None:
        made = _made[key] = _compiled(statement, list(values))
    named, binds = dict(made.given), made.binds
    for name, value in values.items():
        named[name] = binds[name](value) if name in binds else value
    return asked(current.connection().connection, made, named)


def _compiled(statement: Any, names: list[str]) -> Made:
    dialect = db.engine().dialect
    compiled: Any = statement.compile(dialect=dialect, column_keys=names, compile_kwargs={"render_postcompile": True})
    binds = compiled._bind_processors
    fixed = {name: value for name, value in compiled.params.items() if name not in names}
    given = {name: binds[name](value) if name in binds else value for name, value in fixed.items()}
    for column in (*compiled.insert_prefetch, *compiled.update_prefetch):
        default = column.default if column in compiled.insert_prefetch else column.onupdate
        if not default.is_scalar:
            raise TypeError(f"{column} has to be given")
        given[column.key] = binds[column.key](default.arg) if column.key in binds else default.arg
    order = tuple(compiled.positiontup) if compiled.positiontup is not None else None
    return Made(statement, str(compiled), order, given, binds)


def asked(connection: Any, made: Made, named: dict[str, Any]) -> list[Row]:
    """The rows of one statement, asked through the driver."""
    parameters = named if made.order is None else tuple([named[name] for name in made.order])
    try:
        cursor = connection.cursor()
        cursor.execute(made.sql, parameters)
        found: list[Row] = cursor.fetchall() if cursor.description is not None else []
        cursor.close()
    except db.engine().dialect.dbapi.Error as error:  # type: ignore[union-attr]
        dialect: Any = db.engine().dialect
        gone = dialect.is_disconnect(error, connection, None)
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(made.sql, parameters, error, dialect.dbapi.Error, connection_invalidated=gone, dialect=dialect) from error
    return found
