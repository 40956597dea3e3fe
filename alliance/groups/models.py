"""Spaces, where discussions take place: action lines and working groups; what a group is, and who belongs to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, and_, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from alliance.accounts.models import Person
from alliance.core import clock, stamps
from alliance.core.db import Base
from alliance.stakeholders.models import Affiliation

ROLES = ("chair", "moderator", "rapporteur", "member")


class Space(Base):
    """An action line or one of its sub-lines, or what a working group says (its code is the group's slug).

    Texts by language code: `titles`, `descriptions`. `sources` says where each title comes from. `edited_at` is set
    when somebody changes the texts here: the reference loader then leaves them alone. `visibility`: public, members,
    private; `attribution`: authors are named, shown by
    stakeholder `type` only, or `closed` (named to members, others read summaries); `posting`, who may write: everyone, verified, members, chairs; once `closed_at` is set, nobody.
    """

    __tablename__ = "spaces"
    __table_args__ = (Index(None, "kind", "position"),)

    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # action_line | group
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    position: Mapped[int] = mapped_column(default=0)
    titles: Mapped[dict[str, Any]]
    descriptions: Mapped[dict[str, Any]]
    sources: Mapped[dict[str, Any]]
    facilitators: Mapped[list[str]] = mapped_column(default=list)
    visibility: Mapped[str] = mapped_column(String(20), default="public")
    posting: Mapped[str] = mapped_column(String(20), default="everyone")
    attribution: Mapped[str] = mapped_column(String(10), default="named")
    closed_at: Mapped[datetime | None]
    discussions_count: Mapped[int] = mapped_column(default=0)
    posts_count: Mapped[int] = mapped_column(default=0)
    last_post_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]

    parent: Mapped[Space | None] = relationship(remote_side="Space.id")
    memberships: Mapped[list[Membership]] = relationship(back_populates="space")

    def title(self, language: str) -> str:
        """The title in a language, in English where there is none, in its own where there is not even that."""
        return str(self.titles.get(language) or self.titles.get("en") or next(iter(self.titles.values()), ""))

    def description(self, language: str) -> str:
        """The description in a language, in English where there is none, in its own where there is not even that."""
        return str(self.descriptions.get(language) or self.descriptions.get("en") or next(iter(self.descriptions.values()), ""))

    def language(self, wanted: str) -> str:
        """The language in which `title` answers when it is asked for this one."""
        return next((one for one in (wanted, "en") if self.titles.get(one)), next(iter(self.titles), "en"))

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/{'groups' if self.kind == 'group' else 'action-lines'}/{self.code}"

    @property
    def symbol(self) -> str:
        """How documents and discussions of it are marked: C7/EGOV, MEASURING-ACCESS."""
        return self.code.upper() if self.kind == "group" else self.code.replace("-", "/").upper()

    def role_of(self, person_id: int | None) -> str | None:
        """The role of a person in this group; None for whoever is no member (action lines have none)."""
        if self.kind != "group" or person_id is None:
            return None
        query = select(Membership.role).where(Membership.space_id == self.id, Membership.person_id == person_id)
        found: str | None = self._known("role", person_id, query)
        return found

    def is_verified(self, person_id: int) -> bool:
        """Whether a person speaks for an organization, as the secretariat has verified."""
        return bool(self._known("verified", person_id, select(verified(person_id))))

    @staticmethod
    def verified(person_id: Any) -> ColumnElement[bool]:
        """The same as a clause: for an id, or a column of ids."""
        return verified(person_id)

    def _known(self, what: str, person_id: int, query: Any) -> Any:
        """An answer of the database, asked once in a transaction however many buttons of a page depend on it."""
        session = object_session(self)
        if session is None:
            raise RuntimeError("this space belongs to no session any more")
        known = session.info.setdefault("standings", {})
        key = (what, self.id, person_id)
        if key not in known:
            known[key] = session.scalar(query)
        return known[key]


def verified(person_id: Any) -> ColumnElement[bool]:
    """Whether a person (an id, or a column of ids) has a verified affiliation that has not ended."""
    good = and_(Affiliation.person_id == person_id, Affiliation.status == "verified", Affiliation.ended_on.is_(None))
    return select(Affiliation.id).where(good).correlate_except(Affiliation).exists()


class Group(Base):
    """A working group. What it says is in its space; its charter, with all revisions, in CharterRevision.

    `status`: proposed, active, closed, refused. `visibility` is the one wanted; while it is proposed (and when it was
    refused) its space is private. `targets`: at least so many members of a stakeholder type.
    """

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("space_id"), Index(None, "status", "id"))

    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    status: Mapped[str] = mapped_column(String(10))
    visibility: Mapped[str] = mapped_column(String(20))
    joining: Mapped[str] = mapped_column(String(20))  # open | request | invitation
    languages: Mapped[list[str]]
    terms: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    targets: Mapped[dict[str, Any]]
    charter_number: Mapped[int] = mapped_column(default=0)
    members_count: Mapped[int] = mapped_column(default=0)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: by command
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(String(500), default="")
    public_summary: Mapped[str] = mapped_column(Text, default="")
    summarised_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    space: Mapped[Space] = relationship()
    proposed_by: Mapped[Person | None] = relationship(foreign_keys=[proposed_by_id])
    lines: Mapped[list[Space]] = relationship(secondary="group_lines", order_by="Space.position", viewonly=True)
    invitations: Mapped[list[Invitation]] = relationship(back_populates="group")

    @property
    def slug(self) -> str:
        """What its addresses say."""
        return self.space.code

    @property
    def is_over(self) -> bool:
        """Whether it is at work though its last day has passed (somebody closes it, or gives it another term)."""
        return self.status == "active" and self.ends_on is not None and self.ends_on < clock.now().date()


class GroupLine(Base):
    """A group serves an action line."""

    __tablename__ = "group_lines"
    __table_args__ = (UniqueConstraint("group_id", "space_id"), Index(None, "space_id"))

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))


class CharterRevision(Base):
    """What the charter of a group says (the newest number), or said: every revision is kept, with who changed it and why."""

    __tablename__ = "charter_revisions"
    __table_args__ = (UniqueConstraint("group_id", "number"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    number: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(200), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: by command
    created_at: Mapped[datetime]

    group: Mapped[Group] = relationship()
    author: Mapped[Person | None] = relationship()


class Membership(Base):
    """A person belongs to a group, as chair, moderator, rapporteur or member. Gone the moment it ends: whoever asks, asks here."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("space_id", "person_id"), Index(None, "person_id", "space_id"), Index(None, "space_id", "role"))

    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(20), default="member")
    joined_at: Mapped[datetime]

    space: Mapped[Space] = relationship(back_populates="memberships")
    person: Mapped[Person] = relationship()


