"""`alliance settings`: everything that can be set."""

from __future__ import annotations

import click

from alliance.cli.base import main
from alliance.core import settings as settings_module


@main.command()
def settings() -> None:
    """Print every setting: its name, the value in force (secrets hidden) and what it is for."""
    found = settings_module.load()
    width = max(len(name) for name, _, _ in found.shown())
    for name, value, sentence in found.shown():
        click.echo(f"{name:<{width}}  {value}\n{'':<{width}}  {sentence}")
