"""People and their API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from alliance.core import clock, stamps
from alliance.core.db import Base, BinaryText
from alliance.core.text import sort_key

_ALIKE = str.maketrans({"m": "rn", "1": "l", "0": "o"})


def skeleton(handle: str) -> str:
    """What handles have in common that could be read for one another."""
    return handle.lower().translate(_ALIKE)


def _of(column: str, make: Any) -> Any:
    """The default of a column that is made of another (for rows written past the class)."""
    return lambda context: make(context.get_current_parameters()[column])


class Person(Base):
    """Somebody who signs in, or the unclaimed author of imported posts (`claimed` False, no password).

    `email`, in lower case, is never shown to others; neither is `archive_email`, the address an unclaimed author wrote
    from, kept so that its owner can claim the posts one day (it receives no mail); then it is the owner's (see `mailing/claiming.py`). `epoch` is raised to end every session and link given out before (password
    change, suspension). `participant` is the number of one who stands for somebody in one discussion whose authors are not named (see
    `discussions/masks.py`): such a row is no account, belongs to nobody and is listed nowhere;
    0 of one who closed their account, of whom nothing is left in the row, of an organization whose speakers did, and of an archive's author
    whose posts are somebody's now (`claimed_by_id`). `handle_skeleton` and `name_key` follow the handle and the name: no two handles look alike; the
    order of lists of people.
    """

    __tablename__ = "people"
    __table_args__ = (
        # The directory, in order of names: all of it, and each of its filters.
        Index(None, "name_key", "id"),
        Index(None, "stakeholder_type", "name_key", "id"),
        Index(None, "country", "name_key", "id"),
        Index(None, "stakeholder_type", "country", "name_key", "id"),
        Index(None, "role", "name_key", "id"),  # who has an office
    )

    handle: Mapped[str] = mapped_column(String(40), unique=True)
    handle_skeleton: Mapped[str] = mapped_column(String(100), unique=True, default=_of("handle", skeleton))
    email: Mapped[str | None] = mapped_column(String(320), unique=True)  # lower case
    archive_email: Mapped[str | None] = mapped_column(String(320), unique=True)
    confirmed_at: Mapped[datetime | None]
    password_hash: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(BinaryText, default=_of("name", sort_key))
    country: Mapped[str | None] = mapped_column(String(2))
    languages: Mapped[list[str]] = mapped_column(default=list)
    interface_language: Mapped[str] = mapped_column(String(2), default="en")
    reading_order: Mapped[str] = mapped_column(String(10), default="tree")  # of discussions.orders.ORDERS
    stakeholder_type: Mapped[str | None] = mapped_column(String(30))
    bio: Mapped[str] = mapped_column(Text, default="")
    role: Mapped[str] = mapped_column(String(20), default="participant")
    claimed: Mapped[bool] = mapped_column(default=True)
    suspended_at: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]  # of a suspension that ends by itself
    silenced_until: Mapped[datetime | None]
    two_step_at: Mapped[datetime | None]  # since when a code is asked for after the password
    epoch: Mapped[int] = mapped_column(default=0)
    posts_count: Mapped[int] = mapped_column(default=0)
    participant: Mapped[int | None]
    proven_at: Mapped[datetime | None]  # when a link mailed to the address was first used
    claimed_by_id: Mapped[int | None] = mapped_column(index=True)  # of an archive's author: who proved to be this one
    closing_at: Mapped[datetime | None] = mapped_column(index=True)  # when the account closes, as its person asked
    created_at: Mapped[datetime]

    @property
    def shown_bio(self) -> str:
        """What a person says of themselves; not of somebody whose account is suspended for good, who may have used it to advertise."""
        return "" if self.suspended and self.suspended_until is None else self.bio

    @property
    def suspended(self) -> bool:
        """Whether the person may do nothing but read what everybody reads."""
        return self.suspended_at is not None and (self.suspended_until is None or self.suspended_until > clock.now())

    @property
    def silenced(self) -> bool:
        """Whether the person may not write."""
        return self.silenced_until is not None and self.silenced_until > clock.now()

    @validates("handle")
    def _follow_handle(self, _key: str, handle: str) -> str:
        self.handle_skeleton = skeleton(handle)
        return handle

    @validates("name")
    def _follow_name(self, _key: str, name: str) -> str:
        self.name_key = sort_key(name)
        return name


class RetiredHandle(Base):
    """A handle that was somebody's who closed their account, and is nobody's again: the SHA-256 of its skeleton.

    `handle` itself is kept only until it was taken out of what others wrote.
    """

    __tablename__ = "retired_handles"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    skeleton_hash: Mapped[str] = mapped_column(String(64), unique=True)
    handle: Mapped[str | None] = mapped_column(String(40))


class ApiToken(Base):
    """A bearer token, stored as its SHA-256."""

    __tablename__ = "api_tokens"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]  # None: works until it is ended

    person: Mapped[Person] = relationship()


class Authenticator(Base):
    """The secret an authenticator app shares with us (base 32); `last_step` is the half minute of the last code taken, which is good once."""

    __tablename__ = "authenticators"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    secret: Mapped[str] = mapped_column(String(64))
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # None until a code of it was entered


class RecoveryCode(Base):
    """A code for the day the app is lost, as its SHA-256; it is random and good once."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class SecurityKey(Base):
    """A passkey or security key, as its public key: whoever has it can prove so, and nobody else."""

    __tablename__ = "security_keys"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)  # what the key calls itself (base 64), 1,023 bytes at most
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)  # how often it answered, where it counts
    transports: Mapped[list[str]] = mapped_column(default=list)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    suspect_at: Mapped[datetime | None]  # since when it looks as if there were a copy of it: it opens nothing any more


class KeyChallenge(Base):
    """What a key is asked to sign, good once and for some minutes; nobody's, while it is not known who comes in."""

    __tablename__ = "key_challenges"

    challenge: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(10))  # add, alone or step: see challenges.py
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)


class LinkedIdentity(Base):
    """An account elsewhere that signs in to this one."""

    __tablename__ = "linked_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class SignIn(Base):
    """A session of a person, or a browser that keeps them signed in: the row goes when it ends, and then no cookie of it is any good."""

    __tablename__ = "sign_ins"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)  # random: what its cookies say, never given out again
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]  # last used, within the hour; the next two are of then
    address: Mapped[str | None] = mapped_column(String(45))
    device: Mapped[str] = mapped_column(String(60), default="", server_default="")


class SecurityEvent(Base):
    """Something that happened to an account. `person_id` is None for a sign-in that failed with an address without an account."""

    __tablename__ = "security_events"
    __table_args__ = (Index(None, "person_id", "id"), Index(None, "created_at"))

    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(20))  # of history.KINDS
    address: Mapped[str | None] = mapped_column(String(45))
    device: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]


stamps.shown(Person, "handle", "name", "claimed")
