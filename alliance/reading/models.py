"""What a person has read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base
from alliance.discussions.models import Discussion


class ReadMark(Base):
    """The numbers of the posts of a discussion that a person has read, as runs ("1-40,42"); never thrown away.

    The row exists once the person has read (or said) anything there. `read_count` is the size of the set: posts that
    were withdrawn or hidden since stay in it, and come back as read when they come back.
    """

    __tablename__ = "read_marks"
    __table_args__ = (UniqueConstraint("person_id", "discussion_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    numbers: Mapped[str] = mapped_column(Text, default="")
    read_count: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    discussion: Mapped[Discussion] = relationship()
