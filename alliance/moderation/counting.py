"""Counting what moderators are told of a period (see figures.py).

All is counted by the database, in a number of statements that is always the same, over rows found by the moment at which they were written: it
costs what the period holds, not what is stored. Everybody counts what they keep order over, as in the review queue.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from alliance.core import db, reviews, vocabulary
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.moderation.appeals import Appeal
from alliance.moderation.figures import Activity, Decided, Flagged, Response, Statistics, Voice, Wanted
from alliance.moderation.measures import KINDS as MEASURES
from alliance.moderation.measures import Measure
from alliance.moderation.models import Flag, LogEntry, ReviewItem
from alliance.moderation.reasons import FLAGS
from alliance.policy import Actor, visible
from alliance.policy.moderation import kept, responsible
from alliance.policy.space import within_moderated

HELD = ("held_post", "held_edit")
LEFT = ("dismiss", "approve", "approve_edit")
AGAINST = ("hide", "refuse", "rephrase", "refuse_edit", "edit")


def spaces(actor: Actor) -> list[Space]:
    """The spaces one keeps order in."""
    query = select(Space).where(visible(actor, Space), responsible(actor, Space)).order_by(Space.position, Space.id)
    return list(db.session().scalars(query))


def of(actor: Actor, wanted: Wanted) -> Statistics:
    """The figures of a period, of what the actor keeps order over."""
    flagged = _flags(actor, wanted, Flag.reason, Flag.status, Post.stakeholder_type)
    activity, people = _activity(actor, wanted), _people(actor, wanted)
    heard = _voices(actor, wanted, flagged)
    return Statistics(wanted, people, activity, _responses(actor, wanted), _by_reason(flagged), _decisions(actor, wanted), heard)


def _activity(actor: Actor, wanted: Wanted) -> list[Activity]:
    posts, people = _posts(actor, wanted)
    found = {
        "discussions": _discussions(actor, wanted),
        "posts": posts,
        "people": people,
        "flags": _flags(actor, wanted, wanted.stretch(Flag.created_at)),
        "held": _held(actor, wanted),
        "decided": _decided(actor, wanted),
    }
    days = {name: {wanted.day_of(stretch): number for stretch, number in counts.items()} for name, counts in found.items()}
    return [Activity(day, **{name: counts.get(day, 0) for name, counts in days.items()}) for day in wanted.stretches()]


def _rows(query: Any) -> list[Any]:
    return list(db.session().execute(query))


def _counts(query: Any) -> dict[Any, int]:
    """The last column by the others."""
    return {row[0] if len(row) == 2 else tuple(row[:-1]): int(row[-1]) for row in _rows(query)}


def _said(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    return [Post.status == "visible", wanted.holds(Post.created_at), within_moderated(actor, Post), *wanted.within(Post.space_id)]


def _posts(actor: Actor, wanted: Wanted) -> tuple[dict[int, int], dict[int, int]]:
    """Posts, and people who wrote them (as they are shown), by stretch."""
    stretch = wanted.stretch(Post.created_at)
    numbers = func.count(), func.count(Post.author_id.distinct())
    rows = _rows(select(stretch, *numbers).where(*_said(actor, wanted)).group_by(stretch))
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}


def _discussions(actor: Actor, wanted: Wanted) -> dict[int, int]:
    stretch = wanted.stretch(Discussion.created_at)
    where = Discussion.status == "visible", wanted.holds(Discussion.created_at), within_moderated(actor, Discussion)
    return _counts(select(stretch, func.count()).where(*where, *wanted.within(Discussion.space_id)).group_by(stretch))


def _flags(actor: Actor, wanted: Wanted, *by: Any) -> dict[Any, int]:
    """Flags by something (their posts are joined: `within_moderated` of them is the sight of flags, asked once)."""
    where = Post.id == Flag.post_id, wanted.holds(Flag.created_at), within_moderated(actor, Post), *wanted.within(Post.space_id)
    return _counts(select(*by, func.count()).where(*where).group_by(*by))


def _by_reason(flagged: Mapping[tuple[str, str, str | None], int]) -> list[Flagged]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (reason, status, _type), number in flagged.items():
        found[reason][status] += number
    known = [*FLAGS, *sorted(set(found) - set(FLAGS))]
    return [
        Flagged(one, found[one].total(), *(found[one][status] for status in ("upheld", "dismissed", "open", "closed"))) for one in known
    ]


def _items(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    return [visible(actor, ReviewItem), *wanted.within(ReviewItem.space_id)]


def _held(actor: Actor, wanted: Wanted) -> dict[int, int]:
    """What began to wait before anybody could read it, by stretch."""
    stretch = wanted.stretch(ReviewItem.created_at)
    where = wanted.holds(ReviewItem.created_at), ReviewItem.kind.concat("").in_(HELD), *_items(actor, wanted)
    return _counts(select(stretch, func.count()).where(*where).group_by(stretch))


def _decided(actor: Actor, wanted: Wanted) -> dict[int, int]:
    stretch = wanted.stretch(ReviewItem.decided_at)
    return _counts(select(stretch, func.count()).where(*_settled(actor, wanted)).group_by(stretch))


def _settled(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What was decided in the period: what was only closed waited for nothing. (Not by status, or its index would be walked from the beginning.)"""
    return [wanted.holds(ReviewItem.decided_at), ReviewItem.wait.is_not(None), *_items(actor, wanted)]


