"""What search keeps of its own: the text of attached documents."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
