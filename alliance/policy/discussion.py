"""Discussions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import within_readable


@sees("Discussion")
def readable(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Discussions of readable spaces; hidden ones only for moderators."""
    statuses = ("visible", "hidden") if actor.is_moderator else ("visible",)
    return and_(model.status.in_(statuses), within_readable(actor, model))


@action("discussion.open")
def open_(actor: Actor, space: Any) -> bool:
    """To open a discussion, sign in with a confirmed address and an account in good standing."""
    return actor.may_act and space.posting == "everyone"


@action("discussion.reply")
def reply(actor: Actor, discussion: Any) -> bool:
    """To reply, sign in with a confirmed address and an account in good standing; a locked discussion takes no replies."""
    return actor.may_act and discussion.status == "visible" and (discussion.locked_at is None or actor.is_system)


@action("discussion.lock")
def lock(actor: Actor, discussion: Any) -> bool:
    """Only moderators may lock or unlock a discussion."""
    return actor.is_moderator and actor.may_act
