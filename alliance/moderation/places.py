"""How long things wait, and in which place: told to authors, who learn nothing of what waits in closed groups from it."""

from __future__ import annotations

from statistics import median

from sqlalchemy import ColumnElement, and_, func, or_, select

from alliance.core import db
from alliance.groups.models import Space
from alliance.moderation.models import ReviewItem

RECENT = 200  # decisions of which the median wait is told


def median_wait(which: ColumnElement[bool]) -> int | None:
    """How many seconds it took to decide, in the middle of the last decisions of some (only what was decided has a `wait`; not asked by status, which would walk all that ever was)."""
    query = select(ReviewItem.wait).where(ReviewItem.decided_at.is_not(None), ReviewItem.wait.is_not(None))
    query = query.where(which)
    found = [
        wait
        for wait in db.session().scalars(query.order_by(ReviewItem.decided_at.desc(), ReviewItem.id.desc()).limit(RECENT))
        if wait is not None
    ]
    return int(median(found)) if found else None


def place_in_queue(item: ReviewItem) -> int:
    """How many things wait longer before the same moderators, and this one."""
    before = select(func.count(ReviewItem.id)).where(ReviewItem.status == "open", ReviewItem.id < item.id, beside(item))
    return int(db.session().scalar(before) or 0) + 1


def beside(item: ReviewItem) -> ColumnElement[bool]:
    """What is decided by the same people: of a closed group what waits there, of all else what waits elsewhere; neither tells of the other."""
    if item.space is not None and item.space.visibility != "public":
        return and_(ReviewItem.space_id == item.space_id, ReviewItem.audience == item.audience)
    public = select(Space.id).where(Space.visibility == "public")
    return and_(ReviewItem.audience == item.audience, or_(ReviewItem.space_id.is_(None), ReviewItem.space_id.in_(public)))
