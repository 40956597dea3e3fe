"""A backup: one archive (zip) with every row, every attached file, the keys if asked, and a manifest of what must be in it.

The rows are those of one moment, whoever writes meanwhile. A file is on the disk before its row, and none is swept away
while a backup is made, so whatever a row of that moment names is there. The index is not in it: it is made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from alliance import __version__
from alliance.core import clock, db, dumping, jobs, locks, schema, settings
from alliance.core.errors import AllianceError

FORM = 1
MANIFEST = "manifest.json"
ATTACHMENTS = "attachments"
KEYS = ("secret_key", "digest_key.pem")
FILES_LOCK = "files"
SHARE = 1 << 20
WAIT_SECONDS = 0.2
LAST = "last_backup"
_MEMBER = re.compile(r"(?:attachments/[0-9a-zA-Z_-]{2}/[0-9a-zA-Z_-]+\.(?:file|thumbnail)|keys/(?:secret_key|digest_key\.pem))")
_SCHEDULED = re.compile(r"alliance-\d{8}T\d{6}Z\.zip")
_TROUBLE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError, RuntimeError)
Progress = Callable[[Iterable[bytes]], Iterable[bytes]]


class Unusable(AllianceError):
    """An archive that cannot be taken; the argument says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in an archive: its shape, how many rows, and the SHA-256 of its lines."""

    shape: dumping.Shape
    rows: int
    sha256: str

    @property
    def member(self) -> str:
        """Where its lines lie."""
        return f"tables/{self.shape.name}.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds."""

    made_at: str
    database: str
    revision: str
    tables: list[Table]
    files: dict[str, str] = field(default_factory=dict)  # name: SHA-256

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(table.rows for table in self.tables)

    def names(self, folder: str) -> list[str]:
        """The files of a folder: attachments, keys."""
        return [name for name in self.files if name.startswith(f"{folder}/")]

    def dumped(self) -> bytes:
        """As a file."""
        tables = [{"shape": t.shape.as_json(), "rows": t.rows, "sha256": t.sha256} for t in self.tables]
        head = {"form": FORM, "alliance": __version__, "made_at": self.made_at, "database": self.database, "revision": self.revision}
        return json.dumps({**head, "tables": tables, "files": self.files}, indent=1, ensure_ascii=False).encode()


@contextmanager
def files_stay() -> Iterator[None]:
    """No attached file is taken away meanwhile (and one backup is made at a time)."""
    while True:
        with locks.exclusive(FILES_LOCK) as mine:
            if mine:
                yield
                return
        time.sleep(WAIT_SECONDS)


def write(file: Path, *, with_keys: bool = False, progress: Progress = iter) -> Manifest:
    """Make a backup; the file is there as a whole or not at all.

    Raises:
        Unusable: it cannot be made; the message says why.
    """
    if file.exists() or file.is_symlink():
        raise Unusable(f"{file} is there already; a backup never overwrites anything: give another name")
    revision = schema.revision()
    if revision is None:
        raise Unusable("the database is empty: there is nothing to back up")
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with part.open("xb") as out:
            part.chmod(0o600)
            with files_stay(), zipfile.ZipFile(out, "w") as archive:
                made = _fill(archive, revision, with_keys, progress)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
        (settings.current().data_dir / LAST).write_text(f"{made.made_at} {file}\n", encoding="utf-8")
    except OSError as error:
        raise Unusable(f"the backup {file} cannot be made: {error.strerror}; nothing was left behind") from error
    finally:
        part.unlink(missing_ok=True)
    return made


def _fill(archive: zipfile.ZipFile, revision: str, with_keys: bool, progress: Progress) -> Manifest:
    with dumping.still(db.engine()) as connection:
        made = Manifest(clock.now().isoformat(timespec="seconds"), connection.dialect.name, revision, [])
        made.tables.extend(_keep_table(archive, connection, shape, progress) for shape in dumping.shapes(connection))
    folder = settings.current().data_dir
    for path in sorted((folder / ATTACHMENTS).glob("??/*.*")):
        name = path.relative_to(folder).as_posix()
        if _MEMBER.fullmatch(name):
            made.files[name] = _keep_file(archive, name, path, zipfile.ZIP_STORED)
    for key in KEYS if with_keys else ():
        if (folder / key).is_file():
            made.files[f"keys/{key}"] = _keep_file(archive, f"keys/{key}", folder / key, zipfile.ZIP_STORED)
    archive.writestr(_member(MANIFEST), made.dumped(), zipfile.ZIP_DEFLATED)
    return made


