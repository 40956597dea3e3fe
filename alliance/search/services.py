"""Keeping the index: a copy of what the database holds, brought up to date from the event log, rebuilt on any doubt."""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import select

from alliance import events
from alliance.core import db, jobs, locks, outbox, settings
from alliance.core.errors import Conflict
from alliance.search import concerned, files, sources
from alliance.search.engine import Document, IndexUnavailable, Rebuild, SearchEngine
from alliance.search.postgres_engine import PostgresEngine
from alliance.search.whoosh_engine import WhooshEngine

log = structlog.get_logger(__name__)
POST_EVENTS = (
    events.PostPublished,
    events.PostEdited,
    events.PostWithdrawn,
    events.PostHidden,
    events.PostRestored,
    events.PostSignalled,
    events.PostMarked,
)
# A discussion that is opened has its first post published too.
EVENTS = (
    *POST_EVENTS,
    events.DiscussionChanged,
    events.PersonChanged,
    events.PersonRegistered,
    events.AffiliationDeclared,
    events.AffiliationDecided,
    events.DigestAdvanced,
    events.AttachmentRead,
    events.AttachmentDropped,
    events.DocumentChanged,
    events.GroupChanged,
    events.IndexingPaused,
)
KINDS = tuple(kind.__name__ for kind in EVENTS)
PART = 1000  # documents that are read and written at once
TOO_FAR_BEHIND = 20_000  # events: reading everything again is quicker than catching up
LISTENER = "search"
REBUILD_LOCK = "search-rebuild"
TIDY_LOCK = "search-tidy"
TIDY_EVERY = 15  # batches
WAIT_SECONDS = 0.2
_asked: dict[str, float] = {}
_batches = itertools.count(1)


def engine() -> SearchEngine:
    """The engine of this installation: in the database where that is PostgreSQL, else in files."""
    if db.engine().dialect.name == "postgresql":
        return _postgres()
    return _whoosh(settings.current().data_dir / "index" / "whoosh")


@functools.cache
def _postgres() -> PostgresEngine:
    return PostgresEngine(db.engine)


@functools.lru_cache(maxsize=4)
def _whoosh(folder: Path) -> WhooshEngine:
    return WhooshEngine(folder)


def take(batch: Sequence[outbox.Recorded]) -> None:
    """Bring the index up to the end of a batch of events, in one commit; make the index when it is lacking."""
    try:
        with engine().writing():  # before reading: what is written must not be older than what another just wrote
            reached = position()
            missed = _events_between(reached, batch[0].id) if reached < batch[0].id else []
            keys = touched([*missed, *batch])
            _update(engine(), keys, max(reached, batch[-1].id), reached)
        if any(key[0] in {"a", "d"} for key in keys):
            files.read_files.enqueue()
        if isinstance(engine(), PostgresEngine) and next(_batches) % TIDY_EVERY == 0:
            tidy.enqueue()
    except IndexUnavailable as error:
        log.warning("search.rebuilding", reason=str(error))
        rebuild_or_wait()


def position() -> int:
    """How far the index reaches.

    Raises:
        IndexUnavailable: it is lacking, unreadable, or belongs to another history than this database's.
    """
    reached = engine().position()
    newest = outbox.head()
    if reached > newest:
        raise IndexUnavailable("the search index is of a later time than the database")
    if newest - reached > TOO_FAR_BEHIND:
        raise IndexUnavailable("the search index is far behind the database")
    return reached


def _events_between(after: int, before: int) -> list[outbox.Recorded]:
    """What the index has not seen of what was already delivered: a commit of the index was lost."""
    return [one for one in _events_after(after) if one.id < before]


def _events_after(cursor: int) -> Iterator[outbox.Recorded]:
    while part := outbox.read(cursor, 1000, KINDS):
        yield from part
        cursor = part[-1].id


def touched(batch: Iterable[outbox.Recorded]) -> set[str]:
    """The keys of what has to be indexed anew now; what would be too much at once comes back as an event of its own."""
    keys: set[str] = set()
    posts: set[int] = set()
    answered: set[int] = set()
    shared: list[events.IndexingPaused] = []
    for one in batch:
        if isinstance(one.event, POST_EVENTS):
            posts.add(one.event.post_id)
            if not isinstance(one.event, events.PostEdited | events.PostSignalled | events.PostMarked):
                answered.add(one.event.discussion_id)
        elif isinstance(one.event, events.IndexingPaused):
            shared.append(one.event)
        else:
            some, rest = concerned.by(one.event)
            keys |= some
            shared += rest
    some, waiting = concerned.portion(shared)
    if waiting:
        db.release()
        with db.transaction():
            for paused in waiting:
                outbox.publish(paused)
    return keys | some | concerned.with_files(posts) | concerned.summaries(posts) | concerned.opening_of(answered)


