"""How many thanked for posts, or support them."""

from __future__ import annotations

from sqlalchemy import func, select

from alliance.core import db
from alliance.signals.models import SignalCount

LIKED = ("thanks", "support")


def sums(post_ids: list[int]) -> dict[int, int]:
    """By post; of none, nothing is asked."""
    if not post_ids:
        return {}
    query = select(SignalCount.post_id, func.sum(SignalCount.count)).where(SignalCount.post_id.in_(post_ids), SignalCount.kind.in_(LIKED))
    return {row[0]: int(row[1]) for row in db.session().execute(query.group_by(SignalCount.post_id))}
