"""Bringing a backup back, or moving to another database: into an empty place, and either all of it is there at the end or nothing.

SQLite: the database is made beside its place and renamed as the last act. PostgreSQL: all rows come in one transaction,
and the empty tables go again when it fails. Every table is read again and compared with what was put in before it counts.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from alliance.core import backups, db, dumping, schema
from alliance.core import settings as settings_module
from alliance.core.backups import ATTACHMENTS, KEYS, Archive, Unusable
from alliance.core.settings import Settings

STAGED = ".restoring"
Lines = Callable[[dumping.Shape], Iterable[bytes]]


def restore(archive: Archive, settings: Settings, progress: backups.Progress = iter) -> None:
    """Bring a verified archive into the place these settings name, at this version's schema.

    Raises:
        Unusable: the place is not empty, or what was put in is not what came out; nothing is left behind then.
    """
    _must_be_empty(settings, archive)
    with _keys(archive, settings), _files(archive, settings), emptied_on_failure(settings):
        tables = archive.manifest.tables
        lines = {table.shape: table for table in tables}
        fill(archive.manifest.revision, [t.shape for t in tables], lambda shape: progress(archive.lines(lines[shape])))
        compare({table.shape: table.sha256 for table in tables})
        schema.upgrade()


def fill(revision: str, shapes: Iterable[dumping.Shape], lines: Lines) -> None:
    """Make the tables of a revision in the database of this process and put rows into them."""
    schema.move(revision)
    with db.engine().connect().execution_options(writing=True) as connection:
        try:
            with dumping.filling(connection):
                dumping.empty(connection)
                for shape in shapes:
                    dumping.load(connection, shape, lines(shape))
            connection.commit()
        except DBAPIError as error:
            raise Unusable(f"the database does not take the rows ({str(error.orig).splitlines()[0]}); nothing was changed") from error


def compare(expected: dict[dumping.Shape, str]) -> None:
    """Read every row again.

    Raises:
        Unusable: a table does not hold what it should.
    """
    with dumping.still(db.engine()) as connection:
        wrong = [shape.name for shape, sha256 in expected.items() if dumping.digest(connection, shape) != sha256]
    if wrong:
        raise Unusable(f"{', '.join(wrong)}: what is there now is not what was put in; nothing was changed")


def tables_of(url: str) -> list[str]:
    """The tables there are in a database; a SQLite file that is not there has none, and is not made.

    Raises:
        Unusable: it does not answer.
    """
    file = file_of(url)
    if file is not None and not (file.is_file() and file.stat().st_size):
        return []
    engine = sa.create_engine(url)
    try:
        return sa.inspect(engine).get_table_names()
    except DBAPIError as error:
        raise Unusable(f"the database cannot be used ({str(error.orig).strip().splitlines()[0]})") from error
    finally:
        engine.dispose()


def file_of(url: str) -> Path | None:
    """The file of a SQLite URL; None for PostgreSQL."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite":
        return None
    if not parts.database or parts.database == ":memory:":
        raise Unusable("a database in memory cannot be filled: give a file")
    return Path(parts.database).absolute()


def _must_be_empty(settings: Settings, archive: Archive) -> None:
    if number := len(tables_of(settings.database)):
        raise Unusable(f"the database is not empty ({number} tables); restore only into an empty one: nothing was changed")
    folder = settings.data_dir
    if any((folder / ATTACHMENTS).glob("??/*")):
        raise Unusable(f"{folder / ATTACHMENTS} holds files; restore only into an empty data directory: nothing was changed")
    for name in archive.manifest.names("keys"):
        if (folder / Path(name).name).exists():
            raise Unusable(
                f"{folder / Path(name).name} is there already, and the backup has one too; move it away first: nothing was changed"
            )


@contextmanager
def _keys(archive: Archive, settings: Settings) -> Iterator[None]:
    """Before anything asks for the secret key, which would make a new one."""
    os.umask(0o077)
    placed = [(name, settings.data_dir / Path(name).name) for name in archive.manifest.names("keys")]
    made = [settings.data_dir / key for key in KEYS if not (settings.data_dir / key).exists()]
    try:
        for name, target in placed:
            archive.extract(name, target)
        settings_module.use(settings_module.prepare(settings))
        yield
    except OSError as error:
        _remove(made)
        raise Unusable(f"{settings.data_dir} cannot be written: {error.strerror}; nothing was left behind") from error
    except BaseException:
        _remove(made)
        raise


@contextmanager
def _files(archive: Archive, settings: Settings) -> Iterator[None]:
    """The attached files, beside their place until they are all there."""
    place = settings.data_dir / ATTACHMENTS
    staged = place.with_name(ATTACHMENTS + STAGED)
    shutil.rmtree(staged, ignore_errors=True)
    placed = False
    try:
        for name in archive.manifest.names(ATTACHMENTS):
            archive.extract(name, staged.parent / staged.name / Path(name).relative_to(ATTACHMENTS))
        if staged.exists():
            shutil.rmtree(place, ignore_errors=True)
            staged.replace(place)
            placed = True
        yield
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        if placed:
            shutil.rmtree(place, ignore_errors=True)
        raise


@contextmanager
def emptied_on_failure(settings: Settings) -> Iterator[None]:
    """Within: the empty database of these settings is that of this process. Afterwards it is in its place, or empty as before."""
    file = file_of(settings.database)
    staged = file.with_name(file.name + STAGED) if file else None
    try:
        if file and staged:
            file.parent.mkdir(parents=True, exist_ok=True)
            _remove(_with_journals(staged))
        db.connect(f"sqlite:///{staged}" if staged else settings.database)
        yield
        if file and staged:
            _settle(staged, file)
    except BaseException:
        if staged:
            db.disconnect()
            _remove(_with_journals(staged))
        else:
            _drop_all()
        raise
    finally:
        db.disconnect()


def _settle(staged: Path, file: Path) -> None:
    with db.engine().connect() as connection:
        connection.commit()
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.disconnect()
    _remove(_with_journals(file))
    staged.replace(file)
    for place in (file, file.parent):
        handle = os.open(place, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def _drop_all() -> None:
    with suppress(DBAPIError), db.engine().begin() as connection:
        for name in sa.inspect(connection).get_table_names():
            connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
    db.disconnect()


def _with_journals(file: Path) -> list[Path]:
    return [file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))]


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def move(settings: Settings, url: str, progress: backups.Progress = iter) -> int:
    """Copy the database of this process into another, empty one, and compare every row; nobody writes meanwhile.

    Returns:
        How many rows there are in it.

    Raises:
        Unusable: the other is not empty, cannot be used, or does not hold the same in the end; then it is empty again.
    """
    revision = schema.revision()
    if revision is None:
        raise Unusable("the database is empty: there is nothing to move")
    if make_url(url) == make_url(settings.database):
        raise Unusable("this is the database that is in use")
    if number := len(tables_of(url)):
        raise Unusable(f"the other database is not empty ({number} tables): nothing was changed")
    with dumping.still(db.engine(), alone=True) as source:
        shapes = dumping.shapes(source)
        with emptied_on_failure(replace(settings, database_url=url)):
            fill(revision, shapes, lambda shape: progress(dumping.lines(source, shape)))
            compare({shape: dumping.digest(source, shape) for shape in shapes})
        return sum(dumping.count(source, shape) for shape in shapes)
