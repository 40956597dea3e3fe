"""An archive as one mbox file, whatever it lies in: a file, packed or not, a Maildir, a folder of messages."""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from alliance.core.errors import Invalid
from alliance.mailing import mbox


@contextmanager
def one_file(path: Path) -> Iterator[Path]:
    """An archive as one mbox file: a file is one, packed or not; a Maildir or a folder of .eml files is made one for a while.

    Raises:
        Invalid: it cannot be read, or holds no mail.
    """
    if path.is_file() and path.suffix != ".gz":
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=".mbox") as made:
        try:
            _gather(path, made)
        except (OSError, EOFError, zlib.error) as error:
            raise Invalid.field("file", f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is damaged'}") from error
        made.flush()
        yield Path(made.name)


def _gather(path: Path, out: IO[bytes]) -> None:
    if path.is_file():
        with gzip.open(path, "rb") as packed:
            shutil.copyfileobj(packed, out)
        return
    maildir = [*path.rglob("cur/*"), *path.rglob("new/*")]
    files = sorted({one for one in [*maildir, *path.rglob("*.eml"), *path.rglob("*.mbox"), *path.rglob("*.mbox.gz")] if one.is_file()})
    if not files:
        raise Invalid.field("file", f"{path} holds no mail: no Maildir, no .eml or .mbox file")
    for file in files:
        if file.suffix in {".gz", ".mbox"}:
            _append(file, out)
            continue
        raw = file.read_bytes().replace(b"\r\n", b"\n")
        out.write(_separator(raw) + re.sub(rb"(?m)^(>*From )", rb">\1", raw).rstrip(b"\n") + b"\n\n")


def _append(file: Path, out: IO[bytes]) -> None:
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as source:
        head = source.readline(mbox.MAX_LINE)
        if not mbox.begins_as_message(head):
            raise Invalid.field("file", f"{file} holds no mail: neither a line “From …” nor a header begins it; take it out of the folder")
        out.write((b"" if head.startswith(b"From ") else _separator(head)) + head)
        shutil.copyfileobj(source, out)
    out.write(b"\n")


def _separator(raw: bytes) -> bytes:
    """What parts a message from the one before, also where it has no header: then an empty line has to follow."""
    return b"From archive@localhost Thu Jan  1 00:00:00 1970\n" + (b"" if mbox.begins_as_message(raw) else b"\n")
