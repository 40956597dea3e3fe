"""alliance backup, restore, move-to: nothing is lost, and nothing is half there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from alliance import app
from alliance.cli.base import main
from alliance.core import backups, db, restoring
from alliance.core import settings as settings_module
from alliance.search import services as search

NAMED = ("people", "spaces", "discussions", "posts", "digests", "events")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--with-keys", is_flag=True, help="The secret key and the key digests are signed with too: keep such a file as safe as those."
)
def backup(file: Path, with_keys: bool) -> None:
    """Write all there is to FILE, while everything runs: rows and attached files; not the index, which is made anew."""
    app.start()
    try:
        with _bar(" rows") as bar:
            made = backups.write(file.absolute(), with_keys=with_keys, progress=lambda lines: _counted(lines, bar))
    finally:
        db.disconnect()
    _tell(made)
    click.echo(f"written to {file}, {file.stat().st_size / 2**20:.1f} MB" + ("" if made.names("keys") else "; without the keys"))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Bring FILE back into an empty database and data directory; on SQLite or PostgreSQL, whichever it was made on."""
    settings = settings_module.load()
    with backups.opened(file) as archive:
        with _bar(" MB") as bar:
            archive.verify(lambda shares: _counted(shares, bar))
        with _bar(" rows") as bar:
            restoring.restore(archive, settings, lambda lines: _counted(lines, bar))
        made = archive.manifest
    app.start(settings)
    app.migrate()
    try:
        documents = search.rebuild(lambda found: tqdm(found, unit=" documents", disable=None))
    finally:
        db.disconnect()
    _tell(made)
    click.echo(f"brought back as it was at {made.made_at}; every row compared; {documents} documents indexed")


@main.command("move-to")
@click.argument("url")
def move_to(url: str) -> None:
    """Copy the database into the empty one at URL (SQLite or PostgreSQL) and compare every row; nobody can write meanwhile."""
    settings = app.start()
    settings_module.load({"ALLIANCE_DATABASE_URL": url})
    try:
        with _bar(" rows") as bar:
            rows = restoring.move(settings, url, lambda lines: _counted(lines, bar))
    finally:
        db.disconnect()
    click.echo(
        f"{rows} rows, each compared. Now stop Alliance, set ALLIANCE_DATABASE_URL to it, run `alliance search rebuild`, start again;"
    )
    click.echo("what is written into the old database from now on is not in the new one.")


def _bar(unit: str) -> Any:
    return tqdm(unit=unit, disable=None)


def _counted(things: Iterable[bytes], bar: Any) -> Iterator[bytes]:
    for thing in things:
        bar.update()
        yield thing


def _tell(made: backups.Manifest) -> None:
    rows = {table.shape.name: table.rows for table in made.tables}
    told = ", ".join(f"{rows[name]} {name}" for name in NAMED if name in rows)
    files = len([name for name in made.names(backups.ATTACHMENTS) if name.endswith(".file")])
    click.echo(f"{told}, {files} attached files; {made.rows} rows of {len(rows)} tables")
