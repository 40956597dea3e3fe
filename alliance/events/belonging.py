"""Working groups and who belongs to them."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core.outbox import declare


@declare
@dataclass(frozen=True, slots=True)
class GroupChanged:
    """Who may see or write in the space of a group, or what it is called, changed; it was founded, approved, closed …"""

    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class DocumentChanged:
    """A document or link of a group was added, replaced, retired or brought back."""

    item_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class GroupProposed:
    """Somebody proposed a working group; the secretariat is to decide."""

    group_id: int


@declare
@dataclass(frozen=True, slots=True)
class GroupDecided:
    """The secretariat approved or refused a proposed group."""

    group_id: int


@declare
@dataclass(frozen=True, slots=True)
class MembershipChanged:
    """A person became a member of a group, has another role there, or is a member no more."""

    space_id: int
    person_id: int


@declare
@dataclass(frozen=True, slots=True)
class JoinRequested:
    """Somebody asks to join a group."""

    request_id: int


@declare
@dataclass(frozen=True, slots=True)
class JoinDecided:
    """A chair admitted or declined somebody who asked to join."""

    request_id: int


@declare
@dataclass(frozen=True, slots=True)
class InvitationMade:
    """Somebody is invited to join a group."""

    invitation_id: int
