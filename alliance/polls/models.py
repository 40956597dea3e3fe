"""Straw polls: one a post at most, one vote a person, and counters by stakeholder type."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base, Json
from alliance.discussions.models import Post

KINDS = ("single", "multiple", "ranked")
VOTERS = -1  # the "option" under which those are counted who voted at all


class Poll(Base):
    """The poll of a post. `options`: the answers as they stand, told by their place (0 …); `secret`: no result before it is closed."""

    __tablename__ = "polls"
    __table_args__ = (UniqueConstraint("post_id"), Index(None, "closed_at", "closes_at"))

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    question: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(10))
    options: Mapped[list[str]] = mapped_column(Json())
    secret: Mapped[bool] = mapped_column(default=False)
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    post: Mapped[Post] = relationship()


class PollVote(Base):
    """One person's vote: places of options (ranked: the best first), and the stakeholder type of the moment."""

    __tablename__ = "poll_votes"
    __table_args__ = (UniqueConstraint("poll_id", "person_id"), Index(None, "person_id"))

    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    choices: Mapped[list[int]] = mapped_column(Json())
    stakeholder_type: Mapped[str | None] = mapped_column(String(30))
    changed_at: Mapped[datetime]

    poll: Mapped[Poll] = relationship()
    person: Mapped[Person] = relationship()


class PollCount(Base):
    """How often a stakeholder type ("" for none) gave an option this rank (0 where nothing is ranked, else 1 …)."""

    __tablename__ = "poll_counts"
    __table_args__ = (UniqueConstraint("poll_id", "option", "rank", "stakeholder_type"),)

    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id"))
    option: Mapped[int]
    rank: Mapped[int]
    stakeholder_type: Mapped[str] = mapped_column(String(30))
    count: Mapped[int] = mapped_column(default=0)

    poll: Mapped[Poll] = relationship()