class JoinRequest(Base):
    """Somebody asks to join a group, and says why. `status`: open, accepted, declined, withdrawn; one row for a person and group."""

    __tablename__ = "join_requests"
    __table_args__ = (UniqueConstraint("group_id", "person_id"), Index(None, "group_id", "status", "id"))

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    statement: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default="open")
    answer: Mapped[str] = mapped_column(String(500), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    group: Mapped[Group] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class Invitation(Base):
    """A person, or whoever reads the mail of an address, may join a group until a date.

    `status`: open, accepted, declined, revoked. `key` is what its link carries, signed.
    """

    __tablename__ = "invitations"
    __table_args__ = (Index(None, "group_id", "status", "id"), Index(None, "person_id", "status"))

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    email: Mapped[str | None] = mapped_column(String(320))  # lower case; only where there is no person
    key: Mapped[str] = mapped_column(String(40), unique=True)
    role: Mapped[str] = mapped_column(String(20), default="member")
    status: Mapped[str] = mapped_column(String(10), default="open")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]

    group: Mapped[Group] = relationship(back_populates="invitations")
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    invited_by: Mapped[Person | None] = relationship(foreign_keys=[invited_by_id])

    @classmethod
    def open(cls) -> ColumnElement[bool]:
        """Those that can still be accepted."""
        return and_(cls.status == "open", cls.expires_at > clock.now())


stamps.shown(
    Space, "code", "titles", "descriptions", "facilitators", "visibility", "posting", "attribution", "closed_at", "position", "parent_id"
)


def _forget(session: Session, *_more: Any) -> None:
    session.info.pop("standings", None)


def _watch(session: Session, _context: Any) -> None:
    """What was asked about somebody's standing is asked again once something about it was written."""
    if any(isinstance(one, Membership | Affiliation) for one in (*session.new, *session.dirty, *session.deleted)):
        _forget(session)


event.listen(Session, "after_commit", _forget)
event.listen(Session, "after_rollback", _forget)
event.listen(Session, "after_flush", _watch)
