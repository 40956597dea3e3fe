"""alliance mail: by which everything that reads and writes works without a browser."""

from __future__ import annotations

import sys

import click

from alliance.cli.base import main
from alliance.core.errors import Invalid
from alliance.mailing import incoming_text
from alliance.mailing.archive import Unreadable


@main.group()
def mail() -> None:
    """Mail in and out."""


@mail.command()
def trim() -> None:
    """Print what the person wrote of the message on standard input, as it would be posted."""
    try:
        reply = incoming_text.read(sys.stdin.buffer.read())
    except Unreadable as reason:
        raise Invalid.field("message", f"the message cannot be read: {reason}") from None
    click.echo(reply.text.encode("utf-8", "replace"))
