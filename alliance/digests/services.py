"""Compiling a digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from alliance import events
from alliance.core import clock, db, outbox
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.digests import compile as compiling
from alliance.digests import queries
from alliance.digests.compile import CompiledPoint
from alliance.digests.material import Candidate
from alliance.digests.models import Citation, Digest, KeyPoint
from alliance.digests.queries import PostRow
from alliance.digests.selection import METHOD, Selection
from alliance.groups.models import Space
from alliance.policy import Actor, require

LONGEST_PERIOD = timedelta(days=366 * 30)


def parse_day(day: str, field: str) -> date:
    """A day written as 2026-06-15.

    Raises:
        Invalid: it is not one.
    """
    try:
        return date.fromisoformat(day.strip())
    except ValueError as error:
        raise Invalid.field(field, _("“%(text)s” is not a date; write it as 2026-06-15.", text=day[:40])) from error


def compile_digest(actor: Actor, start: date, end: date, space: Space | None = None) -> Digest:
    """Gather what was said for everybody to read from `start` to `end` (both included) and choose its key points.

    Raises:
        Refused: the actor is no rapporteur.
        Invalid: the period ends before it begins, or is longer than this forum could have lived.
    """
    require(actor, "digest.compile", space)
    _check(start, end)
    if space is not None and space.id not in queries.spaces_by_id():
        raise Invalid.field("space", _("A digest is made of what everybody may read; this group is not public."))
    posts = queries.posts_of(start, end, space)
    points, selection = compiling.compile_points(posts)
    people = queries.people_by_id(post.author_id for post in posts)
    spaces = [space] if space else sorted(queries.spaces_by_id().values(), key=lambda one: (one.position, one.id))
    names = {key: (person.handle, person.name) for key, person in people.items()}
    figures = compiling.figures(posts, names, [one.id for one in spaces])
    rows = {post.id: post for post in posts}
    digest = Digest(
        space_id=space.id if space else None,
        period_start=start,
        period_end=end,
        figures=figures,
        settings=_settings(posts, points, selection),
        compiled_by_id=actor.person_id,
        points=[_key_point(place, point, rows) for place, point in enumerate(points, start=1)],
    )
    return _store(digest)


def _check(start: date, end: date) -> None:
    if end < start:
        raise Invalid.field("to", _("The last day is before the first day."))
    if end - start > LONGEST_PERIOD:
        raise Invalid.field("from", _("The period is longer than thirty years."))


def _settings(posts: Sequence[PostRow], points: Sequence[CompiledPoint], selection: Selection) -> dict[str, Any]:
    return {
        "method": METHOD,
        "posts": len(posts),
        "sentences": selection.sentences,
        "distinct": selection.distinct,
        "compared": selection.compared,
        "points": len(points),
    }


def _store(digest: Digest) -> Digest:
    """Give it the next symbol of the year; two compiled at one moment do not get the same."""
    now = clock.now()
    with db.transaction() as session:
        _one_at_a_time(session)
        digest.compiled_at = now
        digest.symbol = f"ALLIANCE/DIG/{now.year}/{queries.last_of_year(now.year) + 1:02}"
        session.add(digest)
        session.flush()
        outbox.publish(events.DigestCompiled(digest_id=digest.id))
    return digest


def _one_at_a_time(session: Session) -> None:
    """SQLite has one writer anyhow; PostgreSQL lets go of this lock at the end of the transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('alliance:digest-symbol'))"))


def _key_point(place: int, point: CompiledPoint, rows: dict[int, PostRow]) -> KeyPoint:
    return KeyPoint(
        position=place,
        section=point.section,
        space_id=point.space_id,
        text=point.statement.sentence.text,
        language=point.statement.source.language,
        support=point.support,
        reasons=point.reasons,
        citations=[_citation(number, one, rows) for number, one in enumerate(point.citations, start=1)],
    )


def _citation(number: int, cited: Candidate, rows: dict[int, PostRow]) -> Citation:
    post = rows[int(cited.source.key)]
    return Citation(
        position=number,
        post_id=post.id,
        revision=post.revision,
        start=cited.sentence.start,
        end=cited.sentence.end,
        quote=cited.sentence.text,
        stakeholder_type=post.stakeholder_type,
        organization=post.organization,
        country=post.country,
        posted_at=post.created_at,
    )
