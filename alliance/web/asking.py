"""What kept pages are compared with: one plain query, asked through the driver.

SQLAlchemy's own work would take five times as long as the answer.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from alliance.core import db

log = structlog.get_logger("alliance.app")
_NAMED = re.compile(r":[a-z]+")


@dataclass(frozen=True, slots=True)
class Source:
    """A query of one row, with at most the parameter `:id`, that moves when pages made from it change."""

    sql: str


def stamp(source: Source, *values: Any) -> tuple[Any, ...] | None:
    """What a source says now; None when the database does not say (the page is then made, or the error told, as ever).

    Args:
        source: the query.
        values: of its parameters, in the order in which they stand in it.
    """
    engine = db.reader()
    try:
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(_driver_sql(source, engine.dialect.paramstyle), values)
            row = cursor.fetchone()
            cursor.close()
        finally:
            connection.close()
    except _errors(engine):
        log.warning("kept page not compared", exc_info=True)
        return None
    return None if row is None else tuple(row)


def _errors(engine: Engine) -> tuple[type[Exception], ...]:
    driver: Any = engine.dialect.dbapi
    return SQLAlchemyError, driver.Error


@functools.cache
def _driver_sql(source: Source, style: str) -> str:
    return _NAMED.sub("?" if style == "qmark" else "%s", source.sql)
