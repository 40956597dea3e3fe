"""Drafts, and texts that came in without anybody signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.core.db import Base


class Draft(Base):
    """What a person is writing at a place (see places.py): one draft per place.

    `fields` are those of the form. `revision` counts what was saved, so that a window that knows an older one overwrites
    nothing. `nonce` is that of the form: whatever is published under it takes the draft away.
    """

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("person_id", "place"), Index(None, "person_id", "updated_at", "id"), Index(None, "updated_at"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    place: Mapped[str] = mapped_column(String(80))
    fields: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    nonce: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class KeptText(Base):
    """A text sent after its writer's session had ended: whoever signs in with the secret behind the hash gets it as a draft."""

    __tablename__ = "kept_texts"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    place: Mapped[str] = mapped_column(String(80))
    fields: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
