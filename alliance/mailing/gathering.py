"""An archive as one mbox file, whatever it lies in: a file, packed or not, a Maildir, a folder of messages."""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from alliance.core.errors import Invalid
from alliance.mailing import discourse, mbox

NAMES = (".eml", ".mbox", ".mbox.gz", ".txt.gz")  # the last is what Pipermail gives, a month a file
# So Pipermail calls what it has not packed yet, a year, a quarter, a month, a week or a day a file; other texts are no mail.
_PIPERMAIL = re.compile(r"(?:\d{4}(?:q[1-4]|\d{4})?|\d{4}-[A-Z][a-z]+|Week-of-Mon-\d{8})\.txt")

# Mailman keeps there, by the day, what it took off messages: a forwarded mail, say, which is no message of the list.
_TAKEN_OFF = re.compile(r"(?:^|/)attachments/\d{8}/")


@contextmanager
def one_file(path: Path) -> Iterator[Path]:
    """An archive as one mbox file: a file is one, packed or not; a Maildir, a folder or a ZIP of .eml and .mbox files is made one for a while.

    Raises:
        Invalid: it cannot be read, or holds no mail.
    """
    if path.is_file() and path.suffix not in {".gz", ".zip"}:
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=".mbox") as made:
        try:
            _gather(path, made)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise Invalid.field("file", f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is damaged'}") from error
        made.flush()
        yield Path(made.name)


def _gather(path: Path, out: IO[bytes]) -> None:
    if path.suffix == ".zip" and path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            _gather(_unpacked(path, Path(folder)), out)
        return
    if path.is_file():
        with gzip.open(path, "rb") as packed:
            shutil.copyfileobj(packed, out)
        return
    maildir = [*path.rglob("cur/*"), *path.rglob("new/*")]
    named = [found for name in NAMES for found in path.rglob(f"*{name}")]
    months = [
        found for found in path.rglob("*.txt") if _PIPERMAIL.fullmatch(found.name) and not found.with_name(f"{found.name}.gz").exists()
    ]
    found = {one for one in [*maildir, *named, *months] if not _TAKEN_OFF.search(one.relative_to(path).as_posix())}
    files = sorted(one for one in found if one.is_file())
    if not files:
        raise Invalid.field("file", f"{path} holds no mail: no Maildir, no .eml or .mbox file")
    for file in files:
        if file.suffix in {".gz", ".mbox", ".txt"}:
            _append(file, out)
            continue
        raw = file.read_bytes().replace(b"\r\n", b"\n")
        out.write(_separator(raw) + re.sub(rb"(?m)^(>*From )", rb">\1", raw).rstrip(b"\n") + b"\n\n")


def _unpacked(path: Path, folder: Path) -> Path:
    """The messages and archives in a ZIP (Google's Takeout gives groups so), each under a number and its kind: no name in it is believed."""
    with zipfile.ZipFile(path) as packed:
        names = dict.fromkeys(packed.namelist())
        for number, member in enumerate(names):
            kind = next((name for name in NAMES if member.endswith(name)), "")
            month = _PIPERMAIL.fullmatch(member.rpartition("/")[2]) and f"{member}.gz" not in names
            kind = kind or (".mbox" if month else "")
            if kind and not _TAKEN_OFF.search(member):
                with packed.open(member) as inner, (folder / f"{number:07}{kind}").open("wb") as made:
                    shutil.copyfileobj(inner, made)
    return folder


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


@dataclass(frozen=True, slots=True)
class Sorted:
    """Topics of a forum: an archive for each space they go to, and what goes nowhere (which, why)."""

    archives: dict[int, Path] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def by_space(path: Path, forum: str | None, space_of: Callable[[dict[str, Any]], int | None]) -> Iterator[Sorted]:
    """Topics of a Discourse forum as mbox files, for a while.

    Args:
        path: see `discourse.topics`.
        forum: its host name; None finds out.
        space_of: where a topic goes, None for nowhere.

    Raises:
        Invalid: it cannot be read.
    """
    found, files = Sorted(), dict[int, IO[bytes]]()
    with ExitStack() as stack:
        for topic in discourse.topics(path):
            space_id = None if topic.problem else space_of(topic.facts)
            if space_id is None:
                found.refused.append(
                    (topic.where, topic.problem or "no space is called as its category is: say where it goes with --space")
                )
                continue
            if space_id not in files:
                files[space_id] = stack.enter_context(tempfile.NamedTemporaryFile(suffix=".mbox"))
            told = discourse.write(topic.facts, forum or discourse.forum_of(topic.facts), files[space_id])
            found.refused.extend((f"{topic.where}, {which}", why) for which, why in told if which)
        for space_id, file in files.items():
            file.flush()
            if file.tell():
                found.archives[space_id] = Path(file.name)
        yield found
