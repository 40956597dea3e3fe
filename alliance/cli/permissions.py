"""`alliance permissions`: who may do what."""

from __future__ import annotations

from collections.abc import Sequence

import click

from alliance.cli.base import main
from alliance.policy import sheet

HEAD = """\
# Who may

Written by `alliance permissions > docs/permissions.md` from `alliance/policy/`; a test compares the two.
What one may not see is *not found*; what one may see but not do is refused with the sentence below.
An API token lets its person do what its scope reaches, and no more: `read` < `write` < `moderate` < `admin`.
"""


@main.command()
def permissions() -> None:
    """Print the sheet of who may see and do what, as docs/permissions.md holds it."""
    click.echo(page(), nl=False)


def page() -> str:
    """The sheet as Markdown."""
    seen = _table("See", ("What", "Rule"), sheet.sights())
    done = [(name, sheet.scope_of(name), sentence) for name, sentence in sheet.permissions()]
    return "\n".join((HEAD, seen, _table("Do", ("Action", "Scope", "Rule"), done)))


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"## {title}", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *(f"| `{name}` | {' | '.join(rest)} |" for name, *rest in rows)]) + "\n"
