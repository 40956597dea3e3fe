"""Alembic's entry: migrates the database this process is connected to."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, event

import alliance.app  # noqa: F401 - knows every model
from alliance.core import db


def run() -> None:
    """Run the migrations asked for, in one transaction each."""
    with db.engine().connect().execution_options(writing=True) as connection:
        _let_go_of_references(connection)
        event.listen(connection, "begin", _move_numbers_at_once)
        context.configure(
            connection=connection,
            target_metadata=db.Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        _check_references(connection)


def _move_numbers_at_once(connection: Connection) -> None:
    """PostgreSQL changes no table with triggers that wait for the commit (`core.own`)."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")


def _let_go_of_references(connection: Connection) -> None:
    """SQLite changes a table by writing it anew: what refers to its rows must not object meanwhile, and is looked at afterwards.

    The setting is of the connection, so this one is not used for anything else.
    """
    if connection.dialect.name == "sqlite":
        connection.detach()
        _raw(connection).execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    """Nothing may refer to what is not there any more."""
    broken = _raw(connection).execute("PRAGMA foreign_key_check").fetchall() if connection.dialect.name == "sqlite" else []
    if broken:
        raise RuntimeError(f"rows that refer to nothing after the migration: {broken[:10]}")


def _raw(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


run()
