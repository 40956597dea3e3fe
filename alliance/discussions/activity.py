"""How lively discussions were within the last week and month: what the lists "this week" and "this month" are sorted by.

Counting posts when somebody looks would cost what the month holds. So each discussion in which something was said has a
score, counted anew by a listener whenever that changes (once a batch, however many posts it brings), and by a job once
an hour for those whose posts have grown old. The lists read an index of scores.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import and_, case, delete, func, insert, select

from alliance.core import clock, db, jobs, outbox
from alliance.discussions.models import Discussion, DiscussionActivity, Post
from alliance.events import PostHidden, PostPublished, PostRestored, PostsMoved, PostWithdrawn

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
STALE = timedelta(hours=1)
CHUNK = 200


@outbox.listener("activity", PostPublished, PostWithdrawn, PostHidden, PostRestored, PostsMoved)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Count the discussions of a batch anew."""
    refresh({one.event.discussion_id for one in batch} | {one.event.source_id for one in batch if isinstance(one.event, PostsMoved)})


def refresh(discussion_ids: Collection[int]) -> None:
    """Count some discussions anew."""
    ids = sorted(discussion_ids)
    for start in range(0, len(ids), CHUNK):
        _refresh(ids[start : start + CHUNK])


def _refresh(ids: Sequence[int]) -> None:
    now = clock.now()
    of_week = Post.created_at > now - WEEK
    counts = (
        func.count(case((of_week, Post.author_id)).distinct()),
        func.count(case((of_week, Post.id))),
        func.count(Post.author_id.distinct()),
        func.count(Post.id),
    )
    query = select(Discussion.id, Discussion.space_id, *counts).join(Post, Post.discussion_id == Discussion.id)
    query = query.where(Discussion.id.in_(ids), Post.created_at > now - MONTH, Post.status == "visible")
    with db.transaction() as session:
        rows = session.execute(query.group_by(Discussion.id, Discussion.space_id)).all()
        session.execute(delete(DiscussionActivity).where(DiscussionActivity.discussion_id.in_(ids)))
        if rows:
            session.execute(
                insert(DiscussionActivity),
                [
                    {"discussion_id": row[0], "space_id": row[1], "week": score(*row[2:4]), "month": score(*row[4:6]), "refreshed_at": now}
                    for row in rows
                ],
            )


def score(people: int, posts: int) -> int:
    """More people first, then more posts."""
    return people * 1000 + min(posts, 999)


@jobs.periodic("7 * * * *")
def refresh_stale() -> None:
    """Count those anew whose posts have grown old meanwhile, and those never counted."""
    now = clock.now()
    uncounted = select(Discussion.id).outerjoin(DiscussionActivity, DiscussionActivity.discussion_id == Discussion.id)
    uncounted = uncounted.where(Discussion.last_post_at > now - MONTH, DiscussionActivity.id.is_(None))
    uncounted = uncounted.where(and_(Discussion.posts_count > 0, Discussion.status == "visible")).order_by(Discussion.id)
    after = 0
    while ids := db.session().scalars(uncounted.where(Discussion.id > after).limit(CHUNK)).all():
        refresh(ids)
        after = ids[-1]
    stale = select(DiscussionActivity.discussion_id).where(DiscussionActivity.refreshed_at < now - STALE).limit(CHUNK)
    while ids := db.session().scalars(stale).all():
        refresh(ids)
