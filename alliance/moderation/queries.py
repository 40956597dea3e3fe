"""The review queue and the log, as the actor may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, column, func, or_, select, values
from sqlalchemy.orm import joinedload

from alliance.accounts.models import Person
from alliance.core import clock, cursors, db, reviews
from alliance.core.errors import NotFound
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.moderation import places
from alliance.moderation.models import Flag, LogEntry, ReviewItem
from alliance.policy import Actor, visible
from alliance.policy.space import MODERATING, memberships

PAGE = 30
SHOWN_FLAGS = 5
MOST = 1000  # nobody counts further
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items: of a kind, a space, a language; `status` open or decided."""

    kind: str | None = None
    space_id: int | None = None
    language: str | None = None
    status: str = "open"


@dataclass(frozen=True, slots=True)
class QueueItem:
    """An item with what is to be seen of it, and the first few flags where it is about flags (`flags_count`: of how many)."""

    item: ReviewItem
    shown: reviews.Shown | None
    flags: Sequence[Flag]
    flags_count: int = 0

    @property
    def post(self) -> Post | None:
        """The post it is about."""
        return self.item.post


@dataclass(frozen=True, slots=True)
class Numbers:
    """What waits, by kind; since when; how much was decided this week, and how long it took (median, in seconds). `MOST` stands for all that are more."""

    waiting: Mapping[str, int]
    oldest: datetime | None
    decided: int
    median_wait: int | None

    @property
    def total(self) -> int:
        """Everything that waits."""
        return min(sum(self.waiting.values()), MOST)


_LOADING = (
    joinedload(ReviewItem.person),
    joinedload(ReviewItem.space),
    joinedload(ReviewItem.claimed_by),
    joinedload(ReviewItem.decided_by),
    joinedload(ReviewItem.post).joinedload(Post.author),
    joinedload(ReviewItem.post).joinedload(Post.discussion),
)


def queue(actor: Actor, after: str | None = None, limit: int = PAGE, wanted: Wanted | None = None) -> tuple[list[QueueItem], str | None]:
    """What waits, the longest waiting first (of what was decided: the newest first), and the cursor of the rest."""
    asked = wanted or Wanted()
    backward = asked.status != "open"
    query = select(ReviewItem).options(*_LOADING).where(*_matching(actor, asked))
    if after:
        (last,) = cursors.decode(after, (int,))
        query = query.where(ReviewItem.id < last if backward else ReviewItem.id > last)
    rows = list(db.session().scalars(query.order_by(ReviewItem.id.desc() if backward else ReviewItem.id).limit(limit + 1)))
    following = cursors.encode(rows[limit - 1].id) if len(rows) > limit else None
    return presented(actor, rows[:limit]), following


