"""Digests: key points, and the citations each of them rests on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Post
from alliance.groups.models import Space


class Digest(Base):
    """What was said in a period (whole days, UTC, both included), in one space or in all.

    `figures` holds what was counted when it was compiled (participation, most active, unanswered, contributors);
    `settings` how the selection was made; `symbol` its document symbol such as ALLIANCE/DIG/2026/07.
    """

    __tablename__ = "digests"
    __table_args__ = (Index(None, "audience", "period_end", "id"),)

    symbol: Mapped[str] = mapped_column(String(40), unique=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    period_start: Mapped[date]
    period_end: Mapped[date]
    audience: Mapped[str] = mapped_column(String(20), default="public")
    status: Mapped[str] = mapped_column(String(20), default="draft")
    figures: Mapped[dict[str, Any]]
    settings: Mapped[dict[str, Any]]
    compiled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: by command
    compiled_at: Mapped[datetime]

    space: Mapped[Space | None] = relationship()
    compiled_by: Mapped[Person | None] = relationship()
    points: Mapped[list[KeyPoint]] = relationship(order_by="KeyPoint.position", cascade="all, delete-orphan", back_populates="digest")


class KeyPoint(Base):
    """A statement that stands for a strand of what was said; its text stands verbatim in its first citation."""

    __tablename__ = "digest_points"
    __table_args__ = (UniqueConstraint("digest_id", "position"),)

    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"))
    position: Mapped[int]
    section: Mapped[str] = mapped_column(String(30), default="discussed")
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    support: Mapped[dict[str, Any]]  # posts, people, organizations, by stakeholder type
    reasons: Mapped[list[Any]]

    digest: Mapped[Digest] = relationship(back_populates="points")
    space: Mapped[Space | None] = relationship()
    citations: Mapped[list[Citation]] = relationship(order_by="Citation.position", cascade="all, delete-orphan", back_populates="point")


class Citation(Base):
    """Characters [`start`, `end`) of revision `revision` of a post, as they read then (`quote`), and who spoke in which capacity."""

    __tablename__ = "digest_citations"
    __table_args__ = (UniqueConstraint("point_id", "position"),)

    point_id: Mapped[int] = mapped_column(ForeignKey("digest_points.id"))
    position: Mapped[int]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    revision: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    quote: Mapped[str] = mapped_column(Text)
    stakeholder_type: Mapped[str | None] = mapped_column(String(30))
    organization: Mapped[str | None] = mapped_column(String(200))
    country: Mapped[str | None] = mapped_column(String(2))
    posted_at: Mapped[datetime]

    point: Mapped[KeyPoint] = relationship(back_populates="citations")
    post: Mapped[Post] = relationship()
