"""Spaces: action lines are open to all readers, working groups as open as they say.

A group is public (all read), open to its members only (its existence is public, what is said there is not), or private
(nobody else is told that it exists). A member who is suspended reads what everybody reads.

A discussion may be closed with a public summary, in any of them: that it exists and what it is called is told to whoever reads
the space; what is said in it is read by the members of the group, in an action line, which has none, by those who speak for an
organization as verified and by moderators, and by the secretariat. To everybody else it is not there (`unclosed`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, not_, or_, select, true
from sqlalchemy.orm import aliased

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees

MODERATING = ("chair", "moderator")
CURATING = (*MODERATING, "rapporteur")


@sees("Space")
def readable(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Spaces whose content the actor may read: public ones, and the groups one is a member of."""
    if actor.is_system:
        return true()
    public: ColumnElement[bool] = model.visibility == "public"
    mine = memberships(actor, model)
    return public if mine is None else or_(public, model.id.in_(mine))


def memberships(actor: Actor, model: Any, roles: tuple[str, ...] = ()) -> Select[Any] | None:
    """The ids of the groups an actor in good standing is a member of (in one of some roles); None where there can be none.

    Asked of the database every time, so that whoever is removed is removed at once, whatever is still open somewhere.
    """
    if actor.person_id is None or actor.suspended or not actor.confirmed:
        return None
    membership = model.memberships.property.mapper.class_
    mine = select(membership.space_id).where(membership.person_id == actor.person_id)
    return mine.where(membership.role.in_(roles)) if roles else mine


def members(space: Any, person: Any) -> ColumnElement[bool]:
    """The same rule asked the other way round: whether `person` (a model), in good standing, is a member of `space` (a model)."""
    membership = space.memberships.property.mapper.class_
    mine = select(membership.id).where(membership.space_id == space.id, membership.person_id == person.id)
    # However deep it stands in a statement, it is about the person and the space of that statement.
    return and_(person.suspended_at.is_(None), person.confirmed_at.is_not(None), mine.correlate_except(membership).exists())


