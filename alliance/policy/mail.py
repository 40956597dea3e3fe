"""Mail that came in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import moderates, unsaid, within_moderated


@sees("IncomingMail")
def _incoming(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own mails and what became of them; those held for a space, and what moderators decided about such, also for those who moderate there."""
    mine = model.person_id == actor.person_id if actor.person_id is not None else false()
    if actor.is_system:
        return true()
    held = or_(model.status == "held", model.decided_by.is_not(None))
    return or_(mine, and_(held, within_moderated(actor, model), _unsaid(actor, model)))


def _unsaid(actor: Actor, model: Any) -> ColumnElement[bool]:
    return unsaid(actor, model, model.discussion_id, model.discussion.property.mapper.class_)


@action("mail.choose")
def choose(actor: Actor, _thing: Any) -> bool:
    """To choose what one gets by e-mail, sign in."""
    return actor.is_authenticated


@action("mail.decide", "moderate")
def decide(actor: Actor, mail: Any) -> bool:
    """Only those who moderate there may let held mail through or refuse it, and not their own."""
    keeps = actor.is_moderator or (mail.space is not None and moderates(actor, mail.space))
    return keeps and actor.may_act and mail.person_id != actor.person_id


@action("mail.preview", "admin")
def preview(actor: Actor, _thing: Any) -> bool:
    """Only the secretariat may look at the weekly e-mail of others and send a test."""
    return actor.is_secretariat
