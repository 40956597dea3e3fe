"""Answers already given, so that a repeated request gets the first one and not a second effect."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.core.db import Base


class GivenAnswer(Base):
    """The answer to a request made under an Idempotency-Key or a form's nonce, written with the effect itself."""

    __tablename__ = "given_answers"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    # No foreign key: web stands below accounts.
    person_id: Mapped[int]
    key: Mapped[str] = mapped_column(String(140))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    location: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)
