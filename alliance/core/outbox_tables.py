"""The tables of the event log (see `core.outbox`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.core import db


class EventRow(db.Base):
    """What happened: ids only, never content. The id is the cursor of the API and of sockets."""

    __tablename__ = "events"
    __table_args__ = (Index(None, "discussion_id", "id"), Index(None, "kind", "id"), {"sqlite_autoincrement": True})

    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    discussion_id: Mapped[int | None]
    created_at: Mapped[datetime]


class ListenerRow(db.Base):
    """How far a listener has read."""

    __tablename__ = "listeners"

    name: Mapped[str] = mapped_column(String(60), unique=True)
    position: Mapped[int] = mapped_column(default=0)


class FailedDelivery(db.Base):
    """An event one listener could not deal with."""

    __tablename__ = "failed_deliveries"
    __table_args__ = (Index(None, "listener", "event_id", unique=True), Index(None, "next_at"))

    listener: Mapped[str] = mapped_column(String(60))
    event_id: Mapped[int]
    attempts: Mapped[int]
    next_at: Mapped[datetime | None]  # None: given up, waiting for somebody to look
    error: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
