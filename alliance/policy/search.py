"""Saved searches."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees


@sees("SavedSearch")
def _own(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own saved searches."""
    clause: ColumnElement[bool] = model.person_id == actor.person_id if actor.person_id else false()
    return clause


@action("search.save")
def save(actor: Actor, _thing: Any) -> bool:
    """To save searches, sign in with a confirmed address and an account in good standing."""
    return actor.is_authenticated and actor.may_act
