"""Flags, the review queue and the public log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space

IS_OPEN = "status = 'open'"


class Flag(Base):
    """Somebody asks moderators to look at a post; one per person and post. `status`: open, upheld, dismissed, closed (withdrawn meanwhile).

    `weight` is what the flag counted for when it was put, in tenths of a flag by somebody without a record (see weighing.py).
    """

    __tablename__ = "flags"
    __table_args__ = (
        UniqueConstraint("post_id", "person_id"),
        Index(None, "status", "created_at", "id"),
        Index(None, "person_id", "status"),
        Index(None, "created_at"),
    )

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(Text, default="")
    weight: Mapped[int] = mapped_column(default=10)
    status: Mapped[str] = mapped_column(String(10), default="open")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    post: Mapped[Post] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class ReviewItem(Base):
    """Something that waits for a decision, or was decided. There is at most one open item of a kind about a subject.

    `kind` is one of `core.reviews`; `subject_id` names what it is about there (a post, an affiliation, an appeal …). `audience`:
    moderators, or the secretariat alone. `meant_for`: the discussion in which something is to be said that is no post yet. `rule` says what brought it here, in words, where a rule did. `data` is what the kind keeps: the text of an edit that waits,
    what has to be known to undo. `notes`: [{by, at, text}]. `wait` is how many seconds it took to decide.
    """

    __tablename__ = "review_items"
    __table_args__ = (
        Index("uq_review_items_open", "kind", "subject_id", unique=True, sqlite_where=text(IS_OPEN), postgresql_where=text(IS_OPEN)),
        Index(None, "kind", "subject_id", "id"),
        # The queue: all of it, and each of its filters, in the order of arrival; the same indexes hold what was decided.
        Index(None, "status", "id"),
        Index(None, "status", "kind", "id"),
        Index(None, "status", "space_id", "id"),
        Index(None, "status", "language", "id"),
        Index(None, "status", "kind", "audience", "space_id"),  # what is counted
        Index(None, "person_id", "id"),
        Index(None, "post_id", "id"),
        Index(None, "decided_at", "id"),
        Index(None, "created_at"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), default="open")  # open | decided | closed (nothing left to decide)
    audience: Mapped[str] = mapped_column(String(12), default="moderators")
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    meant_for_id: Mapped[int | None] = mapped_column(ForeignKey("discussions.id"), index=True)  # until it is a post
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    language: Mapped[str | None] = mapped_column(String(8))
    rule: Mapped[str] = mapped_column(String(200), default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[list[Any]] = mapped_column(default=list)
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    claimed_until: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(String(20), default="")
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    wait: Mapped[int | None]
    created_at: Mapped[datetime]

    post: Mapped[Post | None] = relationship()
    meant_for: Mapped[Discussion | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    space: Mapped[Space | None] = relationship()
    claimed_by: Mapped[Person | None] = relationship(foreign_keys=[claimed_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])


class Reason(Base):
    """A reason the secretariat added to the list, or changed there: texts by language code (see reasons.py for those that come with it)."""

    __tablename__ = "review_reasons"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    titles: Mapped[dict[str, Any]]
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class HoldRule(Base):
    """Words the secretariat watches: a post that holds one of them waits, or is looked at (see watched.py).

    `words`: as they were written; `language`: of the posts it is for (None: all); `everybody`: not only for people who are new; `waits`: before
    anybody reads the post, not after. A retired rule stays. `revision` is raised by every change: their sum is the version of all rules.
    """

    __tablename__ = "hold_rules"
    __table_args__ = (Index(None, "active", "id"),)

    words: Mapped[list[Any]]
    language: Mapped[str | None] = mapped_column(String(8))
    everybody: Mapped[bool] = mapped_column(default=False)
    waits: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=1)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]

    changed_by: Mapped[Person | None] = relationship()


class LogEntry(Base):
    """An act of moderation, public: in which role, what, when, why; never the hidden text. It is written once and stays as it is.

    `person_id` is whom an act about a person concerns (warn, silence …); like the moderator's, their name is for moderators only.
    `detail` is a number or a moment that belongs to the act ("until:2026-12-01T10:00Z", "posts:37").
    `hash` is over the entry and the hash before it (see log.py): what was changed or taken away later does not fit any more.
    """

    __tablename__ = "moderation_log"
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "act", "id"),
        Index(None, "space_id", "id"),
        Index(None, "person_id", "id"),
    )

    act: Mapped[str] = mapped_column(String(30))
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: by command or by itself
    role: Mapped[str] = mapped_column(String(20))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    discussion_id: Mapped[int | None] = mapped_column(ForeignKey("discussions.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(500))
    detail: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    moderator: Mapped[Person | None] = relationship(foreign_keys=[moderator_id])
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    space: Mapped[Space | None] = relationship()
    discussion: Mapped[Discussion | None] = relationship()
    post: Mapped[Post | None] = relationship()


def _refuse(_mapper: object, _connection: object, entry: LogEntry) -> None:
    raise RuntimeError(f"entry {entry.id} of the moderation log stays as it was written")


event.listen(LogEntry, "before_update", _refuse)
event.listen(LogEntry, "before_delete", _refuse)
