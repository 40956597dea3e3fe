"""How much a database reads for what is asked of it: a number that is the same on every machine, however busy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from alliance.core import db, prepared
from alliance.web import owned

Asked = tuple[str, Any]


def reads(act: Callable[[], object]) -> dict[str, int]:
    """What each statement that reads costs: rows looked at (PostgreSQL), steps of the machine that runs it (SQLite)."""
    found: dict[str, int] = {}
    for sql, parameters in _asked(act):
        found[sql] = found.get(sql, 0) + _cost(sql, parameters)
    return found


def _asked(act: Callable[[], object]) -> list[Asked]:
    seen: list[Asked] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    owned.shelf.clear()
    event.listen(db.engine(), "before_cursor_execute", note)
    ask = prepared.ask
    try:
        prepared.ask = lambda sql, parameters: (seen.append((sql, parameters)), ask(sql, parameters))[1]
        act()
    finally:
        prepared.ask = ask
        event.remove(db.engine(), "before_cursor_execute", note)
    return seen


def _cost(sql: str, parameters: Any) -> int:
    connection: Any = db.engine().raw_connection()
    try:
        return _rows(connection, sql, parameters) if db.engine().dialect.name == "postgresql" else _steps(connection, sql, parameters)
    finally:
        connection.close()


def _steps(connection: Any, sql: str, parameters: Any) -> int:
    taken = [0]

    def step() -> int:
        taken[0] += 1
        return 0

    connection.driver_connection.set_progress_handler(step, 1)
    try:
        connection.cursor().execute(sql, parameters).fetchall()
    finally:
        connection.driver_connection.set_progress_handler(None, 0)
    return taken[0]


def _rows(connection: Any, sql: str, parameters: Any) -> int:
    cursor = connection.cursor()
    cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql, parameters)
    [[plan]] = cursor.fetchall()
    return _looked_at((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def _looked_at(node: dict[str, Any]) -> int:
    """Rows that a node and those below it took from tables and indexes, whether they were then wanted or not."""
    mine = 0
    if "Scan" in node["Node Type"]:
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        mine = round(rows * node["Actual Loops"])
    return mine + sum(_looked_at(one) for one in node.get("Plans", ()))
