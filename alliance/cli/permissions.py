"""`alliance permissions`: who may do what."""

from __future__ import annotations

import click

from alliance.cli.base import main
from alliance.policy import sheet

HEAD = """\
# Who may

Written by `alliance permissions > docs/permissions.md` from `alliance/policy/`; a test compares the two.
What one may not see is *not found*; what one may see but not do is refused with the sentence below.
"""


@main.command()
def permissions() -> None:
    """Print the sheet of who may see and do what, as docs/permissions.md holds it."""
    click.echo(page(), nl=False)


def page() -> str:
    """The sheet as Markdown."""
    seen = _table("See", "What", sheet.sights())
    return "\n".join((HEAD, seen, _table("Do", "Action", sheet.permissions())))


def _table(title: str, first: str, rows: list[tuple[str, str]]) -> str:
    lines = [f"## {title}", "", f"| {first} | Rule |", "|---|---|", *(f"| `{name}` | {sentence} |" for name, sentence in rows)]
    return "\n".join(lines) + "\n"
