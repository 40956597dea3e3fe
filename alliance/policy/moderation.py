"""The review queue and the log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import (
    MODERATING,
    keepers,
    memberships,
    moderates,
    readable,
    role,
    told,
    unsaid,
    within_moderated,
    within_readable,
)

OF_CLOSED = ("confide", "unconfide", "summarize", "unsummarize")  # what everybody is told was done about a closed discussion
OF_MAIL = ("approve_mail", "refuse_mail")  # what is done about what is no post yet


@sees("Flag")
def _flags(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Flags are for those who moderate where the post stands."""
    post = model.post.property.mapper.class_
    clause: ColumnElement[bool] = model.post.has(within_moderated(actor, post))
    return clause


@sees("ReviewItem")
def _items(actor: Actor, model: Any) -> ColumnElement[bool]:
    """What waits for a decision, where one moderates; for the secretariat also some kinds that are its alone, appeals, and what is about those who keep order in a closed group."""
    within = within_moderated(actor, model)
    if not actor.is_moderator:
        return and_(within, model.audience == "moderators")
    meant = or_(model.post_id.is_not(None), unsaid(actor, model, model.meant_for_id, model.meant_for.property.mapper.class_))
    everywhere = or_(model.space_id.is_(None), and_(within, meant))
    if not actor.is_secretariat:
        return and_(everywhere, model.audience == "moderators")
    return or_(everywhere, model.audience == "secretariat", model.kind == "appeal", keepers(model))


@sees("LogEntry")
def _log(actor: Actor, model: Any) -> ColumnElement[bool]:
    """The public moderation log: of what happened in readable spaces, and in none, but for what was done within discussions closed to the actor; all of it for the secretariat."""
    if actor.is_secretariat:
        return true()
    about = or_(model.act.in_(OF_CLOSED), and_(told(actor, model), _of_said(actor, model)))
    return or_(model.space_id.is_(None), and_(within_readable(actor, model), about))


def _of_said(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Acts, but for those about mail held for what is closed to the actor."""
    mail = or_(model.act.in_(OF_MAIL), model.detail.in_([f"undid:{act}" for act in OF_MAIL]))
    return or_(not_(mail), unsaid(actor, model, model.discussion_id, model.discussion.property.mapper.class_))


@sees("Measure")
def _measures(actor: Actor, model: Any) -> ColumnElement[bool]:
    """What was decided about oneself; about everybody, for moderators."""
    mine: ColumnElement[bool] = model.person_id == actor.person_id if actor.person_id is not None else false()
    return true() if actor.is_moderator else mine


def kept(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Acts (of the log) where one keeps order; those of no space are for moderators."""
    within = within_moderated(actor, model)
    return or_(model.space_id.is_(None), and_(within, _of_said(actor, model))) if actor.is_moderator else within


def responsible(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Spaces (a model of them) in which one keeps order: those a moderator may read, or the groups one is asked to."""
    if actor.is_moderator:
        return readable(actor, model)
    mine = memberships(actor, model, MODERATING)
    return false() if mine is None else model.id.in_(mine)


@action("moderation.review", "read")
def review(actor: Actor, responsible: Any) -> bool:
    """The review queue is open to moderators, and to those who moderate a working group."""
    return actor.is_moderator or (actor.may_act and bool(responsible))


@action("moderation.decide", "moderate")
def decide(actor: Actor, thing: Any) -> bool:
    """Only those who moderate there may decide about it, and nobody about what they wrote or asked for themselves."""
    space = getattr(thing, "space", None)
    about = getattr(thing, "person_id", None) or getattr(thing, "writer_id", None)
    if about is not None and about == actor.person_id:
        return False
    return actor.may_act and (actor.is_moderator or (space is not None and moderates(actor, space)))


@action("appeal.make")
def appeal(actor: Actor, post: Any) -> bool:
    """Only whoever was decided about, or the author of the post, may appeal against it, also while silenced or suspended."""
    concerned = post.writer_id if hasattr(post, "writer_id") else post.person_id
    return actor.is_authenticated and concerned == actor.person_id


@action("person.moderate", "moderate")
def moderate(actor: Actor, person: Any) -> bool:
    """Only moderators may warn, silence or suspend somebody: never themselves, a moderator only if they are the secretariat, and nobody the secretariat."""
    if not (actor.is_moderator and actor.may_act) or person.id == actor.person_id:
        return False
    return person.role == "participant" or (person.role == "moderator" and actor.is_secretariat)


@action("moderation.people", "read")
def people(actor: Actor, _thing: Any) -> bool:
    """The record of a person is open to moderators."""
    return actor.is_moderator


@action("moderation.configure", "admin")
def configure(actor: Actor, _thing: Any) -> bool:
    """Only the secretariat may change the rules, reasons and limits of moderation."""
    return actor.is_secretariat and actor.may_act


@action("moderation.names", "read")
def names(actor: Actor, entry: Any) -> bool:
    """Who acted, and about whom, is named to moderators, the secretariat and the members of a group; everybody else reads in which role."""
    space = getattr(entry, "space", None)
    return actor.is_moderator or (space is not None and space.kind != "action_line" and role(actor, space) is not None)


@action("moderation.titles", "read")
def titles(actor: Actor, entry: Any) -> bool:
    """The log names a discussion to those who may read it."""
    if entry.discussion is None or not (entry.space.visibility == "public" or role(actor, entry.space) is not None):
        return False
    return entry.discussion.status == "visible" or moderates(actor, entry.space)


@action("system.failures", "admin")
def failures(actor: Actor, _thing: Any) -> bool:
    """Only the secretariat may see and retry what the system could not deliver."""
    return actor.is_secretariat
