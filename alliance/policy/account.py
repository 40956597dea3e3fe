"""Accounts and tokens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees


@sees("ApiToken")
def _tokens(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own API tokens."""
    clause: ColumnElement[bool] = model.person_id == actor.person_id if actor.person_id else false()
    return clause


@sees("SignIn")
def _sign_ins(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own sessions."""
    return _tokens(actor, model)


@sees("SecurityKey")
def _security_keys(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own passkeys and security keys."""
    return _tokens(actor, model)


@sees("LinkedIdentity")
def _linked_identities(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own accounts elsewhere."""
    return _tokens(actor, model)


@sees("SecurityEvent")
def _security_events(actor: Actor, model: Any) -> ColumnElement[bool]:
    """What happened to one's own account."""
    return _tokens(actor, model)


@sees("Archive")
def _archives(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own archives."""
    return _tokens(actor, model)


@action("account.change")
def change(actor: Actor, person: Any) -> bool:
    """An account is changed only by the person it belongs to."""
    return actor.is_system or (actor.is_authenticated and person.id == actor.person_id)


@action("account.administer", "admin")
def administer(actor: Actor, _person: Any) -> bool:
    """Only the secretariat may administer the accounts of others."""
    return actor.is_secretariat and actor.may_act


@action("account.appoint", "admin")
def appoint(actor: Actor, person: Any) -> bool:
    """Only the secretariat may say who moderates and who is of the secretariat: never of themselves."""
    return administer(actor, person) and person.id != actor.person_id
