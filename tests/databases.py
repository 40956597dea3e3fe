"""A migrated database made once, copied for whoever needs one of his own, and emptied between tests."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from alliance import app
from alliance.core import db
from alliance.core import settings as settings_module
from alliance.core.settings import Settings
from tests import services

Rows = dict[sa.Table, list[dict[str, Any]]]


class Databases:
    """Copies of the migrated database, of the kind this run is about."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self.folder = folder
        self.server = server
        self._numbers = itertools.count(1)
        self.template = self._empty("template")
        app.start(Settings(database_url=self.template, data_dir=folder / "template-data", secret_key="only for tests"))
        app.migrate()
        db.disconnect()

    def copy(self) -> str:
        """The URL of a fresh copy."""
        name = f"copy_{next(self._numbers)}"
        if self.server is None:
            shutil.copyfile(self.folder / "template.db", self.folder / f"{name}.db")
            return f"sqlite:///{self.folder / name}.db"
        self._on_server(f"CREATE DATABASE {name} TEMPLATE template")
        return self._url(name)

    def copy_for(self, folder: Path) -> str:
        """The URL of a fresh copy for an installation with this data directory; "" where it lies in the directory itself."""
        if self.server is not None:
            return self.copy()
        folder.mkdir(mode=0o700)
        shutil.copyfile(self.folder / "template.db", folder / "alliance.db")
        return ""

    def empty(self) -> str:
        """The URL of a database without any table."""
        return self._empty(f"empty_{next(self._numbers)}")

    def _empty(self, name: str) -> str:
        if self.server is None:
            return f"sqlite:///{self.folder / name}.db"
        self._on_server(f"CREATE DATABASE {name}")
        return self._url(name)

    def _url(self, name: str) -> str:
        assert self.server is not None
        return sa.make_url(self.server).set(database=name).render_as_string(hide_password=False)

    def _on_server(self, statement: str) -> None:
        assert self.server is not None
        engine = sa.create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()


@contextmanager
def made(kind: str, folder: Path) -> Iterator[Databases]:
    """Databases of a kind: "sqlite" or "postgresql" (then with a server of its own)."""
    if kind == "sqlite":
        yield Databases(folder, None)
    elif kind == "postgresql":
        with services.postgresql() as url:
            yield Databases(folder, url)
    else:
        raise RuntimeError(f"ALLIANCE_TEST_DATABASE must be sqlite or postgresql, not {kind!r}")


def snapshot() -> Rows:
    """What a freshly migrated database holds (reference data, the listeners' places)."""
    with db.engine().connect() as connection:
        return {
            table: [dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()]
            for table in db.Base.metadata.sorted_tables
        }


def restore(rows: Rows) -> None:
    """Put the database back to `rows`; touches only tables that hold something."""
    with db.engine().connect().execution_options(writing=True) as connection:
        tables = [table for table in rows if connection.scalar(sa.select(sa.exists(table.select())))]
        if connection.dialect.name == "postgresql":
            _truncate(connection, tables)
            _drop_index(connection)
        else:
            _delete(connection, tables)
        for table, kept in rows.items():
            if kept:
                connection.execute(table.insert(), kept)
                _continue_after(connection, table)
        connection.commit()
    db.replaced()


def _truncate(connection: sa.Connection, tables: list[sa.Table]) -> None:
    if tables:
        names = ", ".join(table.name for table in tables)
        connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


def _drop_index(connection: sa.Connection) -> None:
    """The search index is no part of the data: it goes as a data directory would."""
    for name in connection.scalars(sa.text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'alliance\\_search%'")).all():
        connection.execute(sa.text(f"DROP SCHEMA {name} CASCADE"))


def _delete(connection: sa.Connection, tables: list[sa.Table]) -> None:
    connection.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
    for table in tables:
        connection.execute(table.delete())
    connection.execute(sa.text("DELETE FROM sqlite_sequence"))


def _continue_after(connection: sa.Connection, table: sa.Table) -> None:
    """Rows put in with their ids do not move PostgreSQL's counter."""
    if connection.dialect.name == "postgresql" and "id" in table.c:
        connection.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"))


def connected_to(url: str) -> bool:
    """Whether this process has that database open (a command run by a test closes it)."""
    try:
        return db.engine().url == sa.make_url(url)
    except IndexError:
        return False


def use(settings: Settings) -> None:
    """Make `settings` those of this process, its database included."""
    app.start(settings)
    assert settings_module.current().database == settings.database
