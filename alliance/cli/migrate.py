"""`alliance migrate` and `alliance migration`: the schema of the database."""

from __future__ import annotations

import click
from alembic import command
from alembic.util.exc import CommandError

from alliance import app
from alliance.cli.base import main, with_database
from alliance.core import schema
from alliance.core.errors import SettingsError


@main.command()
@click.option(
    "--to", "target", default="head", show_default=True, help="A revision; an older one goes back (data of later versions is lost)."
)
def migrate(target: str) -> None:
    """Bring the database to this version's schema (`alliance serve` does so too)."""
    app.start()
    if target == "head":
        app.migrate()
    else:
        _move(target)
    click.echo(f"the database is at revision {schema.revision() or 'nothing'}")


def _move(target: str) -> None:
    try:
        known = [script.revision for script in schema.scripts().walk_revisions()]
        if target != "base" and target not in known:
            raise SettingsError(f"{target} is not a revision of this version; known are {', '.join(reversed(known))} and base")
        back = target == "base" or known.index(target) > known.index(schema.revision() or known[-1])
        (command.downgrade if back else command.upgrade)(schema.config(), target)
    except CommandError as error:
        raise SettingsError(str(error)) from error


@main.command(hidden=True)
@click.argument("message")
@with_database
def migration(message: str) -> None:
    """Write a migration from the difference between the models and the database (for developers)."""
    command.revision(schema.config(), message, autogenerate=True)
