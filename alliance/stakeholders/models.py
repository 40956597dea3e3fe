"""Organizations, and who speaks for them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core import stamps
from alliance.core.db import Base


class Organization(Base):
    """A ministry, company, association, agency, university, newsroom …"""

    __tablename__ = "organizations"

    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    acronym: Mapped[str | None] = mapped_column(String(30))
    stakeholder_type: Mapped[str | None] = mapped_column(String(30), index=True)
    country: Mapped[str | None] = mapped_column(String(2))
    website: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]


class Affiliation(Base):
    """A person speaks for an organization: declared by the person, verified (or refused) by the secretariat.

    `status`: declared, verified, refused. Ended ones keep `ended_on`; posts made under them keep pointing here.
    """

    __tablename__ = "affiliations"
    __table_args__ = (UniqueConstraint("person_id", "organization_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    title: Mapped[str] = mapped_column(String(120), default="")
    status: Mapped[str] = mapped_column(String(10), default="declared", index=True)
    evidence: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    organization: Mapped[Organization] = relationship()
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])


stamps.shown(Organization, "name", "slug")


stamps.shown(Affiliation, "status")
