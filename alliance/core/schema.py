"""The schema of the database: its revision, and moving it to this version's."""

from __future__ import annotations

import functools

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from alliance.core import db, shipped
from alliance.core.errors import SettingsError


def config() -> Config:
    """Alembic's configuration; the engine is ours (see migrations/env.py)."""
    made = Config()
    made.set_main_option("script_location", str(shipped.path("migrations")))
    return made


def scripts() -> ScriptDirectory:
    """The migrations of this version."""
    return ScriptDirectory.from_config(config())


@functools.cache
def head() -> str:
    """The revision this version needs."""
    return scripts().get_current_head() or ""


def revision() -> str | None:
    """The revision the database is at; None when it is empty."""
    with db.engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def known(found: str) -> bool:
    """Whether a revision is one of this version's (or of an earlier one's)."""
    try:
        scripts().get_revision(found)
    except CommandError:
        return False
    return True


def upgrade() -> None:
    """Bring the database to this version's schema.

    Raises:
        SettingsError: the database belongs to a newer version; it is left alone.
    """
    found = revision()
    if found == head():
        return
    if found is not None and not known(found):
        raise SettingsError(
            f"the database is at revision {found}, which this version does not know: it belongs to a newer Alliance; nothing was changed"
        )
    command.upgrade(config(), "head")


def move(target: str) -> None:
    """Bring an empty database to a revision."""
    command.upgrade(config(), target)
