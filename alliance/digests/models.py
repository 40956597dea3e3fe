"""Digests: key points, the sentences they consist of, the citations each sentence rests on, and what became of the document."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.masks import written_by
from alliance.discussions.models import Post
from alliance.groups.models import Space

OPEN = ("draft", "returned")  # its rapporteur may change it
OUT = ("signed", "transmitted", "withdrawn", "superseded")  # signed once: never changed in place
WRITING = frozenset({"compiled", "edited", "submitted"})
SECTIONS = ("discussed", "convergence", "divergence", "proposals", "requests", "former")


class Digest(Base):
    """What was said in a period, in one space or in all: whole days (UTC, both included), or from `begins_at` to `ends_at`.

    `status`: compiling, draft, review, returned, signed, transmitted, withdrawn, superseded. `version` is raised by every
    change (see DigestVersion); `edition` is above 1 when it corrects another. `figures` holds what was counted when it was
    compiled; `settings` how the selection was made; `symbol` its document symbol such as ALLIANCE/DIG/2026/07.
    `sealed` is the document as it was signed, `signature` that of its canonical form. `run` names the run of a schedule.
    """

    __tablename__ = "digests"
    __table_args__ = (Index(None, "audience", "period_end", "id"), Index(None, "status", "id"))

    symbol: Mapped[str] = mapped_column(String(40), unique=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    period_start: Mapped[date]
    period_end: Mapped[date]
    begins_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    audience: Mapped[str] = mapped_column(String(20), default="public")  # public | restricted
    status: Mapped[str] = mapped_column(String(20), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    edition: Mapped[int] = mapped_column(default=1)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("digests.id"))
    language: Mapped[str] = mapped_column(String(8), default="en")
    figures: Mapped[dict[str, Any]]
    settings: Mapped[dict[str, Any]]
    compiled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: by command, or by schedule
    compiled_at: Mapped[datetime]
    run: Mapped[str | None] = mapped_column(String(60), unique=True)
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    signed_at: Mapped[datetime | None]
    transmitted_at: Mapped[datetime | None]
    sealed: Mapped[str | None] = mapped_column(Text)
    signature: Mapped[str | None] = mapped_column(String(200))

    space: Mapped[Space | None] = relationship()
    compiled_by: Mapped[Person | None] = relationship(foreign_keys=[compiled_by_id])
    signed_by: Mapped[Person | None] = relationship(foreign_keys=[signed_by_id])
    corrects: Mapped[Digest | None] = relationship(remote_side="Digest.id")
    versions: Mapped[list[DigestVersion]] = relationship(order_by="DigestVersion.number", cascade="all, delete-orphan")
    gathered: Mapped[list[KeyPoint]] = relationship(
        order_by="KeyPoint.position, KeyPoint.id", cascade="all, delete-orphan", back_populates="digest"
    )

    @property
    def points(self) -> list[KeyPoint]:
        """The key points that stand in the document, in order."""
        return [point for point in self.gathered if point.used]

    @property
    def authors(self) -> set[int]:
        """Who had a hand in its text: compiled, edited or submitted it."""
        return {one.person_id for one in self.versions if one.act in WRITING and one.person_id is not None}

    def covers(self, person_id: int | None) -> bool:
        """Whether somebody said something that this digest is about."""
        session = object_session(self)
        begin = self.begins_at or datetime.combine(self.period_start, time(), UTC)
        until = self.ends_at or datetime.combine(self.period_end, time(), UTC) + timedelta(days=1)
        query = select(Post.id).where(written_by(person_id), Post.created_at >= begin, Post.created_at < until, Post.status == "visible")
        if self.space_id is not None:
            query = query.where(Post.space_id == self.space_id)
        return session is not None and person_id is not None and session.scalar(query.limit(1)) is not None

    @property
    def unused(self) -> list[KeyPoint]:
        """What was gathered, or dropped, and does not stand in the document."""
        return [point for point in self.gathered if not point.used]


class KeyPoint(Base):
    """A paragraph on one strand of what was said.

    `sentences`: [{"text", "language", "own"}], told by their place from 1; those not `own` stand verbatim in a post they cite,
    the others are a rapporteur's. `text` is all of them. `used`: it stands in the document; `version` is raised when it changes.
    """

    __tablename__ = "digest_points"
    __table_args__ = (Index(None, "digest_id", "position"),)

    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"))
    position: Mapped[int]
    section: Mapped[str] = mapped_column(String(30), default="discussed")
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    sentences: Mapped[list[Any]]
    support: Mapped[dict[str, Any]]  # posts, people, organizations, by stakeholder type
    reasons: Mapped[list[Any]]
    used: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    digest: Mapped[Digest] = relationship(back_populates="gathered")
    space: Mapped[Space | None] = relationship()
    citations: Mapped[list[Citation]] = relationship(
        order_by="Citation.sentence, Citation.position, Citation.id", cascade="all, delete-orphan", back_populates="point"
    )

    def cited(self, place: int) -> list[Citation]:
        """What the sentence at a place (from 1) cites."""
        return [one for one in self.citations if one.sentence == place]


class Citation(Base):
    """Characters [`start`, `end`) of revision `revision` of a post, as they read then (`quote`, and its SHA-256), and who spoke in which capacity."""

    __tablename__ = "digest_citations"
    __table_args__ = (Index(None, "point_id", "sentence", "position"),)

    point_id: Mapped[int] = mapped_column(ForeignKey("digest_points.id"))
    sentence: Mapped[int] = mapped_column(default=1)
    position: Mapped[int]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    revision: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    quote: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64), default="")
    language: Mapped[str | None] = mapped_column(String(8))
    stakeholder_type: Mapped[str | None] = mapped_column(String(30))
    organization: Mapped[str | None] = mapped_column(String(200))
    country: Mapped[str | None] = mapped_column(String(2))
    posted_at: Mapped[datetime]

    point: Mapped[KeyPoint] = relationship(back_populates="citations")
    post: Mapped[Post] = relationship()


class DigestVersion(Base):
    """What was done to a digest, by whom, and how its paragraphs read after it (`content`, from which any version can be shown).

    `act`: compiled, edited, submitted, returned, signed, transmitted, withdrawn, superseded; `note` says why, or what in short.
    """

    __tablename__ = "digest_versions"
    __table_args__ = (UniqueConstraint("digest_id", "number"),)

    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"))
    number: Mapped[int]
    act: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[list[Any]] = mapped_column(deferred=True)
    created_at: Mapped[datetime]

    person: Mapped[Person | None] = relationship()


class DigestComment(Base):
    """What somebody says about a paragraph of a digest in the making, or about all of it."""

    __tablename__ = "digest_comments"
    __table_args__ = (Index(None, "digest_id", "id"),)

    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("digest_points.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class DigestRecipient(Base):
    """An address on the distribution list: whoever gets every digest that is transmitted, in a language, as PDF and DOCX."""

    __tablename__ = "digest_recipients"
    __table_args__ = (UniqueConstraint("email"),)

    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]


class DigestDelivery(Base):
    """One mail about a digest to one address: once. `kind`: digest (the document), draft (its rapporteur is told).

    `status`: waiting, sent, failed, dropped. The address is kept as it was, so that what happened can be told later.
    """

    __tablename__ = "digest_deliveries"
    __table_args__ = (UniqueConstraint("digest_id", "kind", "email"), Index(None, "status", "next_at"))

    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"))
    kind: Mapped[str] = mapped_column(String(10))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    digest: Mapped[Digest] = relationship()


class DigestSchedule(Base):
    """When a space (None: all together) has its weekly cut-off: `weekday` (0 is Monday), `hour` and `minute` by the clocks of `zone`.

    `until`: the last cut-off that was compiled; what was missed since is caught up.
    """

    __tablename__ = "digest_schedules"

    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    weekday: Mapped[int]
    hour: Mapped[int]
    minute: Mapped[int] = mapped_column(default=0)
    zone: Mapped[str] = mapped_column(String(60), default="UTC")
    language: Mapped[str] = mapped_column(String(8), default="en")
    active: Mapped[bool] = mapped_column(default=True)
    until: Mapped[datetime]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    space: Mapped[Space | None] = relationship()


class DigestObjection(Base):
    """A contributor contests, within thirty days after the signature, how they were represented; the answer is public.

    `corrigendum`: the number of the correction it led to (`…/Corr.1`), whose text is `correction`.
    """

    __tablename__ = "digest_objections"
    __table_args__ = (Index(None, "digest_id", "id"), UniqueConstraint("digest_id", "corrigendum"))

    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    correction: Mapped[str] = mapped_column(Text, default="")
    corrigendum: Mapped[int | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])
