"""Closed discussions as others are told of them: that they are there, what they are called, and their public summary, or that it is owed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request
from markupsafe import Markup
from sqlalchemy import Row, Select, String, cast, or_, select
from sqlalchemy.orm import joinedload

from alliance.core import cursors, db, ids
from alliance.curating import summaries
from alliance.curating.models import NEWEST, Summary
from alliance.discussions.models import Discussion
from alliance.groups import queries as groups
from alliance.policy import Actor, can, visible
from alliance.policy.discussion import known
from alliance.policy.space import within_moderated
from alliance.web import api, current_actor, pages

PAGE = 20
IN_FEED = 10


def closed(actor: Actor, space_id: int, before: int | None = None, limit: int = PAGE) -> tuple[list[Row[Any]], int | None]:
    """The closed discussions of a space the actor reads, newest first, each with its summary (or None), and whether the actor reads it; and
    where the rest begins.
    """
    query = _closed(actor, space_id).add_columns(visible(actor, Discussion).label("readable"))
    if before is not None:
        query = query.where(Discussion.id < before)
    rows = list(db.session().execute(query.order_by(Discussion.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].Discussion.id if len(rows) > limit else None


def _closed(actor: Actor, space_id: int) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(Discussion, Summary).outerjoin(Summary, (Summary.discussion_id == Discussion.id) & NEWEST)
    query = query.options(joinedload(Summary.author))
    return query.where(Discussion.space_id == space_id, Discussion.confided_at.is_not(None), known(actor, Discussion))


@pages.section("space.closed", 1)
def of_space(space: Any, **_more: Any) -> Markup:
    """The closed discussions of a space, for those to whom they are closed; for those who run it, the summaries that are owed."""
    actor = current_actor()
    rows, rest = closed(actor, space.id, ids.given(request.args.get("closed")))
    owed = [row for row in rows if row.readable and not _is_summarized(row) and can(actor, "discussion.summarize", row.Discussion)]
    told = [row for row in rows if not row.readable]
    if not owed and not told:
        return Markup()
    return pages.markup("curating/_closed_of_space.html", space=space, owed=owed, told=told, rest=rest if told else None)


def owed_by(actor: Actor, limit: int = PAGE) -> list[Discussion]:
    """The closed discussions where the actor keeps order, and reads, whose public summary is owed: the longest first."""
    query = select(Discussion).outerjoin(Summary, (Summary.discussion_id == Discussion.id) & NEWEST)
    query = query.where(Discussion.confided_at.is_not(None), Discussion.status == "visible", visible(actor, Discussion))
    missing = or_(Summary.id.is_(None), cast(Summary.sentences, String) == "[]")  # none, or taken down
    query = query.where(missing, within_moderated(actor, Discussion)).options(joinedload(Discussion.space, innerjoin=True))
    return list(db.session().scalars(query.order_by(Discussion.confided_at, Discussion.id).limit(limit)))


@pages.section("queue.head", 1)
def in_queue(**_more: Any) -> Markup:
    """The public summaries that are owed, for those who may write them."""
    actor = current_actor()
    owed = [one for one in owed_by(actor) if can(actor, "discussion.summarize", one)]
    return pages.markup("curating/_owed_by.html", owed=owed) if owed else Markup()


def _is_summarized(row: Row[Any]) -> bool:
    return row.Summary is not None and bool(row.Summary.sentences)


@pages.section("discussion.head", 2)
def state(discussion: Any, **_more: Any) -> Markup:
    """To whom a discussion is closed, for those who read it; that its public summary is owed."""
    if discussion.confided_at is None:
        return Markup()
    return pages.markup("curating/_closed.html", discussion=discussion, owed=summaries.current(discussion.id) is None)


@pages.section("discussion.closed", 1)
def summary(discussion: Any, **_more: Any) -> Markup:
    """The public summary of a closed discussion, for everybody else."""
    found = summaries.shown(discussion, inside=False)
    if found is None or not found.sentences:
        return pages.markup("curating/_owed.html")
    return pages.markup("curating/_summary.html", discussion=discussion, found=found, unfolded=True)


@pages.section("space.feed", 1)
def in_feed(space: Any, **_more: Any) -> Markup:
    """The newest public summaries of closed discussions, as entries of the feed of their space."""
    query = _closed(current_actor(), space.id).where(Summary.id.is_not(None)).order_by(Summary.id.desc()).limit(IN_FEED)
    made = []
    for discussion, row in db.session().execute(query):
        found = summaries.shown(discussion, row, inside=False)
        if found is not None and found.sentences:
            made.append(pages.markup("curating/entry.xml", discussion=discussion, found=found, named=True))
    return Markup().join(made)


class ClosedOut(api.Out):
    """A closed discussion: `summarized_at` is when its public summary was written last (null: it is owed)."""

    id: int
    title: str
    slug: str
    language: str | None
    created_at: datetime
    summarized_at: datetime | None


@api.get("/spaces/<code>/closed", query=api.ListQuery, returns=api.Page[ClosedOut])
def closed_discussions(code: str, query: api.ListQuery) -> api.Page[ClosedOut]:
    """The closed discussions of a space, newest first: that they are there is told to whoever reads the space."""
    actor = current_actor()
    space = groups.get_space(actor, code)
    rows, rest = closed(actor, space.id, _before(query.after), query.limit)
    return api.Page[ClosedOut](items=[_out(row) for row in rows], next=cursors.encode(rest) if rest is not None else None)


def _before(cursor: str | None) -> int | None:
    return int(str(cursors.decode(cursor, (int,))[0])) if cursor else None


def _out(row: Row[Any]) -> ClosedOut:
    one = row.Discussion
    at = row.Summary.created_at if _is_summarized(row) else None
    return ClosedOut(id=one.id, title=one.title, slug=one.slug, language=one.language, created_at=one.created_at, summarized_at=at)
