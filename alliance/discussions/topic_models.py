"""What discussions are about: a controlled list of topics, and which discussion has which."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.core import stamps
from alliance.core.db import Base


class Topic(Base):
    """A topic of the list: `key` for addresses and programs, for ever; what it is called, by language (English always).

    Retired ones are offered no more; where they stand they stay. None is ever deleted.
    """

    __tablename__ = "topics"

    key: Mapped[str] = mapped_column(String(40), unique=True)
    labels: Mapped[dict[str, Any]]
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]

    def label(self, language: str) -> str:
        """What it is called in a language, or else in English."""
        return str(self.labels.get(language) or self.labels["en"])


stamps.shown(Topic, "labels", "position", "retired_at")


class DiscussionTopic(Base):
    """A discussion has a topic. `origin_id` is the discussion it was given to: merged into another, it gives its topics along."""

    __tablename__ = "discussion_topics"
    __table_args__ = (UniqueConstraint("discussion_id", "topic_id"), Index(None, "topic_id", "discussion_id"), Index(None, "origin_id"))

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
    origin_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