def _member(name: str, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
    info.compress_type = compression
    info.external_attr = 0o600 << 16
    return info


def _keep_table(archive: zipfile.ZipFile, connection: Any, shape: dumping.Shape, progress: Progress) -> Table:
    seen, rows = hashlib.sha256(), 0
    with archive.open(_member(f"tables/{shape.name}.jsonl"), "w", force_zip64=True) as out:
        for line in progress(dumping.lines(connection, shape)):
            out.write(line)
            seen.update(line)
            rows += 1
    return Table(shape, rows, seen.hexdigest())


def _keep_file(archive: zipfile.ZipFile, name: str, path: Path, compression: int) -> str:
    with path.open("rb") as source, archive.open(_member(name, compression), "w", force_zip64=True) as out:
        return _copy(source, out)


def _copy(source: IO[bytes], out: IO[bytes] | None = None) -> str:
    seen = hashlib.sha256()
    while share := source.read(SHARE):
        seen.update(share)
        if out is not None:
            out.write(share)
    return seen.hexdigest()


class Archive:
    """A backup that is read; nothing of it is believed before `verify`."""

    def __init__(self, file: Path, opened: zipfile.ZipFile) -> None:
        self._file, self._zip = file, opened
        with self._reading():
            self.manifest = _understood(json.loads(opened.read(MANIFEST)), file)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except _TROUBLE as error:
            raise Unusable(f"{self._file} is not a whole backup of Alliance ({error}); nothing was changed") from error

    def verify(self, progress: Progress = iter) -> None:
        """Read everything once and compare it with the manifest.

        Raises:
            Unusable: something lacks or is not what it was.
        """
        promised = {table.member: table.sha256 for table in self.manifest.tables} | self.manifest.files
        for name, sha256 in promised.items():
            with self._reading(), self._zip.open(name) as source:
                found = hashlib.sha256()
                for share in progress(iter(lambda source=source: source.read(SHARE), b"")):  # type: ignore[misc]
                    found.update(share)
            if found.hexdigest() != sha256:
                raise Unusable(f"{self._file} is damaged: {name} is not what it was when the backup was made; nothing was changed")

    def lines(self, table: Table) -> Iterator[bytes]:
        """The rows of a table."""
        with self._zip.open(table.member) as source:
            yield from source

    def extract(self, name: str, target: Path) -> None:
        """Write one of the files."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._zip.open(name) as source, target.open("xb") as out:
            _copy(source, out)
            out.flush()
            os.fsync(out.fileno())


@contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """Open a backup.

    Raises:
        Unusable: it cannot be read, or belongs to a newer version.
    """
    try:
        archive = zipfile.ZipFile(file)
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror or error}") from error
    except _TROUBLE as error:
        raise Unusable(f"{file} is not a whole backup of Alliance ({error}); nothing was changed") from error
    with archive:
        yield Archive(file, archive)


def _understood(found: Any, file: Path) -> Manifest:
    if found["form"] > FORM or not schema.known(found["revision"]):
        raise Unusable(f"{file} was made by a newer Alliance ({found['alliance']}): install that version first; nothing was changed")
    tables = [Table(dumping.Shape.of(t["shape"]), int(t["rows"]), str(t["sha256"])) for t in found["tables"]]
    strange = [name for name in found["files"] if not _MEMBER.fullmatch(name)]
    strange += [t.shape.name for t in tables if not re.fullmatch(r"[a-z0-9_]+", t.shape.name)]
    if strange:
        raise ValueError(f"it holds {strange[0]!r}")
    return Manifest(str(found["made_at"]), str(found["database"]), str(found["revision"]), tables, dict(found["files"]))


def last() -> tuple[datetime, str] | None:
    """When the last backup was made on this machine, and where it was put."""
    try:
        at, _blank, where = (settings.current().data_dir / LAST).read_text(encoding="utf-8").strip().partition(" ")
        return datetime.fromisoformat(at), where
    except (OSError, ValueError):
        return None


@jobs.periodic("17 2 * * *")
def scheduled() -> Path | None:
    """Once a night, where ALLIANCE_BACKUP_DIR is set: a new backup, and then the oldest beyond ALLIANCE_BACKUP_KEEP go."""
    chosen = settings.current()
    if chosen.backup_dir is None:
        return None
    folder = chosen.backup_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"the backups cannot be kept in {folder}: {error.strerror}") from error
    file = folder / f"alliance-{clock.now():%Y%m%dT%H%M%SZ}.zip"
    write(file, with_keys=chosen.backup_keys)
    for old in kept(folder)[: -chosen.backup_keep]:
        old.unlink(missing_ok=True)
    return file


def kept(folder: Path) -> list[Path]:
    """The scheduled backups in a folder, oldest first; other files are none of ours."""
    return sorted(path for path in folder.glob("alliance-*.zip") if _SCHEDULED.fullmatch(path.name))
