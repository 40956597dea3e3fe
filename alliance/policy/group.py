"""Working groups: who knows of them, who belongs to them, who runs them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import is_open, memberships, role, within_readable


@sees("Group")
def known(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Groups that are not private; a private or proposed one only for its members, for whom it invites, and for the secretariat."""
    if actor.is_secretariat:
        return true()
    space = model.space.property.mapper.class_
    public: ColumnElement[bool] = (model.space_id + 0).in_(select(space.id).where(space.visibility != "private"))
    mine = memberships(actor, space)
    if mine is None:
        return public
    invitation = model.invitations.property.mapper.class_
    invited = select(invitation.group_id).where(invitation.person_id == actor.person_id, invitation.open())
    return or_(public, model.space_id.in_(mine), model.id.in_(invited))


@sees("Membership")
def _members(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Members of the groups one may read; the chairs of every group one knows of; one's own; all for the secretariat."""
    if actor.is_secretariat:
        return true()
    space = model.space.property.mapper.class_
    chairs = (model.role == "chair") & (model.space_id + 0).in_(select(space.id).where(space.visibility != "private"))
    parts = [within_readable(actor, model), chairs]
    return or_(*parts, model.person_id == actor.person_id) if actor.person_id else or_(*parts)


@sees("JoinRequest")
def _requests(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own requests to join, and those to the groups one chairs."""
    return _own_or_chaired(actor, model)


@sees("Invitation")
def _invitations(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Invitations to oneself, and those of the groups one chairs."""
    return _own_or_chaired(actor, model)


def _own_or_chaired(actor: Actor, model: Any) -> ColumnElement[bool]:
    if actor.is_secretariat:
        return true()
    if actor.person_id is None:
        return false()
    group = model.group.property.mapper.class_
    chaired = memberships(actor, group.space.property.mapper.class_, ("chair",))
    mine: ColumnElement[bool] = model.person_id == actor.person_id
    return mine if chaired is None else or_(mine, model.group_id.in_(select(group.id).where(group.space_id.in_(chaired))))


@action("group.propose")
def propose(actor: Actor, person: Any) -> bool:
    """To propose a working group, speak for an organization, and have the secretariat verify it; the secretariat founds groups itself."""
    return actor.may_act and (actor.is_secretariat or (person is not None and person.is_verified))


@action("group.found", "admin")
def found(actor: Actor, _thing: Any = None) -> bool:
    """Only the secretariat may found a working group, or decide about a proposal."""
    return actor.is_secretariat and actor.may_act


@action("group.settings")
def settings(actor: Actor, group: Any) -> bool:
    """Only the chairs of a working group and the secretariat may change its charter and its settings."""
    return actor.may_act and (actor.is_secretariat or role(actor, group.space) == "chair")


@action("group.summarise")
def summarise(actor: Actor, group: Any) -> bool:
    """Only the chairs of a working group may write the summary that everybody reads of it."""
    return actor.may_act and role(actor, group.space) == "chair"


@action("group.close")
def close(actor: Actor, group: Any) -> bool:
    """Only the chairs of a working group and the secretariat may close it or open it again."""
    return group.status in {"active", "closed"} and settings(actor, group)


@action("group.members")
def members(actor: Actor, group: Any) -> bool:
    """Only the chairs of a working group and the secretariat may invite, admit and remove members, or give them roles."""
    return group.status in {"active", "closed"} and settings(actor, group)


@action("group.join")
def join(actor: Actor, group: Any) -> bool:
    """To join a working group, sign in with a confirmed address and an account in good standing; a closed group takes no members."""
    return _may_enter(actor, group) and group.joining == "open"


@action("group.request")
def request(actor: Actor, group: Any) -> bool:
    """To ask to join a working group, sign in with a confirmed address and an account in good standing; some take members by invitation only."""
    return _may_enter(actor, group) and group.joining == "request"


@action("group.accept")
def accept(actor: Actor, group: Any) -> bool:
    """To accept an invitation, sign in with a confirmed address and an account in good standing; a closed group takes no members."""
    return _may_enter(actor, group)


@action("group.leave")
def leave(actor: Actor, group: Any) -> bool:
    """Only a member may leave a working group."""
    return actor.is_authenticated and group.space.role_of(actor.person_id) is not None


def _may_enter(actor: Actor, group: Any) -> bool:
    """Whether an actor is of those who could become a member now."""
    fit = actor.is_authenticated and actor.may_act and group.status == "active" and is_open(group.space)
    return fit and role(actor, group.space) is None
