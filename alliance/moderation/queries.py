"""The review queue and the log, as the actor may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from alliance.core import cursors, db
from alliance.core.errors import NotFound
from alliance.discussions.models import Discussion, Post
from alliance.moderation.models import Flag, LogEntry
from alliance.policy import Actor, visible

PAGE = 30


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A post somebody flagged, with its open flags."""

    post: Post
    flags: list[Flag]


def queue(actor: Actor, after: str | None = None, limit: int = PAGE) -> tuple[list[QueueItem], str | None]:
    """Posts with open flags, the longest waiting first, and the cursor of the rest."""
    first = func.min(Flag.id).label("first")
    query = select(Flag.post_id, first).where(*_decidable(actor)).group_by(Flag.post_id)
    if after:
        (last,) = cursors.decode(after, (int,))
        query = query.having(func.min(Flag.id) > last)
    rows = db.session().execute(query.order_by(first).limit(limit + 1)).all()
    following = cursors.encode(rows[limit - 1].first) if len(rows) > limit else None
    return _items(actor, [row.post_id for row in rows[:limit]]), following


def _items(actor: Actor, post_ids: list[int]) -> list[QueueItem]:
    session = db.session()
    loading = (joinedload(Post.author), joinedload(Post.discussion).joinedload(Discussion.space))
    posts = {p.id: p for p in session.scalars(select(Post).options(*loading).where(Post.id.in_(post_ids)))}
    flags = session.scalars(
        select(Flag)
        .options(joinedload(Flag.person))
        .where(Flag.post_id.in_(post_ids), Flag.status == "open", visible(actor, Flag))
        .order_by(Flag.id)
    ).all()
    return [QueueItem(posts[i], [f for f in flags if f.post_id == i]) for i in post_ids]


def waiting(actor: Actor) -> int:
    """How many posts wait in the queue."""
    return db.session().scalar(select(func.count(Flag.post_id.distinct())).where(*_decidable(actor))) or 0


def _decidable(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Open flags, on posts that one can act on (a flag on what was withdrawn at this moment is closed a little later)."""
    return Flag.status == "open", visible(actor, Flag), Flag.post.has(visible(actor, Post))


def flaggable(actor: Actor, post_id: int) -> Post:
    """A post one can read, to flag or to act on.

    Raises:
        NotFound: none such.
    """
    found = db.session().scalar(select(Post).where(Post.id == post_id, visible(actor, Post)))
    if found is None:
        raise NotFound
    return found


def discussion(actor: Actor, discussion_id: int) -> Discussion:
    """A discussion one can read.

    Raises:
        NotFound: none such.
    """
    found = db.session().scalar(select(Discussion).where(Discussion.id == discussion_id, visible(actor, Discussion)))
    if found is None:
        raise NotFound
    return found


def own_flag(actor: Actor, post_id: int) -> Flag | None:
    """The flag one has put on a post, if any."""
    return db.session().scalar(select(Flag).where(Flag.post_id == post_id, Flag.person_id == actor.person_id))


def open_flags(post_id: int) -> list[Flag]:
    """The open flags of a post."""
    return list(db.session().scalars(select(Flag).where(Flag.post_id == post_id, Flag.status == "open")))


def log(actor: Actor, after: str | None = None, limit: int = PAGE) -> tuple[list[LogEntry], str | None]:
    """Acts of moderation, newest first, and the cursor of the rest."""
    query = select(LogEntry).options(joinedload(LogEntry.moderator), joinedload(LogEntry.discussion), joinedload(LogEntry.space))
    query = query.options(joinedload(LogEntry.post)).where(visible(actor, LogEntry))
    if after:
        moment, last = cursors.decode(after, (datetime, int))
        query = query.where(or_(LogEntry.created_at < moment, and_(LogEntry.created_at == moment, LogEntry.id < last)))
    rows = list(db.session().scalars(query.order_by(LogEntry.created_at.desc(), LogEntry.id.desc()).limit(limit + 1)))
    following = cursors.encode(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


def title_shown(actor: Actor, entry: LogEntry) -> bool:
    """Whether the title of the discussion of an entry may be shown: not when the discussion itself is hidden."""
    return entry.discussion.status == "visible" or actor.is_moderator
