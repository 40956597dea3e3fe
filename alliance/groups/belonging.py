"""Becoming a member of a group, and ceasing to be one: whatever a membership opened is shut in the same transaction."""

from __future__ import annotations

from sqlalchemy import delete, func, or_, select, update

from alliance import events
from alliance.accounts.models import Person
from alliance.core import clock, db, outbox, text
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.groups import checks, queries
from alliance.groups.models import ROLES, Group, Invitation, JoinRequest, Membership
from alliance.policy import Actor, require

MAX_STATEMENT = 1000


def join(actor: Actor, group: Group) -> None:
    """Become a member of a group that is open to all who want to.

    Raises:
        Refused, NotFound: nothing is changed.
    """
    with db.transaction():
        held = queries.hold(actor, group.id)
        require(actor, "group.join", held)
        admit(held, actor.person_id)


def admit(group: Group, person_id: int | None, role: str = "member") -> None:
    """Inside a transaction, the group held: make somebody a member (once); open requests and invitations are answered with it."""
    session = db.session()
    if queries.membership(group, person_id) is not None:
        return
    session.add(Membership(space_id=group.space_id, person_id=person_id, role=role, joined_at=clock.now()))
    group.members_count += 1
    session.flush()
    for model in (JoinRequest, Invitation):
        open_ones = (model.group_id == group.id) & (model.person_id == person_id) & (model.status == "open")
        session.execute(update(model).where(open_ones).values(status="accepted"))
    outbox.publish(events.MembershipChanged(group.space_id, person_id or 0))


def ask(actor: Actor, group: Group, statement: str) -> JoinRequest:
    """Ask to be admitted, and say why; asking again while it is not decided changes the statement.

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
    """
    words = text.storable(statement.strip())
    if text.is_blank(words) or len(words) > MAX_STATEMENT:
        raise Invalid.field("statement", _("Say in 1 to %(most)s characters why you want to take part.", most=MAX_STATEMENT))
    with db.transaction() as session:
        held = queries.hold(actor, group.id)
        require(actor, "group.request", held)
        found = queries.request_of(held, actor.person_id) or JoinRequest(group_id=held.id, person_id=actor.person_id, status="")
        is_new = found.status != "open"
        found.statement = words
        if is_new:
            found.status, found.answer, found.created_at = "open", "", clock.now()
            found.decided_by_id = found.decided_at = None
        session.add(found)
        session.flush()
        if is_new:
            outbox.publish(events.JoinRequested(found.id))
    return found


def take_back(actor: Actor, group: Group) -> None:
    """Ask no more."""
    with db.transaction():
        found = queries.request_of(group, actor.person_id)
        if found is not None and found.status == "open":
            found.status = "withdrawn"


def answer(actor: Actor, request_id: int, *, admitted: bool, reason: str = "") -> JoinRequest:
    """Admit somebody who asked, or decline (with a reason).

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
        Conflict: it was decided or taken back meanwhile.
    """
    line = checks.check_reason(reason, needed=not admitted)
    with db.transaction():
        found = queries.get_request(actor, request_id)
        held = queries.hold(actor, found.group_id)
        require(actor, "group.members", held)
        if found.status != "open":
            raise Conflict(_("This request has been decided already, or was taken back."))
        found.status, found.answer = "accepted" if admitted else "declined", line
        found.decided_by_id, found.decided_at = actor.person_id, clock.now()
        if admitted:
            admit(held, found.person_id)
        outbox.publish(events.JoinDecided(found.id))
    return found


def appoint(actor: Actor, group: Group, person: Person, role: str) -> None:
    """The secretariat makes somebody a member, perhaps itself; all members see it.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    _check_role(role)
    with db.transaction():
        held = queries.hold(actor, group.id)
        require(actor, "group.members", held)
        require(actor, "group.found", held)
        if person.confirmed_at is None or not person.claimed:
            raise Invalid.field("handle", _("This person has no account that could be used."))
        if queries.membership(held, person.id) is None:
            admit(held, person.id, role)
        else:
            _give(held, person.id, role)


def set_role(actor: Actor, group: Group, person_id: int, role: str) -> None:
    """Give a member another role.

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
    """
    _check_role(role)
    with db.transaction():
        held = queries.hold(actor, group.id)
        require(actor, "group.members", held)
        _give(held, person_id, role)


def _give(group: Group, person_id: int, role: str) -> None:
    found = queries.membership(group, person_id)
    if found is None:
        raise NotFound
    if found.role != role:
        found.role = role
        outbox.publish(events.MembershipChanged(group.space_id, person_id))


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise Invalid.field("role", _("Choose a role from the list."))


def leave(actor: Actor, group: Group) -> None:
    """Cease to be a member.

    Raises:
        Refused, NotFound: nothing is changed.
    """
    with db.transaction():
        held = queries.hold(actor, group.id)
        require(actor, "group.leave", held)
        _end(held, actor.person_id)


def remove(actor: Actor, group: Group, person_id: int) -> None:
    """Take a membership away.

    Raises:
        Refused, NotFound: nothing is changed.
    """
    with db.transaction():
        held = queries.hold(actor, group.id)
        require(actor, "group.members", held)
        _end(held, person_id)
        _uninvite(held, person_id)


def forget(person_id: int) -> None:
    """End every membership of somebody who closed their account, one group after the other; also where that leaves it without a chair."""
    spaces = db.session().scalars(select(Membership.space_id).where(Membership.person_id == person_id).order_by(Membership.space_id)).all()
    for space_id in spaces:
        with db.transaction() as session:
            group_id = session.scalar(select(Group.id).where(Group.space_id == space_id))
            if group_id is not None:
                _end(queries.hold(Actor.system(), group_id), person_id)
            else:
                session.execute(delete(Membership).where(Membership.space_id == space_id, Membership.person_id == person_id))
                outbox.publish(events.MembershipChanged(space_id, person_id))


def _uninvite(group: Group, person_id: int) -> None:
    """Whoever is removed does not come back by an invitation from before."""
    session = db.session()
    address = session.scalar(select(Person.email).where(Person.id == person_id))
    theirs = or_(Invitation.person_id == person_id, func.lower(Invitation.email) == (address or "").lower())
    session.execute(update(Invitation).where(Invitation.group_id == group.id, Invitation.status == "open", theirs).values(status="revoked"))


def _end(group: Group, person_id: int | None) -> None:
    session = db.session()
    mine = (Membership.space_id == group.space_id) & (Membership.person_id == person_id)
    if not session.execute(delete(Membership).where(mine)).rowcount:  # type: ignore[attr-defined]
        raise NotFound
    group.members_count -= 1
    session.info.pop("standings", None)
    outbox.publish(events.MembershipChanged(group.space_id, person_id or 0))
