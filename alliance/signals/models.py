"""Signals of people about posts, and how many there are of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Post

THANKS = "thanks"
POSITIONS = ("support", "can_live_with", "object")
KINDS = (THANKS, *POSITIONS)


class Signal(Base):
    """One person's thanks for a post (`about` "thanks"), or position on it (`about` "position", `kind` one of POSITIONS).

    The two are kept apart: who thanks takes no position, and the other way round. The person's stakeholder type at the
    time is frozen here, as it is with posts. `reason` is plain text; only positions have one.
    """

    __tablename__ = "signals"
    __table_args__ = (
        UniqueConstraint("post_id", "person_id", "about"),
        Index(None, "person_id", "post_id"),
        Index(None, "post_id", "about", "id"),
    )

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    about: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(500), default="")
    stakeholder_type: Mapped[str | None] = mapped_column(String(30))
    created_at: Mapped[datetime]
    nameless: Mapped[bool] = mapped_column(default=False)  # said where authors are shown by stakeholder type only
    changed_at: Mapped[datetime]

    post: Mapped[Post] = relationship()
    person: Mapped[Person] = relationship()


class SignalCount(Base):
    """How many signals of a kind a post has from a stakeholder type ("" for none declared), kept by the writer."""

    __tablename__ = "signal_counts"
    __table_args__ = (UniqueConstraint("post_id", "kind", "stakeholder_type"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    kind: Mapped[str] = mapped_column(String(20))
    stakeholder_type: Mapped[str] = mapped_column(String(30))
    count: Mapped[int] = mapped_column(default=0)

    post: Mapped[Post] = relationship()
