"""What was missed, for whoever asks over HTTP."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from alliance.core import db
from alliance.core.outbox import EventRow
from alliance.discussions.models import Discussion
from alliance.policy import Actor, visible
from alliance.realtime.payloads import KINDS
from alliance.realtime.tail import missed


def last_event(actor: Actor, discussion_id: int, after: int) -> int | None:
    """The newest cursor of a discussion's news behind `after` (0: none); None when the actor may not see it. One query."""
    newest = select(func.max(EventRow.id)).where(EventRow.discussion_id == discussion_id, EventRow.id > after, EventRow.kind.in_(KINDS))
    row = (
        db.session()
        .execute(select(newest.scalar_subquery()).select_from(Discussion).where(Discussion.id == discussion_id, visible(actor, Discussion)))
        .first()
    )
    return None if row is None else row[0] or 0


def told(discussion_id: int, language: str, after: int, last: int) -> dict[str, Any]:
    """The news between two cursors, in the form in which `subscribe` answers."""
    found = missed(discussion_id, language, after, max(last, after)) if last else []
    if found is None:
        return {"cursor": last, "missed": [], "reload": True}
    return {"cursor": max(last, after), "missed": [one.as_missed() for one in found]}
