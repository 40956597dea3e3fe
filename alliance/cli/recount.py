"""`alliance recount`: set counters right that `alliance doctor` found wrong."""

from __future__ import annotations

import click

from alliance.cli.base import main, with_database
from alliance.discussions import recounting


@main.command()
@with_database
def recount() -> None:
    """Count posts, voices and contributions anew, and set right what is wrong."""
    wrong = recounting.repair()
    click.echo(
        f"set right: {len(wrong.discussions)} discussions, {len(wrong.people)} people, {len(wrong.organizations)} organizations,"
        f" {len(wrong.spaces)} spaces"
    )
