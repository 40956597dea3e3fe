"""An archive of a mailing list becomes discussions of a space: with the reply tree, the original dates, and nobody's address.

A batch of messages is one transaction: killed in the middle, an import is simply begun again and goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from alliance.accounts import handles
from alliance.accounts.models import Person
from alliance.core import addresses, clock, db, plain
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line, is_blank
from alliance.discussions.bringing import Bringing, Said
from alliance.discussions.models import Post
from alliance.groups.models import Space
from alliance.mailing import archive, mbox, parts, preparing, queries
from alliance.mailing.archive import Entry
from alliance.mailing.models import ImportedMessage
from alliance.mailing.preparing import Prepared, Source
from alliance.mailing.threading_ import Placed, arrange
from alliance.policy import Actor

ACTOR = Actor.system(via="cli")
_NOTED = insert(ImportedMessage)


@dataclass(slots=True)
class Report:
    """What became of the messages of a file; the three numbers add up to `total`.

    Attributes:
        total: messages in the file.
        imported: became posts.
        duplicates: were there before, or twice in the file.
        skipped: (number in the file, Message-ID, reason) of those that cannot be taken.
        attachments: files of messages that were taken (in a dry run: parts that are no text).
        left_out: (number in the file, Message-ID, reason) of files that cannot be taken.
    """

    total: int = 0
    imported: int = 0
    duplicates: int = 0
    skipped: list[tuple[int, str, str]] = field(default_factory=list)
    attachments: int = 0
    left_out: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Count what became of another file too."""
        self.total += other.total
        self.imported += other.imported
        self.duplicates += other.duplicates
        self.skipped += other.skipped
        self.attachments += other.attachments
        self.left_out += other.left_out


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
    work = _Import(path, space_id, entries, report)
    source = Source(path, frozenset(entry.address for entry in entries if entry.address), _common_tag(entries))
    for batch in preparing.batches(source, arrange(fresh)):
        (work.look if dry_run else work.take)(batch)
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


class _Import:
    """One run: what was imported so far, by key."""

    def __init__(self, path: Path, space_id: int, entries: Sequence[Entry], report: Report) -> None:
        self._path, self._space_id, self._report = path, space_id, report
        wanted = {reference for entry in entries for reference in entry.references}
        self._posts: dict[str, int] = queries.imported_posts(space_id, sorted(wanted))
        self._above: dict[str, str | None] = {}  # a message that was not taken → the one it answered

    def look(self, batch: list[Prepared]) -> None:
        """Only count what would become of a batch."""
        ready = self._readable(batch)
        self._report.imported += len(ready)
        self._report.attachments += sum(one.attachments for one in ready)

    def take(self, batch: list[Prepared]) -> None:
        """Import a batch in one transaction; should the database refuse it, message by message."""
        ready = [self._with_files(one) if one.attachments else one for one in self._readable(batch)]
        try:
            self._write(ready)
        except SQLAlchemyError:
            db.release()
            for one in ready:
                self._write_alone(one)
        db.release()

    def _readable(self, batch: list[Prepared]) -> list[Prepared]:
        for one in batch:
            if one.problem:
                self._skip(one.placed, one.problem)
        return [one for one in batch if not one.problem]

    def _with_files(self, one: Prepared) -> Prepared:
        """Keep the files of a message; should the import end here, they are found again, or cleared away as those of nobody."""
        entry = one.placed.entry
        with db.transaction():
            writer_id = Authors([entry]).of(entry).id
        with self._path.open("rb") as file:
            taken = parts.bring(writer_id, archive.whole(file, entry))
        self._report.attachments += len(taken.references)
        self._report.left_out += [(entry.number, entry.key, reason) for reason in taken.refused]
        return replace(one, body=taken.joined(one.body))

    def _skip(self, placed: Placed, reason: str) -> None:
        self._above[placed.entry.key] = placed.parent
        self._report.skipped.append((placed.entry.number, placed.entry.key, reason))

    def _write_alone(self, one: Prepared) -> None:
        try:
            self._write([one])
        except SQLAlchemyError as error:
            db.release()
            self._skip(one.placed, f"the database refused it ({type(error).__name__})")

    def _write(self, ready: list[Prepared]) -> None:
        staged: dict[str, int] = {}
        refused: list[tuple[Placed, str]] = []
        with db.transaction() as session:
            space = session.get_one(Space, self._space_id)
            bringing = Bringing(ACTOR, space, [one.body for one in ready])
            authors = Authors([one.placed.entry for one in ready])
            for one in ready:
                try:
                    post_id = self._publish(bringing, authors, one, staged)
                except Invalid as reason:
                    refused.append((one.placed, str(reason)))
                    continue
                staged[one.placed.entry.key] = post_id
                plain.run(_NOTED, {"space_id": space.id, "key": one.placed.entry.key, "post_id": post_id, "created_at": clock.now()})
        self._posts |= staged
        self._report.imported += len(staged)
        for placed, sentence in refused:
            self._skip(placed, sentence)

    def _publish(self, bringing: Bringing, authors: Authors, one: Prepared, staged: dict[str, int]) -> int:
        entry = one.placed.entry
        parent = self._parent(one.placed, staged)
        said = Said(authors.of(entry), entry.at or clock.now(), one.body, one.made, one.language)
        return (bringing.answer(parent, said) if parent is not None else bringing.open(one.title, said)).id

    def _parent(self, placed: Placed, staged: dict[str, int]) -> Post | None:
        """The post answered: as threaded; past messages that were not taken; or in an archive imported before."""
        key = placed.parent
        while key is not None and key in self._above:
            key = self._above[key]
        candidates = [key] if key is not None else list(reversed(placed.entry.references))
        found = next((number for one in candidates if (number := staged.get(one) or self._posts.get(one))), None)
        return db.session().get(Post, found) if found is not None else None


def _common_tag(entries: Sequence[Entry]) -> str:
    """The "[list]" most subjects of the archive begin with: it says nothing on a page of the space."""
    tags = Counter(found[0].casefold() for entry in entries if (found := archive.TAG.match(archive.bare_subject(entry.subject)[0])))
    tags += Counter(
        found[0].casefold() for entry in entries if entry.subject.startswith("[") and (found := archive.TAG.match(entry.subject))
    )
    tag, times = tags.most_common(1)[0] if tags else ("", 0)
    return tag if len(entries) >= 5 and times * 2 > len(entries) else ""


class Authors:
    """Within one transaction: the unclaimed people who wrote messages, one per address, or per name where there is no address."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._known = queries.archive_authors({_address(entry) for entry in entries})

    def of(self, entry: Entry) -> Person:
        """Who wrote it."""
        address = _address(entry)
        while (person := self._known.get(address)) is None:
            made = Person(archive_email=address, name=_name(entry), claimed=False, languages=[], created_at=clock.now())
            # Another import may have just written the same author.
            self._known |= {address: made} if handles.settle(made) else queries.archive_authors({address})
        return person


def _name(entry: Entry) -> str:
    name = clean_line(entry.name)
    return _("Unknown author") if is_blank(name) else name


def _address(entry: Entry) -> str:
    return addresses.kept(entry.address) or f"{hashlib.sha256(_name(entry).casefold().encode()).hexdigest()[:24]}@name.invalid"
