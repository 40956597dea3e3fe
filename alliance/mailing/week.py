"""What happened in a period, for the e-mail about everything: found once for all who get it, asked again for each what they may see.

Memory does not grow with the number of readers: at most MOST discussions, each with one sentence.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from alliance.core import db
from alliance.digests.models import Digest
from alliance.digests.sentences import sentences
from alliance.discussions.models import Discussion, Post
from alliance.policy import Actor, visible
from alliance.polls.models import Poll

MOST = 400
CLOSING = timedelta(days=8)
KEPT_SECONDS = 60.0
PUBLIC_SECONDS = 2.0
LONGEST = 280


@dataclass(frozen=True, slots=True)
class Said:
    """The best sentence of what was said in a discussion."""

    post_id: int
    text: str
    author: str
    organization: str
    stakeholder_type: str | None
    language: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """A discussion in which something was said.

    Attributes:
        posts: how many new ones.
        types: stakeholder types that spoke in the period.
        voices: who has spoken at all (see discussions.voices).
    """

    id: int
    space_id: int
    title: str
    slug: str
    language: str | None
    posts: int
    types: int
    voices: dict[str, Any]
    said: Said | None

    @property
    def rank(self) -> tuple[int, int, int]:
        """Breadth before volume, then what is newer."""
        return self.types, self.posts, self.id


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment to another."""

    since: datetime
    until: datetime


@dataclass(slots=True)
class Material:
    """What happened, in the order of rank."""

    period: Period
    moved: list[Moved] = field(default_factory=list)
    polls: list[Row[Any]] = field(default_factory=list)
    digests: list[int] = field(default_factory=list)
    made_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Public:
    """What everybody may read of it, asked again every few seconds; whatever is not in here is asked for each reader."""

    discussions: frozenset[int]
    posts: frozenset[int]
    made_at: float


_kept: dict[Period, Material] = {}
_public: dict[Period, Public] = {}


def material(period: Period) -> Material:
    """What happened, found again after a minute."""
    found = _kept.get(period)
    if found is None or time.monotonic() - found.made_at > KEPT_SECONDS:
        found = Material(period, _moved(period), _polls(period), _digests(period), time.monotonic())
        _kept.clear()
        _kept[period] = found
    return found


def public(found: Material) -> Public:
    """What everybody may read of what happened, at most PUBLIC_SECONDS old."""
    known = _public.get(found.period)
    if known is None or time.monotonic() - known.made_at > PUBLIC_SECONDS:
        guest, said = Actor.guest(via="mail"), [one.said.post_id for one in found.moved if one.said is not None]
        said += [one.post_id for one in found.polls]
        known = Public(
            frozenset(readable_discussions(guest, [one.id for one in found.moved])),
            frozenset(readable_posts(guest, said)),
            time.monotonic(),
        )
        _public.clear()
        _public[found.period] = known
    return known


def readable_discussions(actor: Actor, ids: Collection[int]) -> set[int]:
    """Which of some discussions the actor may read now."""
    query = select(Discussion.id).where(Discussion.id.in_(ids), Discussion.status == "visible", visible(actor, Discussion))
    return set(db.session().scalars(query)) if ids else set()


def readable_posts(actor: Actor, ids: Collection[int]) -> set[int]:
    """Which of some posts the actor may read now."""
    query = select(Post.id).where(Post.id.in_(ids), Post.status == "visible", visible(actor, Post))
    return set(db.session().scalars(query)) if ids else set()


def forget() -> None:
    """Find everything again."""
    _kept.clear()
    _public.clear()


def _moved(period: Period) -> list[Moved]:
    new = (Post.created_at > period.since, Post.created_at <= period.until, Post.status == "visible", Post.imported.is_(False))
    counted = (func.count(Post.id).label("posts"), func.count(func.distinct(Post.stakeholder_type)).label("types"))
    query = select(Post.discussion_id, *counted).where(*new).group_by(Post.discussion_id)
    rows = db.session().execute(query.order_by(counted[1].desc(), counted[0].desc(), Post.discussion_id.desc()).limit(MOST)).all()
    ids = [row.discussion_id for row in rows]
    found = {one.id: one for one in db.session().scalars(select(Discussion).where(Discussion.id.in_(ids), Discussion.status == "visible"))}
    said = _said(ids, new)
    made = [
        Moved(one.id, one.space_id, one.title, one.slug, one.language, row.posts, row.types, dict(one.voices), said.get(one.id))
        for row in rows
        if (one := found.get(row.discussion_id)) is not None and one.title
    ]
    return sorted(made, key=lambda one: one.rank, reverse=True)


def _said(ids: list[int], new: tuple[Any, ...]) -> dict[int, Said]:
    """Of each discussion the first good sentence of the new post most answered, of those the newest."""
    query = select(Post).where(Post.discussion_id.in_(ids), *new).order_by(Post.discussion_id, Post.replies_count.desc(), Post.id.desc())
    tried: dict[int, int] = defaultdict(int)
    found: dict[int, Said] = {}
    for post in db.session().scalars(query.execution_options(yield_per=200)):
        if post.discussion_id in found or tried[post.discussion_id] >= 3:
            continue
        tried[post.discussion_id] += 1
        text = _sentence(post.body, post.language)
        if text:
            organization = post.organization.name if post.organization is not None else ""
            found[post.discussion_id] = Said(
                post.id, text, post.author.name, organization, post.stakeholder_type, post.language, post.created_at
            )
    return found


def _sentence(body: str, language: str | None) -> str:
    good = [one.text for one in sentences(body[:20_000], language)]
    best = next((one for one in good if 30 <= len(one) <= LONGEST), good[0] if good else "")
    flat = " ".join(best.split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def _polls(period: Period) -> list[Row[Any]]:
    """Polls that close soon."""
    query = select(Poll.id, Poll.question, Poll.closes_at, Poll.post_id, Post.discussion_id, Post.space_id)
    query = query.join(Post, Post.id == Poll.post_id).where(Post.status == "visible", Poll.closed_at.is_(None))
    soon = (Poll.closes_at > period.until, Poll.closes_at <= period.until + CLOSING)
    return list(db.session().execute(query.where(*soon).order_by(Poll.closes_at).limit(50)))


def _digests(period: Period) -> list[int]:
    signed = Digest.status.in_(("signed", "transmitted"))
    query = select(Digest.id).where(signed, Digest.compiled_at > period.since - timedelta(days=30), Digest.compiled_at <= period.until)
    return list(db.session().scalars(query.order_by(Digest.id.desc()).limit(20)))
