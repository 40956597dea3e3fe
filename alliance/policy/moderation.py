"""The review queue and the log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, true

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import within_readable


@sees("Flag")
def _flags(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Flags are for moderators."""
    return true() if actor.is_moderator else false()


@sees("LogEntry")
def _log(actor: Actor, model: Any) -> ColumnElement[bool]:
    """The public moderation log, of what happened in readable spaces."""
    return within_readable(actor, model)


@action("moderation.review")
def review(actor: Actor, _thing: Any) -> bool:
    """The review queue is open to moderators."""
    return actor.is_moderator


@action("moderation.decide")
def decide(actor: Actor, _thing: Any) -> bool:
    """Only moderators may decide what is in the review queue."""
    return actor.is_moderator and actor.may_act


@action("system.failures")
def failures(actor: Actor, _thing: Any) -> bool:
    """Only the secretariat may see and retry what the system could not deliver."""
    return actor.is_secretariat and actor.allows("admin")
