"""Files people attach to what they write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.groups.models import Space


class Attachment(Base):
    """A file, on disk under its key (see store.py). It belongs to a post, or (as a version of a document) to the `space_id`
    of a group; with neither nobody has published it yet, and only its uploader sees it.

    `kind` is "image" (re-encoded, with a small picture beside it) or "document" (as it was sent); `media_type` is what
    the content was found to be. `size` and `sha256` are those of the file as kept; `width` and `height` those of an
    image as kept. The discussion is that of the post, wherever moderators move it.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        Index(None, "person_id", "created_at"),
        Index(None, "post_id"),
        Index(None, "created_at"),
    )

    key: Mapped[str] = mapped_column(String(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    # By name: posts are of a higher room.
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int | None]
    height: Mapped[int | None]
    alternative: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    post: Mapped[Any] = relationship("Post")
    space: Mapped[Space | None] = relationship()
