"""What a person has chosen about being present."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from alliance.accounts.models import Person
from alliance.core.db import Base


class LiveChoice(Base):
    """Whether others see that a person is here, and that the person is writing; without a row, the defaults."""

    __tablename__ = "live_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), unique=True)
    presence: Mapped[bool] = mapped_column(default=True)
    typing: Mapped[bool] = mapped_column(default=False)
