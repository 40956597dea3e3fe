"""alliance import mbox."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm import tqdm

from alliance.cli.base import main, with_database
from alliance.core.errors import Invalid, NotFound
from alliance.groups import queries as groups
from alliance.mailing import gathering, importer
from alliance.policy import Actor


@main.group("import")
def import_() -> None:
    """Archives from elsewhere."""


@import_.command("mbox")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--space", "code", required=True, help="Code of the space the discussions go to, such as c5.")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
@with_database
def import_mbox(file: Path, code: str, dry_run: bool) -> None:
    """Turn a mail archive into discussions: an mbox file (.gz too), a Maildir, a folder of .eml or .mbox files. Importing it again adds nothing."""
    try:
        space_id = groups.get_space(Actor.system(via="cli"), code).id
    except NotFound:
        raise Invalid.field("space", f"there is no space “{code}”; spaces are c1 to c11, the sub-lines of c7, and working groups") from None
    with gathering.one_file(file) as whole:
        entries = importer.read_archive(whole, named=file)
        # disable=None: no bar where nobody watches.
        with tqdm(total=len(entries), unit=" messages", disable=None) as bar:
            report = importer.import_archive(whole, space_id, entries, dry_run=dry_run, tick=bar.update)
    for number, key, reason in sorted(report.skipped):
        click.echo(f"message {number}{f' <{key}>' if key else ''} skipped: {reason}", err=True)
    if report.attachments:
        click.echo(f"attachments left out: {report.attachments}", err=True)
    if dry_run:
        click.echo("nothing was written (--dry-run)", err=True)
    click.echo(f"imported {report.imported}, duplicates {report.duplicates}, skipped {len(report.skipped)}")
    if report.skipped and not report.imported and not report.duplicates:
        raise Invalid.field("file", "none of its messages could be taken")
