"""alliance export."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm import tqdm

from alliance.cli.base import main, with_database
from alliance.core.errors import Invalid, NotFound
from alliance.groups import queries as groups
from alliance.mailing import exporting
from alliance.policy import Actor


@main.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--space", "code", required=True, help="Code of the space, such as c5.")
@with_database
def export(file: Path, code: str) -> None:
    """Write what was said in a space to FILE: .mbox (can be imported again), .jsonl, or .zip (pages that need no server)."""
    if file.suffix not in exporting.FORMS:
        raise Invalid.field("file", f"{file}: the name must end in .mbox, .jsonl or .zip")
    try:
        space = groups.get_space(Actor.system(via="cli"), code)
    except NotFound:
        raise Invalid.field("space", f"there is no space “{code}”") from None
    try:
        with tqdm(total=space.posts_count, unit=" posts", disable=None) as bar:
            number = exporting.write(space, file, bar.update)
    except OSError as error:
        raise Invalid.field("file", f"{file} cannot be written: {error.strerror}") from error
    click.echo(f"{number} posts written to {file}")
