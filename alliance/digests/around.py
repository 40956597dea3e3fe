"""What a digest tells beyond its key points: the period before, polls, groups that came and went, the points of the last digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from alliance.core import db
from alliance.digests import closed, queries
from alliance.digests.models import Digest
from alliance.digests.queries import PostRow
from alliance.groups.models import Group, GroupLine, Space
from alliance.policy import Actor, visible
from alliance.proceedings import queries as proceedings

FOLLOWED = ("proposals", "requests", "divergence")  # sections of the last digest whose points are looked at again
MOST_FOLLOWED = 12
MOST_STRETCHES = 16
STRETCHES = (1, 7, 28, 91, 364)  # days of a stretch of the chart over time: the first that gives few enough


def gathered(digest: Digest, posts: Sequence[PostRow]) -> dict[str, Any]:
    """All of it, to be kept among the figures of a digest."""
    begin, until = queries.span(digest)
    return {
        "before": queries.counted(begin - (until - begin), begin, digest.space_id),
        "polls": queries.polls_of(post.id for post in posts),
        "former": _former(digest, posts),
        "over_time": over_time(posts, begin, until),
        "groups": groups(begin, until, digest.space),
        "consensus": proceedings.closed_between(begin, until, digest.space_id),
        "closed": closed.gathered(begin, until, digest.space_id),
    }


def _former(digest: Digest, posts: Sequence[PostRow]) -> dict[str, Any] | None:
    """How much was said in the discussions of each point of the last digest."""
    active = Counter(post.discussion_id for post in posts)
    former = queries.former(digest)
    followed = []
    for point in former.points if former else []:
        if point.section in FOLLOWED:
            there = {one.post.discussion_id for one in point.citations}
            followed.append({"point": point.id, "posts": sum(active[one] for one in there)})
    return {"digest": former.id, "symbol": former.symbol, "points": followed[:MOST_FOLLOWED]} if former else None


def over_time(posts: Sequence[PostRow], begin: datetime, until: datetime) -> list[list[Any]]:
    """[first day, posts] of days, weeks or longer stretches, as many as a small chart can show; of years, only those with posts at the ends."""
    if not posts:
        return []
    first, last = max(begin.date(), posts[0].created_at.date()), min((until - timedelta(seconds=1)).date(), posts[-1].created_at.date())
    if until - begin <= timedelta(days=366):
        first, last = begin.date(), (until - timedelta(seconds=1)).date()
    days = (last - first).days + 1
    step = next((one for one in STRETCHES if days <= one * MOST_STRETCHES), -(-days // MOST_STRETCHES))
    count = Counter((post.created_at.date() - first).days // step for post in posts)
    return [[(first + timedelta(days=place * step)).isoformat(), count[place]] for place in range(-(-days // step))]


def groups(begin: datetime, until: datetime, space: Space | None) -> dict[str, list[int]]:
    """The spaces of public groups that were founded and closed in the period; of an action line, those that serve it."""
    founded = func.coalesce(Group.decided_at, Group.created_at)
    query = (
        select(Space.id)
        .join(Group, Group.space_id == Space.id)
        .where(visible(Actor.guest(), Space), Group.status.in_(("active", "closed")))
    )
    if space is not None:
        serves = select(GroupLine.group_id).where(GroupLine.space_id == space.id)
        query = query.where((Space.id == space.id) | Group.id.in_(serves))
    ordered = query.order_by(founded, Space.id)
    return {
        "new": list(db.session().scalars(ordered.where(founded >= begin, founded < until))),
        "closed": list(db.session().scalars(ordered.where(Space.closed_at >= begin, Space.closed_at < until))),
    }
