"""Organizations, affiliations, people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees


@sees("Organization")
def _organizations(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Every organization."""
    return true()


@sees("Affiliation")
def _affiliations(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Who speaks for whom: declared and verified; refused ones only for oneself and the secretariat."""
    if actor.is_secretariat:
        return true()
    shown = model.status != "refused"
    return or_(shown, model.person_id == actor.person_id) if actor.person_id else shown


@sees("Person")
def _people(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Confirmed people, and the unclaimed authors of imported posts; oneself always."""
    shown = or_(model.confirmed_at.is_not(None), model.claimed.is_(False))
    nameless = model.participant.is_not(None)  # who only stands for somebody in one discussion
    return and_(~nameless, or_(shown, model.id == actor.person_id) if actor.person_id else shown)


@sees("Notification")
def _notifications(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own notifications."""
    return and_(model.person_id == actor.person_id) if actor.person_id else false()


@action("affiliation.declare")
def declare(actor: Actor, _thing: Any) -> bool:
    """To declare an affiliation, sign in with a confirmed address and an account in good standing."""
    return actor.may_act


@action("affiliation.verify", "admin")
def verify(actor: Actor, _affiliation: Any) -> bool:
    """Only the secretariat may verify or refuse an affiliation."""
    return actor.is_secretariat and actor.may_act
