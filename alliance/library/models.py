"""Documents of a group, each with its versions, and links."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.attachments.models import Attachment
from alliance.core.db import Base
from alliance.groups.models import Space


class LibraryItem(Base):
    """A document (its files are versions) or a link (`address`) of a working group, in the order of `position`.

    What is retired is listed apart, and found by the search no more; nothing of it is lost.
    """

    __tablename__ = "library_items"
    __table_args__ = (Index(None, "space_id", "position"), Index(None, "space_id", "changed_at"))

    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    kind: Mapped[str] = mapped_column(String(10))  # document | link
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(500), default="")
    address: Mapped[str] = mapped_column(String(2000), default="")
    position: Mapped[int]
    versions_count: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    space: Mapped[Space] = relationship()

    @property
    def path(self) -> str:
        """The address of its own page."""
        return f"/groups/{self.space.code}/documents/{self.id}"

    @property
    def host(self) -> str:
        """Whose site a link leads to."""
        return urlsplit(self.address).hostname or ""


class LibraryVersion(Base):
    """A file of a document, as it was at a time; never changed. Without a file when that was taken away (`removed_at`).

    `named`: whether the group named its authors when it was added; who added it is shown only then.
    """

    __tablename__ = "library_versions"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("library_items.id"))
    number: Mapped[int]
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"), unique=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    named: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    item: Mapped[LibraryItem] = relationship()
    person: Mapped[Person] = relationship()
    attachment: Mapped[Attachment | None] = relationship()
