"""Where posts went: what a split, a merge or a move changed, kept so that old links lead on and it can be undone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.core.db import Base, BinaryText


class Move(Base):
    """Posts went from one discussion to another: `kind` split (into a new one), move (branches), merge (all of it)."""

    __tablename__ = "moves"
    __table_args__ = (Index(None, "source_id", "id"),)

    kind: Mapped[str] = mapped_column(String(10))
    source_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    moved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    posts: Mapped[int]
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class MovedPost(Base):
    """What a post was before it moved, and the number it was given (`went`)."""

    __tablename__ = "moved_posts"
    __table_args__ = (UniqueConstraint("move_id", "post_id"),)

    move_id: Mapped[int] = mapped_column(ForeignKey("moves.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    parent_id: Mapped[int | None]
    parent_number: Mapped[int | None]
    number: Mapped[int]
    path: Mapped[str] = mapped_column(BinaryText)
    depth: Mapped[int]
    type_rank: Mapped[int]
    went: Mapped[int]
