"""What a person is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Discussion, Post


class Notification(Base):
    """One per person and event, about a post. `kind`: one of alliance.watching.models.KINDS.

    `actor` is who thanked; `detail` what moderators did: hidden, restored, approved, refused, rephrase, edited, edit_refused (a post of one's own), decided (a flag of
    one's own).
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("person_id", "event_id"),
        Index(None, "person_id", "read_at", "id"),
        Index(None, "person_id", "discussion_id", "id"),
        Index(None, "person_id", "id"),
        Index(None, "post_id", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    event_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(String(20), default="")
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    read_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    actor: Mapped[Person | None] = relationship(foreign_keys=[actor_id])
    post: Mapped[Post] = relationship()
    discussion: Mapped[Discussion] = relationship()
