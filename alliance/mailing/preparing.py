"""Messages of an archive made ready for the database: read in full, their text rendered, their language told.

None of it needs the database, and it is most of the work of an import: a long archive is prepared on all processors,
some batches ahead of the one that is being written.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from alliance.core import text
from alliance.core.i18n import gettext as _
from alliance.mailing import archive
from alliance.mailing.archive import Entry, Unreadable
from alliance.mailing.threading_ import Placed

BATCH = 100
MANY = 1000  # from so many messages on, processes to share the work are begun sooner than they would have done it
AHEAD = 4
_NOTHING = text.Rendered("", text.RENDERER_VERSION)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message as a post could be made of it.

    Attributes:
        placed: which one, and what it answers.
        title: of the discussion it would open.
        body: Markdown.
        made: its HTML, no name in it linked and no file shown.
        language: recognised.
        attachments: how many parts were left out.
        problem: why it cannot be taken, "" when it can.
    """

    placed: Placed
    title: str = ""
    body: str = ""
    made: text.Rendered = _NOTHING
    language: str | None = None
    attachments: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be known to read a message: the file, addresses not to be shown, the tag subjects begin with ("" when none)."""

    path: Path
    addresses: frozenset[str]
    tag: str

    def prepare(self, batch: Sequence[Placed]) -> list[Prepared]:
        """Messages made ready; what cannot be read says why."""
        with self.path.open("rb") as file:
            return [self._one(file, placed) for placed in batch]

    def _one(self, file: BinaryIO, placed: Placed) -> Prepared:
        try:
            loaded = archive.load(file, placed.entry, self.addresses)
        except Unreadable as reason:
            return Prepared(placed, problem=str(reason))
        body = loaded.body
        title = self._title(placed.entry, body)
        if text.is_blank(body) or len(body) > text.MAX_BODY:  # refused in the words of the door
            return Prepared(placed, title, body)
        language = text.detect_language(body if placed.parent else f"{title}\n\n{body}")
        return Prepared(placed, title, body, text.render(body), language, loaded.attachments)

    def _title(self, entry: Entry, body: str) -> str:
        if entry.title:
            return entry.title
        subject, _answered = archive.bare_subject(entry.subject)
        if self.tag and subject.casefold().startswith(self.tag):
            subject = subject[len(self.tag) :]
        line = text.clean_line(subject)
        if text.is_blank(line):
            line = text.clean_line(" ".join(text.plain(text.render(body[:2000]).html).split()[:10]))
        return (line if len(line) <= 200 else line[:199].rstrip() + "…") or _("Without a title")


def batches(source: Source, placed: Sequence[Placed]) -> Iterator[list[Prepared]]:
    """All messages made ready, in their order, a batch at a time."""
    parts = _cut(placed)
    if len(placed) < MANY or cores() < 2:
        yield from map(source.prepare, parts)
        return
    context = multiprocessing.get_context("fork")  # nothing is copied, and nothing read anew; what is forked touches no database
    with ProcessPoolExecutor(cores(), context, initializer=_begin, initargs=(source,)) as pool:
        waiting: deque[Future[list[Prepared]]] = deque()
        for part in parts:
            waiting.append(pool.submit(_prepare, part))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def cores() -> int:
    """How many processors there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cut(placed: Iterable[Placed]) -> Iterator[list[Placed]]:
    source = iter(placed)
    while batch := list(islice(source, BATCH)):
        yield batch


_source: list[Source] = []


def _begin(source: Source) -> None:
    """In a process that helps: know the source, and end when the one that asked is gone, however it went."""
    _source[:] = [source]
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _prepare(batch: list[Placed]) -> list[Prepared]:
    return _source[0].prepare(batch)
