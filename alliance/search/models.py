"""What search keeps of its own: the text of attached documents, searches that somebody wants to hear of again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.attachments.models import Attachment
from alliance.core.db import Base


class AttachmentText(Base):
    """The text of an attached document, read once. `outcome`: read, empty (a scan, say), failed (damaged, locked, endless)."""

    __tablename__ = "attachment_texts"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str] = mapped_column(String(10))
    read_at: Mapped[datetime]

    attachment: Mapped[Attachment] = relationship()


class SavedSearch(Base):
    """A search somebody wants to hear of again. `address`: its choices as they stand in an address, `q` among them.

    `alert`: page (counted on the page of saved searches), weekly (a letter on Mondays), at_once (a notification each).
    `seen_at`: when its results were last looked at; `told_post_id`: the newest post it was told of; `told_week`: the last
    ISO week a letter was written for.
    """

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("person_id", "address"), Index(None, "alert", "id"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(2000))
    alert: Mapped[str] = mapped_column(String(10), default="page")
    seen_at: Mapped[datetime]
    told_post_id: Mapped[int] = mapped_column(default=0)
    told_week: Mapped[str] = mapped_column(String(8), default="")
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
