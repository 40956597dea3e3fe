"""The root command, and what every command shares."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from alliance import __version__, app
from alliance.core import db
from alliance.core.errors import AllianceError

Command = TypeVar("Command", bound=Callable[..., Any])


class Root(click.Group):
    """Turns an error with a sentence into that sentence on standard error, and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except AllianceError as error:
            _give_up(str(error))
        except DBAPIError as error:
            # A database that is away or damaged; what we asked wrongly is a mistake of ours, to be seen whole.
            if not isinstance(error, OperationalError) and type(error) is not DatabaseError:
                raise
            _give_up(f"the database cannot be used ({first_line(error)}); `alliance doctor` looks at everything")


def first_line(error: DBAPIError) -> str:
    """What the database says, without the statement."""
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]


def _give_up(words: str) -> None:
    click.echo(f"alliance: {words}", err=True)
    sys.exit(1)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="alliance")
def main() -> None:
    """Alliance: the forum of the multi-stakeholder follow-up to the World Summit on the Information Society."""


def with_database(command: Command) -> Command:
    """Decorator: open settings, database (migrated) and queue before the command runs."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        app.start()
        app.migrate()
        try:
            return command(*args, **kwargs)
        finally:
            db.disconnect()

    return run  # type: ignore[return-value]
