"""Mail on its way out, who wants none, and where imported posts came from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Discussion
from alliance.groups.models import Space


class OutgoingMail(Base):
    """One mail to one person about one thing; written anew, with rights checked, when it is sent.

    `key` says what it is about, once per person ("event:123"); `status`: waiting, sent, failed, dropped. Who has no account
    (somebody whose mail was refused) has only an `address`.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (UniqueConstraint("person_id", "key"), Index(None, "status", "next_at"))

    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    address: Mapped[str] = mapped_column(String(320), default="", index=True)
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(30))
    post_id: Mapped[int | None]
    incoming_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship()


class IncomingMail(Base):
    """A mail that came in, and what became of it; once per Message-ID and address of ours.

    `status`: posted, held, refused, done (a command), ignored (no person wrote it). `raw` is kept while it is held, `text`
    (what was not posted) so that its sender can have it back, `cut` what was taken off the text of a post.
    """

    __tablename__ = "incoming_mail"
    __table_args__ = (UniqueConstraint("key", "recipient"), Index(None, "status", "id"), Index(None, "person_id", "id"))

    key: Mapped[str] = mapped_column(String(255))  # Message-ID, or a hash of the content where there is none
    recipient: Mapped[str] = mapped_column(String(320), default="")
    sender: Mapped[str] = mapped_column(String(320), default="")
    subject: Mapped[str] = mapped_column(String(300), default="")
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(20), default="")
    sentence: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    cut: Mapped[str] = mapped_column(Text, default="", deferred=True)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    discussion_id: Mapped[int | None] = mapped_column(ForeignKey("discussions.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), index=True)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    space: Mapped[Space | None] = relationship()
    discussion: Mapped[Discussion | None] = relationship()


class MailChoice(Base):
    """How a person wants the e-mail about everything, and what is known of their address; no row is the same as the defaults.

    `rhythm`: weekly, daily or never. `bounces` since mail last arrived; `stopped_at`: so many that nothing is sent any more.
    """

    __tablename__ = "mail_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    rhythm: Mapped[str] = mapped_column(String(10), default="weekly")
    weekday: Mapped[int] = mapped_column(default=0)  # Monday
    time_zone: Mapped[str] = mapped_column(String(50), default="UTC")
    revoked_at: Mapped[datetime | None]  # reply addresses given out before are good no more
    bounces: Mapped[int] = mapped_column(default=0)
    bounced_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]


class SpaceMail(Base):
    """How a person wants the mails of a space: `list`, every post as a mail of a list."""

    __tablename__ = "space_mail"
    __table_args__ = (UniqueConstraint("person_id", "space_id"), Index(None, "space_id", "mode", "person_id"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    mode: Mapped[str] = mapped_column(String(10))


class Suppressed(Base):
    """An address nothing is sent to: its server said so, or somebody asked for it."""

    __tablename__ = "suppressed_addresses"

    address: Mapped[str] = mapped_column(String(320), unique=True)
    reason: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime]


class Unsubscription(Base):
    """A person wants no mail of a list: "discussion:45"."""

    __tablename__ = "unsubscriptions"
    __table_args__ = (UniqueConstraint("person_id", "list_name"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    list_name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class ImportedMessage(Base):
    """A message of an archive that became a post: importing it again adds nothing."""

    __tablename__ = "imported_messages"
    __table_args__ = (UniqueConstraint("space_id", "key"),)

    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    key: Mapped[str] = mapped_column(String(255))  # Message-ID, or a hash of the content where there is none
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    created_at: Mapped[datetime]
