"""Finding spaces, groups and those who belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from alliance.accounts.models import Person
from alliance.core import cursors, db
from alliance.core.errors import NotFound
from alliance.core.prepared import ANYBODY, Prepared
from alliance.groups.models import CharterRevision, Group, GroupLine, Invitation, JoinRequest, Membership, Space, verified
from alliance.policy import Actor, visible

PAGE = 30


@dataclass(frozen=True, slots=True)
class Proposer:
    """Somebody who might propose a group."""

    is_verified: bool


def spaces(actor: Actor) -> list[Space]:
    """Every space the actor may read, in official order (sub-lines behind their action line, working groups last)."""
    return list(db.session().scalars(select(Space).where(visible(actor, Space)).order_by(Space.position, Space.id)))


def is_member(actor: Actor) -> bool:
    """Whether the actor belongs to a group, or sees a space that not everybody sees: sight and rights are then not those of all others."""
    return bool(_MEMBER.rows(actor.kind_of, actor.person_id))


def _member(actor: Actor) -> Select[Any]:
    mine = select(Membership.space_id).where(Membership.person_id == ANYBODY)
    return select(Space.id).where(or_(Space.id.in_(mine), and_(visible(actor, Space), Space.visibility != "public"))).limit(1)


_MEMBER = Prepared(_member)


def get_space(actor: Actor, code: str) -> Space:
    """A space by its code.

    Raises:
        NotFound: none such, or not one the actor may read.
    """
    found = db.session().scalar(select(Space).where(Space.code == code, visible(actor, Space)))
    if found is None:
        raise NotFound
    return found


def sub_lines(actor: Actor, space: Space) -> list[Space]:
    """The sub-lines of an action line."""
    query = select(Space).where(Space.parent_id == space.id, visible(actor, Space))
    return list(db.session().scalars(query.order_by(Space.position)))


def line_ids(codes: Sequence[str]) -> list[int]:
    """The ids of action lines, by code."""
    return list(db.session().scalars(select(Space.id).where(Space.kind == "action_line", Space.code.in_(codes)).order_by(Space.position)))


def action_lines() -> list[Space]:
    """The action lines and their sub-lines, in official order."""
    return list(db.session().scalars(select(Space).where(Space.kind == "action_line").order_by(Space.position, Space.id)))


_SHOWN = (joinedload(Group.space), selectinload(Group.lines))


def get_group(actor: Actor, slug: str) -> Group:
    """A group by its slug.

    Raises:
        NotFound: none such, or not one the actor may know of.
    """
    query = select(Group).join(Group.space).options(*_SHOWN)
    found = db.session().scalar(query.where(Space.code == slug, Space.kind == "group", visible(actor, Group)))
    if found is None:
        raise NotFound
    return found


def hold(actor: Actor, group_id: int) -> Group:
    """Inside a transaction: a group as it is now, nobody else changing it until the end.

    Raises:
        NotFound: none such, or not one the actor may know of (any more).
    """
    query = select(Group).where(Group.id == group_id, visible(actor, Group)).with_for_update(of=Group)
    found = db.session().scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def groups(
    actor: Actor, statuses: Sequence[str] = ("active",), after: str | None = None, limit: int = PAGE, line: Space | None = None
) -> tuple[list[Group], str | None]:
    """Groups the actor may know of, the newest first, and the cursor of the rest."""
    query = select(Group).where(visible(actor, Group), Group.status.in_(statuses)).options(*_SHOWN)
    if line is not None:
        query = query.where(Group.id.in_(select(GroupLine.group_id).where(GroupLine.space_id == line.id)))
    if after:
        query = query.where(Group.id < cursors.decode(after, (int,))[0])
    rows = list(db.session().scalars(query.order_by(Group.id.desc()).limit(limit + 1)))
    return rows[:limit], cursors.encode(rows[limit - 1].id) if len(rows) > limit else None


def groups_of(actor: Actor, person: Person) -> list[Membership]:
    """The memberships of a person that the actor may see, in the order in which they began."""
    query = select(Membership).join(Group, Group.space_id == Membership.space_id).options(joinedload(Membership.space))
    query = query.where(Membership.person_id == person.id, visible(actor, Membership), visible(actor, Group))
    return list(db.session().scalars(query.where(Group.status.in_(("active", "closed"))).order_by(Membership.id)))


def members(actor: Actor, group: Group, after: str | None = None, limit: int = 100) -> tuple[list[Membership], str | None]:
    """Those who belong to a group, as far as the actor may see them, in the order in which they joined."""
    query = select(Membership).where(Membership.space_id == group.space_id, visible(actor, Membership))
    query = query.options(joinedload(Membership.person))
    if after:
        query = query.where(Membership.id > cursors.decode(after, (int,))[0])
    rows = list(db.session().scalars(query.order_by(Membership.id).limit(limit + 1)))
    return rows[:limit], cursors.encode(rows[limit - 1].id) if len(rows) > limit else None


def officers(group: Group) -> list[Membership]:
    """Chairs, moderators and rapporteurs of a group, for whoever may know of it."""
    query = select(Membership).where(Membership.space_id == group.space_id, Membership.role != "member")
    return list(db.session().scalars(query.options(joinedload(Membership.person)).order_by(Membership.id)))


def membership(group: Group, person_id: int | None) -> Membership | None:
    """The membership of a person in a group."""
    return db.session().scalar(select(Membership).where(Membership.space_id == group.space_id, Membership.person_id == person_id))


def composition(group: Group) -> dict[str, int]:
    """How many members of each stakeholder type a group has ("" for who declared none)."""
    kind = func.coalesce(Person.stakeholder_type, "")
    query = select(kind, func.count()).select_from(Membership).join(Person, Person.id == Membership.person_id)
    rows = db.session().execute(query.where(Membership.space_id == group.space_id).group_by(kind))
    return {row[0]: row[1] for row in rows}


def revisions(group: Group, limit: int = 100) -> list[CharterRevision]:
    """The charters of a group, the newest first."""
    query = select(CharterRevision).where(CharterRevision.group_id == group.id).options(joinedload(CharterRevision.author))
    return list(db.session().scalars(query.order_by(CharterRevision.number.desc()).limit(limit)))


def proposer(actor: Actor) -> Proposer:
    """What the rules ask of somebody who would propose a group."""
    return Proposer(actor.person_id is not None and bool(db.session().scalar(select(verified(actor.person_id)))))


def request_of(group: Group, person_id: int | None) -> JoinRequest | None:
    """The request of a person to join a group, whatever became of it."""
    return db.session().scalar(select(JoinRequest).where(JoinRequest.group_id == group.id, JoinRequest.person_id == person_id))


def get_request(actor: Actor, request_id: int) -> JoinRequest:
    """A request to join.

    Raises:
        NotFound: none such, or not one the actor may see.
    """
    found = db.session().scalar(select(JoinRequest).where(JoinRequest.id == request_id, visible(actor, JoinRequest)))
    if found is None:
        raise NotFound
    return found


def open_requests(actor: Actor, group: Group, limit: int = 100) -> list[JoinRequest]:
    """Those who ask to join a group, in the order in which they asked."""
    query = select(JoinRequest).where(JoinRequest.group_id == group.id, JoinRequest.status == "open", visible(actor, JoinRequest))
    return list(db.session().scalars(query.options(joinedload(JoinRequest.person)).order_by(JoinRequest.id).limit(limit)))


def get_invitation(actor: Actor, invitation_id: int) -> Invitation:
    """An invitation.

    Raises:
        NotFound: none such, or not one the actor may see.
    """
    found = db.session().scalar(select(Invitation).where(Invitation.id == invitation_id, visible(actor, Invitation)))
    if found is None:
        raise NotFound
    return found


def open_invitation(key: str, *, fresh: bool = False) -> Invitation | None:
    """The invitation of a key, as long as it can be accepted."""
    query = select(Invitation).where(Invitation.key == key, Invitation.open()).options(joinedload(Invitation.group))
    return db.session().scalar(query.execution_options(populate_existing=fresh))


def open_invitations(actor: Actor, group: Group) -> list[Invitation]:
    """The invitations of a group that are not answered yet, newest first."""
    query = select(Invitation).where(Invitation.group_id == group.id, Invitation.open(), visible(actor, Invitation))
    query = query.options(joinedload(Invitation.person), joinedload(Invitation.invited_by))
    return list(db.session().scalars(query.order_by(Invitation.id.desc()).limit(200)))


def open_invitations_to(group: Group, person_id: int | None, address: str | None) -> list[Invitation]:
    """Invitations of a group to somebody that can still be accepted."""
    query = select(Invitation).where(Invitation.group_id == group.id, Invitation.status == "open")
    whose = Invitation.person_id == person_id if person_id is not None else Invitation.email == address
    return list(db.session().scalars(query.where(whose)))


def count_open_invitations(group: Group) -> int:
    """How many invitations of a group are not answered yet."""
    return db.session().scalar(select(func.count(Invitation.id)).where(Invitation.group_id == group.id, Invitation.open())) or 0


def own_invitations(actor: Actor) -> list[Invitation]:
    """Invitations to oneself that can still be accepted."""
    if actor.person_id is None:
        return []
    query = select(Invitation).where(Invitation.person_id == actor.person_id, Invitation.open())
    return list(db.session().scalars(query.options(joinedload(Invitation.group).joinedload(Group.space)).order_by(Invitation.id.desc())))


def invitation_to(group: Group, person_id: int | None) -> Invitation | None:
    """The invitation of a person to a group that can still be accepted."""
    if person_id is None:
        return None
    query = select(Invitation).where(Invitation.group_id == group.id, Invitation.person_id == person_id, Invitation.open())
    return db.session().scalar(query.order_by(Invitation.id.desc()).limit(1))


def is_readable(actor: Actor, group: Group) -> bool:
    """Whether the actor may read what is said in a group."""
    return db.session().scalar(select(Space.id).where(Space.id == group.space_id, visible(actor, Space))) is not None


def is_known(actor: Actor, group: Group) -> bool:
    """Whether the actor may (still) know of a group."""
    return db.session().scalar(select(Group.id).where(Group.id == group.id, visible(actor, Group))) is not None


def count_proposed(actor: Actor) -> int:
    """How many proposals the actor may see that are not decided."""
    if actor.person_id is None:
        return 0
    return db.session().scalar(select(func.count(Group.id)).where(Group.status.in_(("proposed", "refused")), visible(actor, Group))) or 0


def roles_of(actor: Actor) -> dict[int, str]:
    """The actor's own roles, by space."""
    query = select(Membership.space_id, Membership.role).where(Membership.person_id == actor.person_id)
    return {row[0]: row[1] for row in db.session().execute(query)} if actor.person_id is not None else {}
