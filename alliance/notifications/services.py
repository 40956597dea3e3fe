"""Marking as read, choosing what one is told, and muting."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from alliance.core import clock, db
from alliance.notifications.models import Notification
from alliance.policy import Actor, visible
from alliance.watching import services as watching


def mark_read(actor: Actor, notification_id: int | None = None, *, discussion_id: int | None = None) -> int:
    """Mark one of one's notifications as read, those of a discussion, or all; returns how many were unread."""
    query = update(Notification).where(visible(actor, Notification), Notification.read_at.is_(None))
    if notification_id is not None:
        query = query.where(Notification.id == notification_id)
    if discussion_id is not None:
        query = query.where(Notification.discussion_id == discussion_id)
    with db.transaction() as session:
        return int(session.execute(query.values(read_at=clock.now())).rowcount)  # type: ignore[attr-defined]


def mark_seen(actor: Actor, ids: Collection[int]) -> None:
    """Mark those as read whose posts one has opened."""
    with db.transaction() as session:
        mine = (Notification.id.in_(ids)) & visible(actor, Notification) & Notification.read_at.is_(None)
        session.execute(update(Notification).where(mine).values(read_at=clock.now()))


def mute(actor: Actor, discussion_id: int, *, muted: bool) -> None:
    """Want no news of a discussion any more, or want them again.

    Raises:
        NotFound: one cannot see such a discussion.
    """
    watching.choose(actor, discussion_id, "mute" if muted else None)
