"""Flags and the public log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space


class Flag(Base):
    """Somebody asks moderators to look at a post; one per person and post. `status`: open, upheld, dismissed, closed (withdrawn meanwhile)."""

    __tablename__ = "flags"
    __table_args__ = (UniqueConstraint("post_id", "person_id"), Index(None, "status", "created_at", "id"))

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    reason: Mapped[str] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10), default="open")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    post: Mapped[Post] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class LogEntry(Base):
    """An act of moderation, public: who (by role and name), what, why; never the hidden text."""

    __tablename__ = "moderation_log"
    __table_args__ = (Index(None, "created_at", "id"),)

    act: Mapped[str] = mapped_column(String(30))  # hide | restore | lock | unlock | dismiss | close
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: by command or by itself
    role: Mapped[str] = mapped_column(String(20))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]

    moderator: Mapped[Person | None] = relationship()
    space: Mapped[Space] = relationship()
    discussion: Mapped[Discussion] = relationship()
    post: Mapped[Post | None] = relationship()
