"""What a person was told."""

from __future__ import annotations

from sqlalchemy import func, select

from alliance.core import db
from alliance.notifications.models import Notification


def unread_count(person_id: int) -> int:
    """How many notifications a person has not read."""
    return db.session().scalar(select(func.count(Notification.id)).where(Notification.person_id == person_id, Notification.read_at.is_(None))) or 0