def _update(target: SearchEngine | Rebuild, keys: set[str], position: int, before: int) -> None:
    """Write what lies behind some keys; the position is reached with the last part, so that a crash has all of it done again."""
    every = sorted(keys)
    for start in range(0, max(1, len(every)), PART):
        part = every[start : start + PART]
        found = list(sources.documents(part))
        db.release()  # no reading transaction is held while the index is written
        gone = sorted(set(part) - {document.key for document in found})
        target.update(found, gone, position if start + PART >= len(every) else before)


def rebuild(progress: Callable[[Iterable[Document]], Iterable[Document]] = iter) -> int:
    """Build a new index beside the old one, which is searched meanwhile, and put it in its place.

    Args:
        progress: passes the documents on, and may count them.

    Returns:
        How many documents it holds.

    Raises:
        Conflict: it is being rebuilt already.
    """
    with locks.exclusive(REBUILD_LOCK) as mine:
        if not mine:
            raise Conflict("the search index is being rebuilt already")
        return _rebuild(progress)


def _rebuild(progress: Callable[[Iterable[Document]], Iterable[Document]]) -> int:
    started = time.monotonic()
    position = outbox.head()
    count = 0

    def counted() -> Iterator[Document]:
        nonlocal count
        for document in sources.all_documents():
            count += 1
            yield document

    made = engine().rebuild(progress(counted()), position)
    try:
        with engine().writing():
            newest = outbox.head()
            _update(made, touched(_events_after(position)), newest, position)
            made.adopt()
    except BaseException:
        made.discard()
        raise
    log.info("search.rebuilt", documents=count, seconds=round(time.monotonic() - started, 2))
    return count


def rebuild_or_wait() -> None:
    """Have a usable index: by building it, or by waiting for whoever is."""
    while True:
        with locks.exclusive(REBUILD_LOCK) as mine:
            if mine:
                if not usable():
                    _rebuild(iter)
                return
        time.sleep(WAIT_SECONDS)


def usable() -> bool:
    """Whether the index can be read from end to end and belongs to this database."""
    try:
        position()
    except IndexUnavailable:
        return False
    finally:
        db.release()
    return engine().verify()


@jobs.task()
def tidy() -> None:
    """Where the index lies in PostgreSQL: make one of many small segments, while writing and searching go on."""
    kept = engine()
    with locks.exclusive(TIDY_LOCK) as mine:
        while mine and isinstance(kept, PostgresEngine):
            try:
                if not kept.tidy(lambda keys: list(sources.documents(keys))):
                    return
            except IndexUnavailable:
                return
            finally:
                db.release()


def ask_for_repair() -> None:
    """A search found no index: have a worker look at it (once in a while, however many searches find none)."""
    folder = str(settings.current().data_dir)
    now = time.monotonic()
    if now - _asked.get(folder, -60.0) > 5.0:
        _asked[folder] = now
        repair.enqueue()


@jobs.task()
def repair() -> None:
    """Examine the index, and build it again when it is lacking or damaged."""
    if not usable():
        rebuild_or_wait()


@jobs.periodic("*/10 * * * *")
def look_after() -> None:
    """Notice an index that is lacking, or that lost its last commits, and files nobody read, even when nobody posts or searches."""
    files.read_files()
    kept = engine()
    if isinstance(kept, PostgresEngine) and not kept.is_complete():  # Whoosh stumbles over what it lacks
        rebuild_or_wait()
    try:
        with engine().writing():
            reached = position()
            delivered = db.session().scalar(select(outbox.ListenerRow.position).where(outbox.ListenerRow.name == LISTENER)) or 0
            if missed := _events_between(reached, delivered + 1):
                log.warning("search.catching_up", events=len(missed))
                _update(engine(), touched(missed), delivered, reached)
    except IndexUnavailable as error:
        log.warning("search.rebuilding", reason=str(error))
        rebuild_or_wait()


@dataclass(frozen=True, slots=True)
class Differences:
    """How index and database differ: keys of documents."""

    checked: int
    missing: list[str]
    changed: list[str]
    surplus: list[str]

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.surplus)


def compare(progress: Callable[[Iterable[Document]], Iterable[Document]] = iter) -> Differences:
    """Compare the index with the database, document by document.

    Raises:
        IndexUnavailable: there is no index to compare.
    """
    stamps = dict(engine().stamps())
    checked, missing, changed = 0, [], []
    for document in progress(sources.all_documents()):
        checked += 1
        stamp = stamps.pop(document.key, None)
        if stamp is None:
            missing.append(document.key)
        elif stamp != document.stamp:
            changed.append(document.key)
    return Differences(checked, missing, changed, sorted(stamps))
