"""Drafts: nobody sees what another is writing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees


@sees("Draft")
def own(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own drafts."""
    clause: ColumnElement[bool] = model.person_id == actor.person_id if actor.person_id else false()
    return clause


@action("draft.write")
def write(actor: Actor, _thing: Any) -> bool:
    """To keep a draft, sign in."""
    return actor.is_authenticated
