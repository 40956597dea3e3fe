"""Archives of what is kept of a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from alliance.core import clock
from alliance.core.db import Base

KEPT = timedelta(days=7)
STUCK = timedelta(days=1)


class Archive(Base):
    """One that a person asked for. `status`: asked, ready, failed (it could not be made within a day), gone (its file was removed)."""

    __tablename__ = "archives"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)  # random: the name of its file, and in its address
    status: Mapped[str] = mapped_column(String(10), default="asked")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]

    @property
    def ends_at(self) -> datetime | None:
        """Until when it can be fetched."""
        return self.ready_at + KEPT if self.ready_at is not None and self.status == "ready" else None

    @property
    def is_there(self) -> bool:
        """Whether it can be fetched."""
        return self.ends_at is not None and self.ends_at > clock.now()

    @property
    def is_being_made(self) -> bool:
        """Whether its person waits for it."""
        return self.status == "asked" and self.asked_at > clock.now() - STUCK
