"""alliance import mbox | discourse."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm import tqdm

from alliance.cli.base import main, with_database
from alliance.core.errors import Invalid, NotFound
from alliance.groups import queries as groups
from alliance.mailing import discourse, gathering, importer
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
    """Turn a mail archive into discussions: an mbox file (.gz too), a Maildir, a folder or ZIP of .eml, .mbox or Pipermail's files. Importing it again adds nothing."""
    space_id = _space(code)
    with gathering.one_file(file) as whole:
        report = _import(whole, space_id, named=file, dry_run=dry_run)
    for number, key, reason in sorted(report.skipped):
        click.echo(f"message {number}{f' <{key}>' if key else ''} skipped: {reason}", err=True)
    for number, key, reason in report.left_out:
        click.echo(f"message {number} <{key}>, a file left out: {reason}", err=True)
    _conclude(report, len(report.skipped), dry_run=dry_run)


@import_.command("discourse")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--space", "code", help="Code of the space all topics go to; without it, the one that is called as the topic's category.")
@click.option("--forum", help="Host name of the forum, such as forum.example.org; found out when posts tell it.")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
@with_database
def import_discourse(file: Path, code: str | None, forum: str | None, dry_run: bool) -> None:
    """Turn topics of a Discourse forum into discussions: JSON of topics (/t/ID.json), JSON lines, a folder or a ZIP of them. Importing it again adds nothing."""
    given, total = _space(code) if code else None, importer.Report()
    with gathering.by_space(file, forum, lambda topic: given or _space_or_none(discourse.category(topic))) as found:
        for space_id, whole in found.archives.items():
            total.add(_import(whole, space_id, named=file, dry_run=dry_run))
    refused = [*found.refused, *((f"post <{key}>", reason) for _number, key, reason in total.skipped)]
    for which, reason in refused:
        click.echo(f"{which} skipped: {reason}", err=True)
    _conclude(total, len(refused), dry_run=dry_run)


def _space(code: str) -> int:
    found = _space_or_none(code)
    if found is None:
        raise Invalid.field("space", f"there is no space “{code}”; spaces are c1 to c11, the sub-lines of c7, and working groups")
    return found


def _space_or_none(code: str) -> int | None:
    try:
        return groups.get_space(Actor.system(via="cli"), code).id
    except NotFound:
        return None


def _import(whole: Path, space_id: int, *, named: Path, dry_run: bool) -> importer.Report:
    entries = importer.read_archive(whole, named=named)
    # disable=None: no bar where nobody watches.
    with tqdm(total=len(entries), unit=" messages", disable=None) as bar:
        return importer.import_archive(whole, space_id, entries, dry_run=dry_run, tick=bar.update)


def _conclude(report: importer.Report, skipped: int, *, dry_run: bool) -> None:
    if report.attachments:
        click.echo(f"attachments: {report.attachments}", err=True)
    if dry_run:
        click.echo("nothing was written (--dry-run)", err=True)
    click.echo(f"imported {report.imported}, duplicates {report.duplicates}, skipped {skipped}")
    if skipped and not report.imported and not report.duplicates:
        raise Invalid.field("file", "none of its messages could be taken")
