"""What is asked of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from alliance.core import db, plain, prepared
from alliance.web import owned


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement sent while it is open (one of many rows counts once); no page is given finished."""
    owned.shelf.clear()
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    ask, write = prepared.ask, plain.asked
    try:
        prepared.ask = lambda sql, parameters: (seen.append(sql), ask(sql, parameters))[1]
        plain.asked = lambda connection, made, named: (seen.append(made.sql), write(connection, made, named))[1]
        yield seen
    finally:
        prepared.ask, plain.asked = ask, write
        event.remove(db.engine(), "before_cursor_execute", note)
