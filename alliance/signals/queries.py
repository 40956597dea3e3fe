"""Reading signals: counts of many posts at once, one's own, the reasons given."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, and_, case, or_, select

from alliance.accounts.models import Person
from alliance.core import cursors, db, vocabulary
from alliance.core.prepared import ANYBODY, Prepared, among
from alliance.discussions.models import Discussion, Post
from alliance.policy import Actor
from alliance.signals.models import KINDS, Signal, SignalCount

PAGE = 30
Counts = dict[str, dict[str | None, int]]
ORDER: tuple[str | None, ...] = (*vocabulary.STAKEHOLDER_TYPES, None)


@dataclass(frozen=True, slots=True)
class Own:
    """What one reader has said about posts, and which of their discussions are locked."""

    kinds: dict[tuple[int, str], str] = field(default_factory=dict)  # (post id, "thanks" | "position") → kind
    locked: frozenset[int] = frozenset()  # ids of discussions


def told(posts: Sequence[Any]) -> list[int]:
    """The ids of those posts about which anything can have been said: every signal raises a post's version."""
    return [post.id for post in posts if post.status == "visible" and post.version > 1]


def counts(post_ids: Collection[int]) -> dict[int, Counts]:
    """{post: {kind: {stakeholder type: number}}} in official order, of posts that have signals; one query for all."""
    if not post_ids:
        return {}
    query = select(SignalCount.post_id, SignalCount.kind, SignalCount.stakeholder_type, SignalCount.count)
    rows = db.session().execute(query.where(SignalCount.post_id.in_(post_ids), SignalCount.count > 0))
    found = {(row[0], row[1], row[2] or None): row[3] for row in rows}
    ordered: dict[int, Counts] = {}
    for post_id in dict.fromkeys(key[0] for key in found):
        by_kind = {kind: {t: found[post_id, kind, t] for t in ORDER if (post_id, kind, t) in found} for kind in KINDS}
        ordered[post_id] = {kind: by_type for kind, by_type in by_kind.items() if by_type}
    return ordered


def own_of_page(actor: Actor, posts: Sequence[Any]) -> Own:
    """What a reader has said about the posts of a page, and which discussions take no positions: one query."""
    rows = _OWN.rows(None, actor.person_id, posts=told(posts), discussions={post.discussion_id for post in posts})
    return Own({(row[2], row[3]): row[4] for row in rows if row[2] is not None}, frozenset(row[0] for row in rows if row[1]))


def _own_of_page(_kind: None) -> Select[*tuple[Any, ...]]:
    mine = and_(Signal.person_id == ANYBODY, among(Signal.post_id, "posts"))
    query = select(Discussion.id, Discussion.locked_at.is_not(None), Signal.post_id, Signal.about, Signal.kind).outerjoin(Signal, mine)
    return query.where(among(Discussion.id, "discussions"))


_OWN = Prepared(_own_of_page)


def own(actor: Actor, post_id: int) -> dict[str, Signal]:
    """What somebody has said about a post: {"thanks" | "position": signal}."""
    query = select(Signal).where(Signal.post_id == post_id, Signal.person_id == actor.person_id)
    return {signal.about: signal for signal in db.session().scalars(query.execution_options(populate_existing=True))}


def reasons(post_id: int, after: str | None = None, limit: int = PAGE) -> tuple[list[Row[Any]], str | None]:
    """Positions taken with a reason, newest first, and the cursor of the rest."""
    hidden = or_(Signal.nameless, Post.written_by_id.is_not(None))
    named = [case((hidden, None), else_=one).label(name) for one, name in ((Person.name, "author_name"), (Person.handle, "handle"))]
    said: Select[*tuple[Any, ...]] = select(Signal.id, Signal.kind, Signal.reason, Signal.stakeholder_type, Signal.changed_at, *named)
    query = said.join(Person, Person.id == Signal.person_id).join(Post, Post.id == Signal.post_id)
    query = query.where(Signal.post_id == post_id, Signal.about == "position", Signal.reason != "")
    if after:
        (last,) = cursors.decode(after, (int,))
        query = query.where(Signal.id < last)
    rows = list(db.session().execute(query.order_by(Signal.id.desc()).limit(limit + 1)))
    return rows[:limit], cursors.encode(rows[limit - 1].id) if len(rows) > limit else None
