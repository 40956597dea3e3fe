"""Rows written past the unit of work, where much is written: statements composed once, nothing read back."""

from __future__ import annotations

import functools
from typing import Any, TypeVar

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached

from alliance.core import db, plain
from alliance.core.db import Base

Made = TypeVar("Made", bound=Base)


def add(thing: Made) -> Made:
    """Inside a transaction: insert one new object at once, and have it in the session as if it had been read.

    Where much is written this takes a third of the time of a flush. What is not given is the column's default or empty;
    a default that is made anew for every row (a list, a text made of another) has to be given.
    """
    current = db.session()
    table: Any = type(thing).__table__
    values = _blank(type(thing)) | {name: value for name, value in vars(thing).items() if name in table.c}
    vars(thing).update(values)
    thing.id = int(plain.run(_inserted(type(thing)), values)[0][0])
    make_transient_to_detached(thing)
    current.add(thing)
    current.info.setdefault("kept", []).append(thing)  # the session alone would let go of it
    return thing


@functools.cache
def _blank(model: type[Base]) -> dict[str, Any]:
    """What the columns of a new row hold that are not given."""
    table: Any = model.__table__
    plain_ones = [column for column in table.c if not column.primary_key and (column.default is None or column.default.is_scalar)]
    return {column.key: column.default.arg if column.default is not None else None for column in plain_ones}


@functools.cache
def _inserted(model: type[Base]) -> Any:
    table: Any = model.__table__
    return table.insert().returning(table.c.id)


def adding(model: type[Base], *counted: str) -> Any:
    """An INSERT of a row of counters that adds to them where its unique key is there already; gives the first as it is then."""
    return _adding(model, counted, db.engine().dialect.name)


@functools.cache
def _adding(model: type[Base], counted: tuple[str, ...], dialect: str) -> Any:
    table: Any = model.__table__
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    unique = next(one for one in table.constraints if isinstance(one, UniqueConstraint))
    more = {name: table.c[name] + made.excluded[name] for name in counted}
    return made.on_conflict_do_update(index_elements=list(unique.columns), set_=more).returning(table.c[counted[0]])