def inside(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Spaces (a model of them) whose closed discussions the actor reads, as far as the actor reads those spaces."""
    if actor.is_secretariat:
        return true()
    mine = memberships(actor, model)
    if mine is None:
        return false()
    line: ColumnElement[bool] = model.kind == "action_line"
    return or_(model.id.in_(mine), line if actor.is_moderator else and_(line, model.verified(actor.person_id)))


def unclosed(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Discussions (a model of them) that are not closed, and closed ones whose readers the actor is one of."""
    if actor.is_secretariat:
        return true()
    free: ColumnElement[bool] = model.confided_at.is_(None)
    space = model.space.property.mapper.class_
    if memberships(actor, space) is None:
        return free
    return or_(free, model.space_id.in_(select(space.id).where(inside(actor, space))))


def insiders(space: Any, person: Any) -> ColumnElement[bool]:
    """The same rule asked the other way round: whether `person` (a model), in good standing, reads the closed discussions of `space` (a model)."""
    standing = and_(person.suspended_at.is_(None), person.confirmed_at.is_not(None))
    line = and_(space.kind == "action_line", or_(person.role == "moderator", space.verified(person.id)))
    return or_(members(space, person), and_(standing, or_(person.role == "secretariat", line)))


def among(discussion: Any, person: Any) -> ColumnElement[bool]:
    """`unclosed` asked the other way round: whether `discussion` (a model) is not closed, or `person` (a model) is one of its readers."""
    clause: ColumnElement[bool] = or_(
        discussion.confided_at.is_(None), discussion.space.has(insiders(discussion.space.property.mapper.class_, person))
    )
    return clause


def told(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Rows of a model that belongs to a discussion (or to a post), or is one, but for those of discussions that are closed to the actor."""
    if actor.is_secretariat:
        return true()
    if hasattr(model, "confided_at"):
        return unclosed(actor, model)
    if not hasattr(model, "discussion"):
        return or_(model.post_id.is_(None), model.post.has(told(actor, model.post.property.mapper.class_)))
    closed = aliased(model.discussion.property.mapper.class_)
    among = select(closed.id).where(closed.confided_at.is_not(None), not_(unclosed(actor, closed)))
    return or_(model.discussion_id.is_(None), model.discussion_id.not_in(among))


def unsaid(actor: Actor, model: Any, discussion_id: Any, discussion: Any) -> ColumnElement[bool]:
    """Rows of a model with `space_id` and `space` about what is to be said there and is no post yet, but for what is to be said in a
    discussion that is closed to the actor (`discussion_id`, of the model `discussion`), or is to open one where all are closed to the actor.
    """
    if actor.is_secretariat:
        return true()
    closed, space = aliased(discussion), model.space.property.mapper.class_
    among = select(closed.id).where(closed.confided_at.is_not(None), not_(unclosed(actor, closed)))
    spaces = select(space.id).where(space.attribution == "closed", not_(inside(actor, space)))
    opens = and_(discussion_id.is_(None), or_(model.space_id.is_(None), model.space_id.not_in(spaces)))
    return or_(opens, and_(discussion_id.is_not(None), discussion_id.not_in(among)))


def within_readable(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Rows of a model with `space_id` and `space` that lie in a space the actor may read.

    It is a condition on rows found in another way, never the way to find them: `+ 0` keeps databases from walking an
    index space by space, which would cost a list the order of its own index.
    """
    space = model.space.property.mapper.class_
    clause: ColumnElement[bool] = (model.space_id + 0).in_(select(space.id).where(readable(actor, space)))
    return clause


def shown(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Rows of a model with `status` and `space_id` that are visible, or hidden where the actor moderates."""
    visible: ColumnElement[bool] = model.status == "visible"
    if actor.is_moderator:
        both: ColumnElement[bool] = model.status.in_(("visible", "hidden"))
        return both
    mine = memberships(actor, model.space.property.mapper.class_, MODERATING)
    return visible if mine is None else or_(visible, and_(model.status == "hidden", model.space_id.in_(mine)))


def within_moderated(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Rows of a model with `space_id` and `space` that lie where the actor keeps order: in readable spaces (but for discussions closed to
    the actor), or in the groups one is asked to.
    """
    if actor.is_moderator:
        return and_(within_readable(actor, model), told(actor, model))
    mine = memberships(actor, model.space.property.mapper.class_, MODERATING)
    return false() if mine is None else (model.space_id + 0).in_(mine)


def keepers(model: Any) -> ColumnElement[bool]:
    """Rows of a model with `space_id` and `person_id` about somebody who keeps order in that very group."""
    membership = model.space.property.mapper.class_.memberships.property.mapper.class_
    mine = select(membership.id).where(membership.space_id == model.space_id, membership.person_id == model.person_id)
    return mine.where(membership.role.in_(MODERATING)).exists()


def role(actor: Actor, space: Any) -> str | None:
    """The role of an actor in a space: chair, moderator, rapporteur, member; None for whoever is no member in good standing."""
    if actor.person_id is None or actor.suspended or not actor.confirmed:
        return None
    found: str | None = space.role_of(actor.person_id)
    return found


def moderates(actor: Actor, space: Any) -> bool:
    """Whether an actor may keep order in a space (which the actor can see)."""
    return actor.is_moderator or role(actor, space) in MODERATING


def curates(actor: Actor, space: Any) -> bool:
    """Whether an actor may say what matters in a space (which the actor can see): who keeps order there, and a group's rapporteur."""
    return actor.is_moderator or role(actor, space) in CURATING


def is_open(space: Any) -> bool:
    """Whether anything can still be said or changed in a space: a group that is closed is an archive."""
    return space.closed_at is None


def may_post(actor: Actor, space: Any) -> bool:
    """Whether an actor may say something in a space, as far as the space is concerned."""
    if actor.is_system:
        return True
    if not is_open(space):
        return False
    if space.posting == "everyone":
        return True
    mine = role(actor, space)
    if space.posting == "verified":
        return mine in MODERATING or (actor.person_id is not None and bool(space.is_verified(actor.person_id)))
    return mine == "chair" if space.posting == "chairs" else mine is not None and space.posting == "members"


@action("space.edit", "admin")
def edit(actor: Actor, space: Any) -> bool:
    """Only the secretariat may change the texts of a space."""
    return actor.is_secretariat


@action("space.attribute", "admin")
def attribute(actor: Actor, space: Any) -> bool:
    """Only the secretariat may choose how an action line shows its authors; a working group chooses in its settings."""
    line = space is None or space.kind == "action_line"
    return line and actor.is_secretariat and actor.may_act
