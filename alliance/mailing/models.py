"""Mail on its way out, who wants none, and where imported posts came from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base


class OutgoingMail(Base):
    """One mail to one person about one thing; written anew, with rights checked, when it is sent.

    `key` says what it is about, once per person ("event:123"); `status`: waiting, sent, failed, dropped.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (UniqueConstraint("person_id", "key"), Index(None, "status", "next_at"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(30))
    post_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


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