def _matching(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [ReviewItem.status == wanted.status, visible(actor, ReviewItem)]
    if wanted.kind is not None:
        found.append(ReviewItem.kind == wanted.kind)
    if wanted.space_id is not None:
        found.append(ReviewItem.space_id == wanted.space_id)
    if wanted.language is not None:
        found.append(ReviewItem.language == wanted.language)
    return found


def presented(actor: Actor, rows: Sequence[ReviewItem]) -> list[QueueItem]:
    """Items with what is to be seen of them: a few queries, however many items and flags there are."""
    shown: dict[int, reviews.Shown] = {}
    for name in {row.kind for row in rows}:
        kind = reviews.kind(name)
        shown.update(kind.shown(actor, [row for row in rows if row.kind == name]) if kind is not None else {})
    flagged = [row.post_id for row in rows if row.kind == "flag" and row.post_id is not None]
    flags, counts = _flags(flagged)
    return [
        QueueItem(row, shown.get(row.id), flags.get(row.post_id or 0, ()), counts.get(row.post_id or 0, 0))
        if row.kind == "flag"
        else QueueItem(row, shown.get(row.id), ())
        for row in rows
    ]


def _flags(post_ids: Sequence[int]) -> tuple[dict[int, list[Flag]], dict[int, int]]:
    """The newest few flags of each post, and how many there are."""
    if not post_ids:
        return {}, {}
    place = func.row_number().over(partition_by=Flag.post_id, order_by=Flag.id.desc()).label("place")
    ranked = select(Flag.id, place).where(Flag.post_id.in_(post_ids)).subquery()
    few = select(ranked.c.id).where(ranked.c.place <= SHOWN_FLAGS)
    found: dict[int, list[Flag]] = {}
    for flag in db.session().scalars(select(Flag).options(joinedload(Flag.person)).where(Flag.id.in_(few)).order_by(Flag.id)):
        found.setdefault(flag.post_id, []).append(flag)
    rows = db.session().execute(select(Flag.post_id, func.count()).where(Flag.post_id.in_(post_ids)).group_by(Flag.post_id))
    return found, {row[0]: int(row[1]) for row in rows}


def waiting(actor: Actor) -> int:
    """How many things wait in the queue (a thousand stand for all that are more)."""
    return int(db.session().scalar(_few(select(ReviewItem.id).where(*_matching(actor, Wanted())))) or 0)


def numbers(actor: Actor) -> Numbers:
    """What the queue tells of itself, however much waits or was decided (what was decided has a `wait`; asked by status, the index of all
    that ever was would be walked).
    """
    session, seen = db.session(), visible(actor, ReviewItem)
    oldest = select(ReviewItem.created_at).where(ReviewItem.status == "open", seen).order_by(ReviewItem.id).limit(1)
    decided = select(ReviewItem.id).where(ReviewItem.decided_at > clock.now() - WEEK, ReviewItem.wait.is_not(None), seen)
    done = int(session.scalar(_few(decided.order_by(ReviewItem.decided_at.desc()))) or 0)
    return Numbers(_by_kind(seen), session.scalar(oldest), done, places.median_wait(seen))


def _by_kind(seen: ColumnElement[bool]) -> dict[str, int]:
    """What waits of each kind, each counted by itself, so that there is an end to it (one statement: `seen` is composed once)."""
    kinds = values(column("name", String), name="kinds").data([(name,) for name in reviews.kinds()]).cte("kinds")
    mine = select(ReviewItem.id).where(ReviewItem.status == "open", ReviewItem.kind == kinds.c.name, seen)
    number = _few(mine.correlate(kinds)).correlate(kinds).scalar_subquery()
    return {row[0]: int(row[1]) for row in db.session().execute(select(kinds.c.name, number)) if row[1]}


def _few(rows: Select[Any]) -> Select[Any]:
    """How many there are, `MOST` at most: they are not counted further."""
    return select(func.count()).select_from(rows.limit(MOST).subquery())


def get_item(actor: Actor, item_id: int) -> ReviewItem:
    """An item of the queue.

    Raises:
        NotFound: none such, or none the actor is responsible for.
    """
    found = db.session().scalar(select(ReviewItem).options(*_LOADING).where(ReviewItem.id == item_id, visible(actor, ReviewItem)))
    if found is None:
        raise NotFound
    return found


def next_item(actor: Actor, wanted: Wanted, after: int) -> int | None:
    """The next open item behind one that nobody else is at."""
    free = or_(ReviewItem.claimed_until.is_(None), ReviewItem.claimed_until < clock.now(), ReviewItem.claimed_by_id == actor.person_id)
    others = or_(ReviewItem.person_id.is_(None), ReviewItem.person_id != actor.person_id)
    query = select(ReviewItem.id).where(*_matching(actor, wanted), free, others)
    later = db.session().scalar(query.where(ReviewItem.id > after).order_by(ReviewItem.id).limit(1))
    return later or db.session().scalar(query.where(ReviewItem.id != after).order_by(ReviewItem.id).limit(1))


def open_item(kind: str, subject_id: int) -> ReviewItem | None:
    """What waits about a subject."""
    query = select(ReviewItem).where(ReviewItem.kind == kind, ReviewItem.subject_id == subject_id, ReviewItem.status == "open")
    return db.session().scalar(query)


def items_about(post_id: int, limit: int = 10) -> list[ReviewItem]:
    """What waits and what was decided about a post, newest first."""
    query = select(ReviewItem).options(joinedload(ReviewItem.decided_by)).where(ReviewItem.post_id == post_id)
    return list(db.session().scalars(query.order_by(ReviewItem.id.desc()).limit(limit)))


def was_kept(post_id: int) -> bool:
    """Whether a moderator has looked at a post as it is now, and left it."""
    query = select(ReviewItem.id).join(Post, Post.id == ReviewItem.post_id).where(
        ReviewItem.post_id == post_id, ReviewItem.status == "decided", ReviewItem.decision.in_(("keep", "approve")),
        or_(Post.edited_at.is_(None), Post.edited_at <= ReviewItem.decided_at),
    )  # fmt: skip
    return db.session().scalar(query.limit(1)) is not None


def is_responsible(actor: Actor) -> bool:
    """Whether one keeps order in a working group."""
    mine = memberships(actor, Space, MODERATING)
    return mine is not None and db.session().scalar(mine.limit(1)) is not None


def spaces(actor: Actor) -> list[Space]:
    """The spaces one may read."""
    return list(db.session().scalars(select(Space).where(visible(actor, Space)).order_by(Space.position, Space.id)))


def flaggable(actor: Actor, post_id: int) -> Post:
    """A post one can read, to flag or to act on.

    Raises:
        NotFound: none such.
    """
    found: Post = _one(select(Post).where(Post.id == post_id, visible(actor, Post)))
    return found


def discussion(actor: Actor, discussion_id: int) -> Discussion:
    """A discussion one can read.

    Raises:
        NotFound: none such.
    """
    found: Discussion = _one(select(Discussion).where(Discussion.id == discussion_id, visible(actor, Discussion)))
    return found


def _one(query: Select[Any]) -> Any:
    found = db.session().scalar(query)
    if found is None:
        raise NotFound
    return found


def own_flag(actor: Actor, post_id: int) -> Flag | None:
    """The flag one has put on a post, if any."""
    return db.session().scalar(select(Flag).where(Flag.post_id == post_id, Flag.person_id == actor.person_id))


def open_flag_ids(post_id: int) -> Sequence[int]:
    """The open flags of a post."""
    return db.session().scalars(select(Flag.id).where(Flag.post_id == post_id, Flag.status == "open")).all()


@dataclass(frozen=True, slots=True)
class LogWanted:
    """Which entries of the log."""

    act: str | None = None
    space_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def log(actor: Actor, after: str | None = None, limit: int = PAGE, wanted: LogWanted | None = None) -> tuple[list[LogEntry], str | None]:
    """Acts of moderation, newest first, and the cursor of the rest."""
    asked = wanted or LogWanted()
    query = select(LogEntry).options(*(joinedload(one) for one in _LOGGED)).where(visible(actor, LogEntry))
    if asked.act is not None:
        query = query.where(LogEntry.act == asked.act)
    if asked.space_id is not None:
        query = query.where(LogEntry.space_id == asked.space_id)
    if asked.since is not None:
        query = query.where(LogEntry.created_at >= asked.since)
    if asked.until is not None:
        query = query.where(LogEntry.created_at < asked.until)
    if after:
        (last,) = cursors.decode(after, (int,))
        query = query.where(LogEntry.id < last)
    rows = list(db.session().scalars(query.order_by(LogEntry.id.desc()).limit(limit + 1)))
    return rows[:limit], cursors.encode(rows[limit - 1].id) if len(rows) > limit else None


_LOGGED = (LogEntry.moderator, LogEntry.discussion, LogEntry.space, LogEntry.post, LogEntry.person)


def is_readable(actor: Actor, post_id: int) -> bool:
    """Whether one (still) reads a post: a flag may have hidden it."""
    return db.session().scalar(select(Post.id).where(Post.id == post_id, visible(actor, Post))) is not None


def names(person_ids: Sequence[int]) -> dict[int, str]:
    """The names of people."""
    if not person_ids:
        return {}
    return {row.id: row.name for row in db.session().execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))}
