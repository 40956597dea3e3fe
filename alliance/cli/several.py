"""Whether the settings are fit for more than one process."""

from __future__ import annotations

import fcntl
from typing import IO

import click
from sqlalchemy.engine import make_url

from alliance.core.settings import Settings

SQLITE = (
    "several processes write to one SQLite file, one after the other, and on one machine only: set ALLIANCE_DATABASE_URL to PostgreSQL,"
    " or unset ALLIANCE_REDIS_URL for one process"
)
ALONE = (
    "another process serves or works in this data directory, and without ALLIANCE_REDIS_URL they do not hear of each other: readers of one"
    " are not told what the other took; set it for both, or stop one"
)
_held: list[IO[str]] = []


def problem(settings: Settings) -> str:
    """What several processes with these settings would suffer from; empty when nothing."""
    many = bool(settings.redis_url)
    return SQLITE if many and make_url(settings.database).get_backend_name() == "sqlite" else ""


def warn(settings: Settings) -> None:
    """Say on standard error what is wrong with more than one process, and go on."""
    words = problem(settings) or ("" if settings.redis_url or _alone(settings) else ALONE)
    if words:
        click.echo(f"alliance: {words}", err=True)


def _alone(settings: Settings) -> bool:
    """Whether no other process of this data directory runs; held until this one (and what it forked) has ended."""
    file = settings.data_dir / "locks" / "process"
    file.parent.mkdir(exist_ok=True)
    handle = file.open("w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return False
    _held.append(handle)
    return True
