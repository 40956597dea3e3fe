"""Compiling a digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from alliance import events
from alliance.core import clock, db, i18n, jobs, locks, outbox
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.digests import around, assembling, queries, versions
from alliance.digests import compile as compiling
from alliance.digests import figures as figuring
from alliance.digests.compile import CompiledPoint, breadth
from alliance.digests.material import Candidate
from alliance.digests.models import SECTIONS, Citation, Digest, KeyPoint
from alliance.digests.queries import PostRow
from alliance.digests.selection import METHOD, Selection
from alliance.digests.sourcing import fingerprint
from alliance.digests.states import held
from alliance.groups.models import Space
from alliance.policy import Actor, require

LONGEST_PERIOD = timedelta(days=366 * 30)
FORGOTTEN = timedelta(minutes=10)  # a compilation begun that long ago was left half-way


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
    return finish(actor, begin(actor, start, end, space))


def begin(
    actor: Actor,
    start: date,
    end: date,
    space: Space | None = None,
    *,
    run: str | None = None,
    between: tuple[datetime, datetime] | None = None,
) -> Digest:
    """A digest that is being compiled: it has its symbol, and nothing else yet.

    Args:
        actor: who compiles it.
        start: the first day.
        end: the last day.
        space: None for all.
        run: the run of a schedule; there is one digest of each.
        between: the exact moments, where they are not those of whole days in UTC.

    Raises:
        Refused: the actor is no rapporteur.
        Invalid: the period ends before it begins, or is longer than this forum could have lived.
    """
    require(actor, "digest.compile", space)
    _check(start, end)
    if space is not None and space.id not in queries.spaces_by_id():
        raise Invalid.field("space", _("A digest is made of what everybody may read; this group is not public."))
    digest = Digest(
        space_id=space.id if space else None,
        period_start=start,
        period_end=end,
        status="compiling",
        language=i18n.current_locale(),
        figures=figuring.figures([], {}, []),
        settings={"method": METHOD} | dict.fromkeys(("posts", "sentences", "distinct", "compared", "points"), 0),
        compiled_by_id=actor.person_id,
        run=run,
        begins_at=between[0] if between else None,
        ends_at=between[1] if between else None,
    )
    return _store(digest)


def finish(actor: Actor, digest: Digest) -> Digest:
    """Compile what was begun; whoever comes second finds it done."""
    if digest.status != "compiling":
        return digest
    space = digest.space
    posts = queries.posts_between(*queries.span(digest), space)
    parts = assembling.sources(digest)
    rest = assembling.uncovered(posts, parts)
    points, selection = compiling.compile_points(rest, queries.positions(post.id for post in rest))
    people = queries.people_by_id(post.author_id for post in posts)
    spaces = [space] if space else sorted(queries.spaces_by_id().values(), key=lambda one: (one.position, one.id))
    names = {key: (person.handle, person.name) for key, person in people.items() if person.participant is None}
    figures = figuring.figures(posts, names, [one.id for one in spaces]) | around.gathered(digest, posts)
    rows = {post.id: post for post in posts}
    with db.transaction():
        now = held(digest)
        if now.status != "compiling":
            return now
        made = _ordered([*assembling.carried(parts, len(posts) - len(rest)), *(_key_point(point, rows) for point in points)])
        now.figures, now.settings = figures, _settings(posts, made, selection, parts)
        now.gathered = made
        now.status = "draft"
        versions.record(now, "compiled", actor)
        outbox.publish(events.DigestCompiled(digest_id=now.id))
    return now


@jobs.task()
def finish_soon(digest_id: int) -> None:
    """Compile what was begun, outside a request."""
    _finish_by_itself(digest_id)


@jobs.periodic("*/2 * * * *")
def finish_begun() -> None:
    """Compile what a crash left half-way."""
    for digest_id in queries.begun_before(clock.now() - FORGOTTEN):
        _finish_by_itself(digest_id)


def _finish_by_itself(digest_id: int) -> None:
    digest = db.session().get(Digest, digest_id)
    if digest is not None and digest.status == "compiling":
        with locks.exclusive(f"digest-{digest_id}") as mine:
            if mine:
                finish(Actor("system", person_id=digest.compiled_by_id, role="secretariat", confirmed=True, via="job"), digest)


def _check(start: date, end: date) -> None:
    if end < start:
        raise Invalid.field("to", _("The last day is before the first day."))
    if end - start > LONGEST_PERIOD:
        raise Invalid.field("from", _("The period is longer than thirty years."))


def _ordered(points: list[KeyPoint]) -> list[KeyPoint]:
    """By section, within it by space, the broadest first; then what was not used."""
    points.sort(key=lambda one: (not one.used, one.used and (SECTIONS.index(one.section), one.space_id or 0, -breadth(one.support))))
    for place, point in enumerate(points, start=1):
        point.position = place
    return points


def _settings(posts: Sequence[PostRow], points: Sequence[KeyPoint], selection: Selection, parts: Sequence[Digest]) -> dict[str, Any]:
    return {
        "assembled": [one.symbol for one in parts],
        "method": METHOD,
        "posts": len(posts),
        "sentences": selection.sentences,
        "distinct": selection.distinct,
        "compared": selection.compared,
        "points": sum(point.used for point in points),
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
    return digest


def _one_at_a_time(session: Session) -> None:
    """SQLite has one writer anyhow; PostgreSQL lets go of this lock at the end of the transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('alliance:digest-symbol'))"))


def _key_point(point: CompiledPoint, rows: dict[int, PostRow]) -> KeyPoint:
    return KeyPoint(
        position=0,
        section=point.section,
        space_id=point.space_id,
        text=point.statement.sentence.text,
        language=point.statement.source.language,
        sentences=[{"text": point.statement.sentence.text, "language": point.statement.source.language, "own": False}],
        used=point.used,
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
        hash=fingerprint(cited.sentence.text),
        language=post.language,
        stakeholder_type=post.stakeholder_type,
        organization=post.organization,
        country=post.country,
        posted_at=post.created_at,
    )