def _responses(actor: Actor, wanted: Wanted) -> list[Response]:
    """By kind: how long decisions took, and what waits."""
    took = {row.kind: row for row in _rows(_times(actor, wanted))}
    where = ReviewItem.status == "open", *_items(actor, wanted)
    waits = select(ReviewItem.kind, func.count().label("number"), func.min(ReviewItem.id).label("first")).where(*where)
    waiting = {row.kind: row for row in _rows(waits.group_by(ReviewItem.kind))}
    first = select(ReviewItem.kind, ReviewItem.created_at).where(ReviewItem.id.in_([row.first for row in waiting.values()]))
    since: dict[str, datetime] = {row.kind: row.created_at for row in _rows(first)}
    return [
        _response(kind, took.get(kind), waiting.get(kind), since.get(kind)) for kind in reviews.kinds() if kind in took or kind in waiting
    ]


def _response(kind: str, took: Any, waits: Any, since: datetime | None) -> Response:
    waiting = int(waits.number) if waits is not None else 0
    if took is None:
        return Response(kind, waiting=waiting, oldest=since)
    return Response(kind, int(took.number), round(took.median), int(took.ninety), waiting, since)


def _times(actor: Actor, wanted: Wanted) -> Any:
    """By kind: how many were decided, the time in the middle (of the two in the middle, half way), and the one that nine of ten kept to."""
    place = func.row_number().over(partition_by=ReviewItem.kind, order_by=ReviewItem.wait).label("place")
    number = func.count().over(partition_by=ReviewItem.kind).label("number")
    one = select(ReviewItem.kind, ReviewItem.wait, place, number).where(*_settled(actor, wanted)).subquery()
    middle = func.avg(case((one.c.place.in_(((one.c.number + 1) // 2, (one.c.number + 2) // 2)), one.c.wait))).label("median")
    ninety = func.max(case((one.c.place == (one.c.number * 9 + 9) // 10, one.c.wait))).label("ninety")
    return select(one.c.kind, func.max(one.c.number).label("number"), middle, ninety).group_by(one.c.kind)


def _acts() -> list[str]:
    """What decisions are called in the log, those about people last."""
    logged = {chosen.logged for kind in reviews.kinds().values() for chosen in kind.decisions.values()} | {*LEFT, "hide", "rephrase"}
    return [*sorted(logged - {""}), *MEASURES]


def _decisions(actor: Actor, wanted: Wanted) -> list[Decided]:
    where = _written(actor, wanted, LogEntry)
    made = _counts(select(LogEntry.act, func.count()).where(*where).group_by(LogEntry.act))
    granted = func.sum(case((Appeal.status == "granted", 1), else_=0))
    asked = select(LogEntry.act, func.count(), granted).join(Appeal, Appeal.entry_id == LogEntry.id).where(*where).group_by(LogEntry.act)
    appealed = {row[0]: (row[1], int(row[2])) for row in _rows(asked)}
    undone = Counter(_counts(_undone(actor, wanted))) + Counter(_counts(_ended(actor, wanted)))
    rows = [Decided(act, number, undone[act], *appealed.get(act, (0, 0))) for act, number in made.items()]
    return sorted(rows, key=lambda one: (-one.number, one.act))


def _written(actor: Actor, wanted: Wanted, model: Any, acts: Iterable[str] | None = None) -> list[ColumnElement[bool]]:
    """Decisions in the log that people made in the period."""
    among = model.act.concat("").in_(list(acts or _acts()))  # (a condition on what the period holds, not a way through the index of acts)
    where = wanted.holds(model.created_at), among, model.moderator_id.is_not(None)
    return [*where, kept(actor, model), *wanted.within(model.space_id)]


def _undone(actor: Actor, wanted: Wanted) -> Any:
    """Decisions of the period that were taken back: each time, the last one before about the same post or person."""
    undo, before = aliased(LogEntry), aliased(LogEntry)
    last = select(func.max(before.id)).where(before.id < undo.id, before.act.in_(_acts()))
    of_post = last.where(before.post_id == undo.post_id).scalar_subquery()
    of_person = last.where(before.post_id.is_(None), before.person_id == undo.person_id).scalar_subquery()
    begin = datetime.combine(wanted.since, time(), UTC)
    found = select(case((undo.post_id.is_not(None), of_post), else_=of_person).label("id")).where(
        undo.act == "undo", undo.created_at >= begin
    )
    ids = found.distinct().subquery()
    return (
        select(LogEntry.act, func.count())
        .join(ids, ids.c.id == LogEntry.id)
        .where(*_written(actor, wanted, LogEntry))
        .group_by(LogEntry.act)
    )


def _ended(actor: Actor, wanted: Wanted) -> Any:
    """Decisions about people that were taken back."""
    query = select(LogEntry.act, func.count()).join(Measure, Measure.entry_id == LogEntry.id).where(Measure.ended_how == "taken_back")
    return query.where(*_written(actor, wanted, LogEntry, MEASURES)).group_by(LogEntry.act)


def _voices(actor: Actor, wanted: Wanted, flagged: Mapping[tuple[str, str, str | None], int]) -> list[Voice]:
    """By stakeholder type, in official order, the undeclared last (where there are such)."""
    by = Post.stakeholder_type
    said = _rows(select(by, func.count(), func.count(Post.author_id.distinct())).where(*_said(actor, wanted)).group_by(by))
    flags: Counter[str | None] = Counter()
    for (_reason, _status, kind), number in flagged.items():
        flags[kind] += number
    acts = _written(actor, wanted, LogEntry, (*LEFT, *AGAINST))
    decided: Counter[tuple[str | None, bool]] = Counter()
    about = select(by, LogEntry.act, func.count()).join(Post, Post.id == LogEntry.post_id).where(*acts).group_by(by, LogEntry.act)
    for row in _rows(about):
        decided[row[0], row[1] in LEFT] += row[2]
    posts = {row[0]: (row[1], row[2]) for row in said}
    others = {None} & {*posts, *flags, *(one for one, _left in decided)}
    return [
        Voice(one, *posts.get(one, (0, 0)), flags[one], decided[one, True], decided[one, False])
        for one in (*vocabulary.STAKEHOLDER_TYPES, *others)
    ]


def _people(actor: Actor, wanted: Wanted) -> int:
    """How many people wrote in the period."""
    return int(db.session().scalar(select(func.count(Post.author_id.distinct())).where(*_said(actor, wanted))) or 0)
