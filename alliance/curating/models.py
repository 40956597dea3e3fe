"""Summaries that moderators write of discussions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Discussion


class Summary(Base):
    """What a moderator's summary of a discussion says (the greatest number), or said: every revision is kept.

    `sentences`: [{"text", "posts": [ids]}]; none: it was taken down. `next_number` is the discussion's at the time, which tells how much
    came since. `origin_id` is the discussion it was written in: merged into another, it goes along, and comes back with it.
    """

    __tablename__ = "summaries"
    __table_args__ = (UniqueConstraint("discussion_id", "number"),)

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    origin_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"), index=True)
    number: Mapped[int]
    sentences: Mapped[list[Any]]
    language: Mapped[str | None] = mapped_column(String(8))
    next_number: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: by command
    created_at: Mapped[datetime]

    discussion: Mapped[Discussion] = relationship(foreign_keys=[discussion_id])
    author: Mapped[Person | None] = relationship()


class SummarySource(Base):
    """The summary of a discussion, as it is now, rests on a post."""

    __tablename__ = "summary_sources"
    __table_args__ = (UniqueConstraint("discussion_id", "post_id"),)

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    post_id: Mapped[int] = mapped_column(index=True)


_other = aliased(Summary)
NEWEST = Summary.number == select(func.max(_other.number)).where(_other.discussion_id == Summary.discussion_id).scalar_subquery()
