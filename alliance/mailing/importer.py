"""An archive of a mailing list becomes discussions of a space: with the reply tree, the original dates, and nobody's address.

A batch of messages is one transaction: killed in the middle, an import is simply begun again and goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.exc import SQLAlchemyError

from alliance.accounts import handles
from alliance.accounts.models import Person
from alliance.core import clock, db
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line, is_blank, plain
from alliance.core.text import render as render_markdown
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.mailing import archive, mbox, queries
from alliance.mailing.archive import Entry, Unreadable
from alliance.mailing.models import ImportedMessage
from alliance.mailing.threading_ import Placed, arrange
from alliance.policy import Actor

BATCH = 100
ACTOR = Actor.system(via="cli")


@dataclass(slots=True)
class Report:
    """What became of the messages of a file; the three numbers add up to `total`.

    Attributes:
        total: messages in the file.
        imported: became posts.
        duplicates: were there before, or twice in the file.
        skipped: (number in the file, Message-ID, reason) of those that cannot be taken.
        attachments: parts left out of messages that were taken.
    """

    total: int = 0
    imported: int = 0
    duplicates: int = 0
    skipped: list[tuple[int, str, str]] = field(default_factory=list)
    attachments: int = 0


def read_archive(path: Path, named: Path | None = None) -> list[Entry]:
    """The messages of an mbox file, by their headers; errors call it by the name it was given (`named`).

    Raises:
        Invalid: it is no archive.
    """
    try:
        with path.open("rb") as file:
            return _dated(list(archive.entries(file)), datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except mbox.NotAnArchive:
        raise Invalid.field("file", f"{named or path} holds no mail: neither a line “From …” nor a header begins a message in it") from None
    except OSError as error:
        raise Invalid.field("file", f"{named or path} cannot be read: {error.strerror}") from error


def _dated(entries: list[Entry], last_resort: datetime) -> list[Entry]:
    """A message without a date stands where its neighbour in the file stands."""
    known = next((entry.at for entry in entries if entry.at), min(last_resort, clock.now()))
    dated = []
    for entry in entries:
        known = entry.at or known
        dated.append(replace(entry, at=known))
    return dated


def import_archive(
    path: Path, space_id: int, entries: Sequence[Entry], *, dry_run: bool = False, tick: Callable[[int], object] = int
) -> Report:
    """Bring the messages of an archive into a space.

    Args:
        path: the file.
        space_id: where to.
        entries: what `read_archive` found in it.
        dry_run: only say what would become of them.
        tick: called with the number of messages dealt with, as it goes.
    """
    report = Report(total=len(entries))
    fresh = _new_ones(entries, space_id, report)
    tick(report.total - len(fresh))
    with path.open("rb") as file:
        work = _Import(file, space_id, entries, report, dry_run=dry_run)
        for batch in _batches(arrange(fresh), BATCH):
            work.take(batch)
            tick(len(batch))
    return report


def _new_ones(entries: Sequence[Entry], space_id: int, report: Report) -> list[Entry]:
    known = queries.imported_posts(space_id, [entry.key for entry in entries])
    seen: set[str] = set(known)
    fresh = []
    for entry in entries:
        if entry.problem:
            report.skipped.append((entry.number, "", entry.problem))
        elif entry.key in seen:
            report.duplicates += 1
        else:
            seen.add(entry.key)
            fresh.append(entry)
    return fresh


def _batches(placed: Iterable[Placed], size: int) -> Iterator[list[Placed]]:
    source = iter(placed)
    while batch := list(islice(source, size)):
        yield batch


@dataclass(slots=True)
class _Ready:
    """A message read in full, and its text rendered: all that needs no database."""

    placed: Placed
    loaded: archive.Loaded


class _Import:
    """One run: what was imported so far, by key."""

    def __init__(self, file: BinaryIO, space_id: int, entries: Sequence[Entry], report: Report, *, dry_run: bool) -> None:
        self._file, self._space_id, self._report, self._dry_run = file, space_id, report, dry_run
        self._addresses = frozenset(entry.address for entry in entries if entry.address)
        self._tag = _common_tag(entries)
        wanted = {reference for entry in entries for reference in entry.references}
        self._posts: dict[str, int] = queries.imported_posts(space_id, sorted(wanted))
        self._above: dict[str, str | None] = {}  # a message that was not taken → the one it answered

    def take(self, batch: list[Placed]) -> None:
        """Import a batch in one transaction; should the database refuse it, message by message."""
        ready = [made for placed in batch if (made := self._read(placed)) is not None]
        if self._dry_run:
            self._report.imported += len(ready)
            return
        try:
            self._write(ready)
        except SQLAlchemyError:
            db.release()
            for one in ready:
                self._write_alone(one)
        db.release()

    def _read(self, placed: Placed) -> _Ready | None:
        try:
            return _Ready(placed, archive.load(self._file, placed.entry, self._addresses))
        except Unreadable as reason:
            self._skip(placed, str(reason))
            return None

    def _skip(self, placed: Placed, reason: str) -> None:
        self._above[placed.entry.key] = placed.parent
        self._report.skipped.append((placed.entry.number, placed.entry.key, reason))

    def _write_alone(self, one: _Ready) -> None:
        try:
            self._write([one])
        except SQLAlchemyError as error:
            db.release()
            self._skip(one.placed, f"the database refused it ({type(error).__name__})")

    def _write(self, ready: list[_Ready]) -> None:
        staged: dict[str, int] = {}
        refused: list[tuple[Placed, str]] = []
        with db.transaction() as session:
            space = session.get_one(Space, self._space_id)
            for one in ready:
                try:
                    post_id = self._publish(space, one, staged)
                except Invalid as reason:
                    refused.append((one.placed, str(reason)))
                    continue
                staged[one.placed.entry.key] = post_id
                session.add(ImportedMessage(space_id=space.id, key=one.placed.entry.key, post_id=post_id, created_at=clock.now()))
        self._posts |= staged
        self._report.imported += len(staged)
        self._report.attachments += sum(one.loaded.attachments for one in ready)
        for placed, sentence in refused:
            self._skip(placed, sentence)

    def _publish(self, space: Space, one: _Ready, staged: dict[str, int]) -> int:
        entry = one.placed.entry
        author = _author(entry)
        parent = self._parent(one.placed, staged)
        if parent is not None:
            discussion = db.session().get_one(Discussion, parent.discussion_id)
            post = discussions.publish_post(
                ACTOR, discussion, one.loaded.body, parent=parent, author=author, created_at=entry.at, imported=True
            )
            return post.id
        title = self._title(entry, one.loaded.body)
        opened = discussions.open_discussion(ACTOR, space, title, one.loaded.body, author=author, created_at=entry.at, imported=True)
        return queries.opening_post_id(opened.id)

    def _parent(self, placed: Placed, staged: dict[str, int]) -> Post | None:
        """The post answered: as threaded; past messages that were not taken; or in an archive imported before."""
        key = placed.parent
        while key is not None and key in self._above:
            key = self._above[key]
        candidates = [key] if key is not None else list(reversed(placed.entry.references))
        found = next((number for one in candidates if (number := staged.get(one) or self._posts.get(one))), None)
        return db.session().get(Post, found) if found is not None else None

    def _title(self, entry: Entry, body: str) -> str:
        if entry.title:
            return entry.title
        subject, _answered = archive.bare_subject(entry.subject)
        if self._tag and subject.casefold().startswith(self._tag):
            subject = subject[len(self._tag) :]
        line = clean_line(subject)
        if is_blank(line):
            said = plain(render_markdown(body[:2000]).html)
            line = clean_line(" ".join(said.split()[:10]))
        return (line if len(line) <= 200 else line[:199].rstrip() + "…") or _("Without a title")


def _common_tag(entries: Sequence[Entry]) -> str:
    """The "[list]" most subjects of the archive begin with: it says nothing on a page of the space."""
    tags = Counter(found[0].casefold() for entry in entries if (found := archive.TAG.match(archive.bare_subject(entry.subject)[0])))
    tags += Counter(
        found[0].casefold() for entry in entries if entry.subject.startswith("[") and (found := archive.TAG.match(entry.subject))
    )
    tag, times = tags.most_common(1)[0] if tags else ("", 0)
    return tag if len(entries) >= 5 and times * 2 > len(entries) else ""


def _author(entry: Entry) -> Person:
    """The unclaimed person who wrote it: one per address, or per name where there is no address."""
    name = clean_line(entry.name)
    name = _("Unknown author") if is_blank(name) else name
    address = entry.address or f"{hashlib.sha256(name.casefold().encode()).hexdigest()[:24]}@name.invalid"
    person = queries.archive_author(address)
    if person is None:
        person = Person(archive_email=address, name=name, claimed=False, languages=[], created_at=clock.now())
        if not handles.settle(person):  # another import has just written the same author
            return _author(entry)
    return person
