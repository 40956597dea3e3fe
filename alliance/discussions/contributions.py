"""What people and organizations contributed: numbers by space, and the posts themselves, newest first.

The numbers are kept by the writer (voices.py), space by space, so that a reader is told those of the spaces they may
read and no sum that holds more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import Row, Select, and_, or_, select

from alliance.accounts import queries as accounts
from alliance.accounts.models import Person
from alliance.core import cursors, db, text
from alliance.discussions.models import Discussion, OrganizationContribution, PersonContribution, Post
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.policy.space import within_readable
from alliance.stakeholders import queries as stakeholders
from alliance.stakeholders.models import Organization
from alliance.web import api, current_actor, pages

PAGE = 20
Whose = Person | Organization


def by_space(actor: Actor, whose: Whose) -> list[Row[Any]]:
    """Posts and opened discussions in each space the actor may read, in official order."""
    model: Any = PersonContribution if isinstance(whose, Person) else OrganizationContribution
    column = model.person_id if isinstance(whose, Person) else model.organization_id
    query = select(Space.id, Space.code, Space.titles, Space.kind, model.posts, model.discussions).join(Space, Space.id == model.space_id)
    query = query.where(column == whose.id, model.posts > 0, within_readable(actor, model))
    return list(db.session().execute(query.order_by(Space.position, Space.id)))


def posts(actor: Actor, whose: Whose, space_id: int | None = None, after: str | None = None) -> tuple[list[Row[Any]], str | None]:
    """What somebody said (in a space), newest first, and the cursor of the rest."""
    query = _posts().where(visible(actor, Post))
    query = query.where(Post.author_id == whose.id if isinstance(whose, Person) else Post.organization_id == whose.id)
    if space_id is not None:
        query = query.where(Post.space_id == space_id)
    if after:
        moment, last = cursors.decode(after, (datetime, int))
        query = query.where(or_(Post.created_at < moment, and_(Post.created_at == moment, Post.id < last)))
    rows: list[Row[Any]] = list(db.session().execute(query.order_by(Post.created_at.desc(), Post.id.desc()).limit(PAGE + 1)))
    following = cursors.encode(rows[PAGE - 1].created_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return rows[:PAGE], following


def _posts() -> Select[*tuple[Any, ...]]:
    shown = (Post.id, Post.number, Post.html, Post.language, Post.created_at, Discussion.title, Space.code)
    query: Select[*tuple[Any, ...]] = select(*shown, Discussion.language.label("title_language"))
    return query.join(Discussion, Discussion.id == Post.discussion_id).join(Space, Space.id == Post.space_id)


@pages.provide("contributions")
def contributions(whose: Whose) -> Any:
    """A section of the page of a person or an organization: what they contributed, perhaps of one space (`?space=`)."""
    actor = current_actor()
    lines = by_space(actor, whose)
    chosen = next((line for line in lines if line.code == request.args.get("space")), None)
    found, following = posts(actor, whose, chosen.id if chosen else None, request.args.get("after"))
    return pages.markup(
        "discussions/_contributions.html", lines=lines, chosen=chosen, next=following, whole=_sum(lines), posts=_excerpts(found)
    )


def _excerpts(rows: Sequence[Row[Any]]) -> list[tuple[Row[Any], str]]:
    return [(row, text.excerpt(text.plain(row.html), 220)) for row in rows]


def _sum(lines: Sequence[Row[Any]]) -> tuple[int, int]:
    return sum(line.posts for line in lines), sum(line.discussions for line in lines)


class ContributionOut(api.Out):
    """Visible posts, and discussions opened among them, in a space."""

    space: str
    posts: int
    discussions: int


class ContributionsOut(api.Out):
    """What somebody contributed to each space the reader may see; there are few, so `next` is always null."""

    items: list[ContributionOut]
    next: str | None = None


@api.get("/people/<handle>/contributions", returns=ContributionsOut)
def of_person(handle: str) -> ContributionsOut:
    """What a person contributed, by space."""
    return _out(accounts.get_person(current_actor(), handle))


@api.get("/organizations/<slug>/contributions", returns=ContributionsOut)
def of_organization(slug: str) -> ContributionsOut:
    """What was contributed for an organization, by space."""
    return _out(stakeholders.get_organization(current_actor(), slug))


def _out(whose: Whose) -> ContributionsOut:
    lines = by_space(current_actor(), whose)
    return ContributionsOut(items=[ContributionOut(space=line.code, posts=line.posts, discussions=line.discussions) for line in lines])
