"""Mail that came in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import within_readable


@sees("IncomingMail")
def _incoming(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own mails and what became of them; those held for a space one may read, also for moderators."""
    mine = model.person_id == actor.person_id if actor.person_id is not None else false()
    if actor.is_system:
        return true()
    return or_(mine, and_(model.status == "held", within_readable(actor, model))) if actor.is_moderator else mine


@action("mail.choose")
def choose(actor: Actor, _thing: Any) -> bool:
    """To choose what one gets by e-mail, sign in."""
    return actor.is_authenticated and actor.allows("write")


@action("mail.decide")
def decide(actor: Actor, mail: Any) -> bool:
    """Only moderators may let held mail through or refuse it, and not their own."""
    return actor.is_moderator and actor.may_act and mail.person_id != actor.person_id


@action("mail.preview")
def preview(actor: Actor, _thing: Any) -> bool:
    """Only the secretariat may look at the weekly e-mail of others and send a test."""
    return actor.is_secretariat and actor.allows("admin")
