"""What a person is told, and what they do not want to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Discussion, Post


class Notification(Base):
    """One per person and event. `kind`: reply, mention, moderation."""

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("person_id", "event_id"), Index(None, "person_id", "read_at", "id"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    event_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    read_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    post: Mapped[Post] = relationship()
    discussion: Mapped[Discussion] = relationship()


class MutedDiscussion(Base):
    """A person wants no news of a discussion."""

    __tablename__ = "muted_discussions"
    __table_args__ = (UniqueConstraint("person_id", "discussion_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    created_at: Mapped[datetime]
