"""A rule is tried against the archive before it goes live: which of the posts that are there it would have held.

Read newest first, a bounded number in bounded time; how far it looked is part of the answer. Only posts whoever asks may read.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from alliance.core import db, tokens
from alliance.discussions.models import Discussion, Post
from alliance.moderation import options, watched
from alliance.moderation.watched import Rule
from alliance.policy import Actor, require, visible
from alliance.stakeholders.models import Affiliation

MOST_POSTS = 20_000
MOST_SECONDS = 6.0
BATCH = 500
SHOWN = 50
PURPOSE = "hold-rule"
GOOD_FOR = 3600


@dataclass(slots=True)
class Trial:
    """What a rule would have done.

    Attributes:
        looked: how many posts were looked at, the newest there are.
        is_all: whether these are all.
        held: how many of them the rule would have held.
        others: how many more hold such words, and would not have been held: their authors were not new.
        words: of the posts that are shown, which word they hold.
        shown: the newest that would have been held.
    """

    looked: int = 0
    is_all: bool = False
    held: int = 0
    others: int = 0
    words: dict[int, str] = field(default_factory=dict)
    shown: list[Post] = field(default_factory=list)


def of(actor: Actor, rule: Rule) -> Trial:
    """Try a rule.

    Raises:
        Refused: not the secretariat.
    """
    require(actor, "moderation.configure")
    made, words, until = Trial(), rule.compiled(), time.monotonic() + MOST_SECONDS
    last: int | None = None
    while not made.is_all and made.looked < MOST_POSTS and time.monotonic() < until:
        rows = db.session().execute(_batch(actor, last)).all()
        hits = {row.id: hit.pattern.written for row in rows if (hit := watched.first(words, f"{row.title}\n{row.body}", row.language))}
        caught = list(hits) if rule.everybody else _by_new_people(list(hits))
        made.looked, made.held, made.others = made.looked + len(rows), made.held + len(caught), made.others + len(hits) - len(caught)
        made.words.update({post_id: hits[post_id] for post_id in caught[: SHOWN - len(made.words)]})
        made.is_all, last = len(rows) < BATCH, rows[-1].id if rows else None
    made.shown = _posts(actor, list(made.words))
    return made


def _batch(actor: Actor, last: int | None) -> Select[Any]:
    """The next posts to read, newest first, the title with an opening."""
    title = case((Post.number == 1, func.coalesce(Discussion.withheld_title, Discussion.title)), else_="").label("title")
    query = select(Post.id, Post.body, Post.language, title).join(Discussion, Discussion.id == Post.discussion_id)
    query = query.where(visible(actor, Post)).order_by(Post.id.desc()).limit(BATCH)
    return query.where(Post.id < last) if last is not None else query


def _by_new_people(post_ids: Sequence[int]) -> list[int]:
    """Those posts whose author was new when they were written, and has no verified affiliation; newest first."""
    few = options.current().new_posts
    if not post_ids or few == 0:
        return []
    writer, earlier = func.coalesce(Post.written_by_id, Post.author_id), aliased(Post)
    had = select(earlier.id).where(
        or_(earlier.author_id == writer, earlier.written_by_id == writer), earlier.id < Post.id, earlier.status == "visible"
    )
    verified = select(Affiliation.id).where(
        Affiliation.person_id == writer, Affiliation.status == "verified", Affiliation.ended_on.is_(None)
    )
    query = select(Post.id).where(
        Post.id.in_(post_ids), ~had.offset(few - 1).limit(1).correlate(Post).exists(), ~verified.correlate(Post).exists()
    )
    return list(db.session().scalars(query.order_by(Post.id.desc())))


def _posts(actor: Actor, post_ids: Sequence[int]) -> list[Post]:
    loading = (joinedload(Post.discussion), joinedload(Post.author))
    query = select(Post).options(*loading).where(Post.id.in_(post_ids), visible(actor, Post))
    return list(db.session().scalars(query.order_by(Post.id.desc()))) if post_ids else []


def token(actor: Actor, rule: Rule) -> str:
    """What shows, for an hour, that somebody has seen what a rule would have held."""
    return tokens.sign(PURPOSE, _payload(actor, rule))


def is_tried(actor: Actor, rule: Rule, given: str) -> bool:
    """Whether that is so of exactly this rule."""
    try:
        return bool(tokens.unsign(PURPOSE, given, GOOD_FOR) == _payload(actor, rule))
    except tokens.BadToken:
        return False


def _payload(actor: Actor, rule: Rule) -> list[Any]:
    return [actor.person_id, list(rule.words), rule.language, rule.everybody, rule.waits]
