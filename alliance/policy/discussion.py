"""Discussions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_

from alliance.core import clock
from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import curates, is_open, may_post, moderates, role, shown, unclosed, within_readable


@sees("Discussion")
def readable(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Discussions of readable spaces; hidden ones only for those who moderate there, closed ones only for those among whom they are closed."""
    return and_(shown(actor, model), within_readable(actor, model), unclosed(actor, model))


def known(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Discussions whose existence and title the actor may be told, with the public summary where they are closed: nothing else of those."""
    return and_(model.status == "visible", model.withheld_title.is_(None), within_readable(actor, model))


def is_over(moment: datetime | None) -> bool:
    """Whether the moment has come at which a discussion closes."""
    return moment is not None and moment <= clock.now()


def is_free(discussion: Any) -> bool:
    """Whether anything can be said or changed in a discussion: it is not locked, and the moment to close has not come."""
    return discussion.locked_at is None and not is_over(discussion.closes_at)


@action("discussion.open")
def open_(actor: Actor, space: Any) -> bool:
    """To open a discussion, sign in with a confirmed address and an account in good standing; a working group may leave it to its members, or to its chairs."""
    return actor.may_act and may_post(actor, space)


@action("discussion.reply")
def reply(actor: Actor, discussion: Any) -> bool:
    """To reply, sign in with a confirmed address and an account in good standing; a locked or closed discussion takes no replies, and a working group may leave them to its members, or to its chairs."""
    free = actor.is_system or is_free(discussion)
    return actor.may_act and discussion.status == "visible" and free and may_post(actor, discussion.space)


@action("discussion.reorder", "moderate")
def reorder(actor: Actor, discussion: Any) -> bool:
    """Only those who moderate there may split, merge or move discussions."""
    return actor.may_act and moderates(actor, discussion.space)


@action("discussion.summarize")
def summarize(actor: Actor, discussion: Any) -> bool:
    """Only moderators, and the chairs, moderators and rapporteurs of a working group, may write the summary of a discussion."""
    return actor.may_act and curates(actor, discussion.space)


@action("discussion.tag")
def tag(actor: Actor, discussion: Any) -> bool:
    """Only moderators, and the chairs, moderators and rapporteurs of a working group, may say which topics a discussion has; its author chooses them when opening it."""
    return actor.may_act and curates(actor, discussion.space)


@action("topic.edit", "admin")
def edit_topics(actor: Actor, _thing: Any) -> bool:
    """Only the secretariat may change the list of topics."""
    return actor.is_secretariat and actor.may_act


@action("discussion.lock", "moderate")
def lock(actor: Actor, discussion: Any) -> bool:
    """Only moderators may lock or unlock a discussion."""
    return actor.may_act and moderates(actor, discussion.space)


@action("discussion.attribute", "moderate")
def attribute(actor: Actor, discussion: Any) -> bool:
    """Only the chairs of a working group (in an action line, moderators) may say whether the authors of a discussion are named, or close it with a public summary."""
    space = discussion.space
    keeps = role(actor, space) == "chair" if space.kind == "group" else moderates(actor, space)
    return actor.may_act and is_open(space) and (keeps or actor.is_system)


@action("discussion.steer", "moderate")
def steer(actor: Actor, discussion: Any) -> bool:
    """Only moderators may slow a discussion down, pin it or have it close on a date."""
    return actor.may_act and moderates(actor, discussion.space)


@action("discussion.answer")
def answer(actor: Actor, discussion: Any) -> bool:
    """Only whoever opened a discussion, or a moderator, may mark a reply as its answer."""
    own = actor.is_authenticated and discussion.writer_id == actor.person_id
    return actor.may_act and discussion.status == "visible" and (own or moderates(actor, discussion.space))
