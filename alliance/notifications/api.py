"""The API of notifications."""

from __future__ import annotations

from datetime import datetime

from alliance.core.errors import Refused
from alliance.core.i18n import gettext as _
from alliance.notifications import queries, services
from alliance.notifications.models import Notification
from alliance.web import api, current_actor


class NotificationOut(api.Out):
    """Somebody answered you, or named you."""

    id: int
    kind: str
    discussion_id: int
    discussion_title: str
    post_id: int
    author: str
    read_at: datetime | None
    created_at: datetime


class Marked(api.Out):
    """How many were marked."""

    marked: int


def _out(row: Notification) -> NotificationOut:
    return NotificationOut(
        id=row.id,
        kind=row.kind,
        discussion_id=row.discussion_id,
        discussion_title=row.discussion.title,
        post_id=row.post_id,
        author=row.post.author.name,
        read_at=row.read_at,
        created_at=row.created_at,
    )


@api.get("/notifications", query=api.ListQuery, returns=api.Page[NotificationOut])
def notifications(query: api.ListQuery) -> api.Page[NotificationOut]:
    """One's notifications, newest first."""
    if not current_actor().is_authenticated:
        raise Refused(_("Send a valid token to be known."))
    rows, following = queries.notifications(current_actor(), query.after, query.limit)
    return api.Page(items=[_out(row) for row in rows], next=following)


@api.post("/notifications/read", returns=Marked, status=200)
def read() -> Marked:
    """Mark all of one's notifications as read."""
    return Marked(marked=services.mark_read(current_actor()))
