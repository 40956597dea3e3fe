"""Where files lie: `<data directory>/attachments/ab/abcd….file`, beside it `….thumbnail` of a picture.

A file has its name before the row that speaks of it is committed, and is on the disk for certain: nothing that was
acknowledged is lost. What has no row (the process was killed between the two) is swept away a day later.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from alliance.core import settings

FILE, THUMBNAIL = "file", "thumbnail"
_ARRIVING = "arriving"


def folder() -> Path:
    """Where all files lie."""
    return settings.current().data_dir / "attachments"


def path(key: str, part: str = FILE) -> Path:
    """Where a file, or its small picture, lies."""
    return folder() / key[:2] / f"{key}.{part}"


@contextmanager
def arriving() -> Iterator[Path]:
    """A place for a file that is looked at first; it is gone afterwards."""
    place = folder() / _ARRIVING
    place.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def keep(key: str, data: bytes, part: str = FILE) -> None:
    """Write a file so that it is there as a whole or not at all, whatever happens."""
    with arriving() as temporary:
        temporary.write_bytes(data)
        _settle(temporary, path(key, part))


def keep_arrived(key: str, arrived: Path) -> None:
    """Give a file that arrived its place."""
    _settle(arrived, path(key))


def _settle(temporary: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    _sync(temporary)
    temporary.replace(target)
    for place in (target.parent, folder()):
        _sync(place)


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(key: str) -> None:
    """Take a file away."""
    for part in (FILE, THUMBNAIL):
        path(key, part).unlink(missing_ok=True)


def older_than(seconds: float) -> Iterator[list[Path]]:
    """Files written longer ago than that, folder by folder; what began to arrive and never did is removed on the way."""
    before = time.time() - seconds
    for place in sorted(folder().glob("*/")):
        old = [file for file in place.iterdir() if file.is_file() and _written(file) < before]
        if place.name == _ARRIVING:
            for file in old:
                file.unlink(missing_ok=True)
        else:
            yield old


def _written(file: Path) -> float:
    with suppress(FileNotFoundError):
        return file.stat().st_mtime
    return time.time()
