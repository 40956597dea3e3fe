"""People and their API tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.core import stamps
from alliance.core.db import Base


class Person(Base):
    """Somebody who signs in, or the unclaimed author of imported posts (`claimed` False, no password).

    `email`, in lower case, is never shown to others; neither is `archive_email`, the address an unclaimed author wrote
    from, kept so that its owner can claim the posts one day (it is no account's address and receives no mail). `epoch` is raised to end every session and link given out before (password
    change, suspension).
    """

    __tablename__ = "people"

    handle: Mapped[str] = mapped_column(String(40), unique=True)
    email: Mapped[str | None] = mapped_column(String(320), unique=True)  # lower case
    archive_email: Mapped[str | None] = mapped_column(String(320), unique=True)
    confirmed_at: Mapped[datetime | None]
    password_hash: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(120))
    country: Mapped[str | None] = mapped_column(String(2))
    languages: Mapped[list[str]] = mapped_column(default=list)
    interface_language: Mapped[str] = mapped_column(String(2), default="en")
    reading_order: Mapped[str] = mapped_column(String(10), default="tree")  # of discussions.orders.ORDERS
    stakeholder_type: Mapped[str | None] = mapped_column(String(30), index=True)
    bio: Mapped[str] = mapped_column(Text, default="")
    role: Mapped[str] = mapped_column(String(20), default="participant")
    claimed: Mapped[bool] = mapped_column(default=True)
    suspended_at: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=0)
    posts_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class ApiToken(Base):
    """A bearer token, stored as its SHA-256."""

    __tablename__ = "api_tokens"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


stamps.shown(Person, "handle", "name", "claimed")
