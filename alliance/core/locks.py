"""One holder at a time across processes, released by the operating system when the holder dies."""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from alliance.core import db, settings


@contextmanager
def exclusive(name: str) -> Iterator[bool]:
    """Try to be the only one doing `name`; yields whether one is. Never waits.

    SQLite: a lock on a file in the data directory. PostgreSQL: a session-level advisory lock on a connection of its
    own, so that it spans machines. Either is gone the moment the process is, so nothing waits for a lease to expire.
    """
    if db.engine().dialect.name == "postgresql":
        with _advisory(name) as held:
            yield held
    else:
        with _file_lock(settings.current().data_dir / "locks" / name) as held:
            yield held


@contextmanager
def _file_lock(file: Path) -> Iterator[bool]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def _advisory(name: str) -> Iterator[bool]:
    key = zlib.crc32(f"alliance:{name}".encode())
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
        try:
            yield held
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
