"""What a person follows, keeps, and wants to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space

# watch: told of every new post; track: counted, not told; normal: told when answered or named; mute: never told anything.
LEVELS = ("watch", "track", "normal", "mute")
FOLLOWED = ("watch", "track")

# What one is told of, through which doors, and which of them are open unless a person says otherwise.
KINDS = ("reply", "mention", "watched", "thanks", "moderation", "search", "review")  # review: what waits for a moderator
CHANNELS = ("page", "mail")
PAGED = ("reply", "mention", "watched", "thanks", "moderation", "search")
MAILED = ("reply", "mention", "watched", "moderation", "search", "review")
CHOICES = frozenset({*((kind, "page") for kind in PAGED), *((kind, "mail") for kind in MAILED)})
BY_DEFAULT = CHOICES - {("watched", "mail")}


class Watch(Base):
    """How much a person wants to hear of a discussion. `automatic`: nobody chose it, they wrote there."""

    __tablename__ = "watches"
    __table_args__ = (UniqueConstraint("person_id", "discussion_id"), Index(None, "discussion_id", "level", "person_id"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    level: Mapped[str] = mapped_column(String(10))
    automatic: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    discussion: Mapped[Discussion] = relationship()


class SpaceWatch(Base):
    """How much a person wants to hear of the discussions of a space for which they have chosen nothing."""

    __tablename__ = "space_watches"
    __table_args__ = (UniqueConstraint("person_id", "space_id"), Index(None, "space_id", "level", "person_id"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    level: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    space: Mapped[Space] = relationship()


class Bookmark(Base):
    """A post or a discussion (one of the two) that a person wants to find again."""

    __tablename__ = "bookmarks"
    __table_args__ = (
        UniqueConstraint("person_id", "post_id"),
        UniqueConstraint("person_id", "discussion_id"),
        CheckConstraint("(post_id IS NULL) <> (discussion_id IS NULL)", name="one_thing"),
        Index(None, "person_id", "id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    discussion_id: Mapped[int | None] = mapped_column(ForeignKey("discussions.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    post: Mapped[Post | None] = relationship()
    discussion: Mapped[Discussion | None] = relationship()


class Preference(Base):
    """Where a person departs from what is told by default: a kind of news, a channel, and whether it is wanted there."""

    __tablename__ = "notification_preferences"
    __table_args__ = (UniqueConstraint("person_id", "kind", "channel"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(10))
    wanted: Mapped[bool]

    person: Mapped[Person] = relationship()
