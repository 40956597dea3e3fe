"""Spaces: action lines are open to all readers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees


@sees("Space")
def readable(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Spaces whose content the actor may read."""
    clause: ColumnElement[bool] = model.visibility == "public"
    return clause


def within_readable(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Rows of a model with `space_id` and `space` that lie in a space the actor may read.

    It is a condition on rows found in another way, never the way to find them: `+ 0` keeps databases from walking an
    index space by space, which would cost a list the order of its own index.
    """
    space = model.space.property.mapper.class_
    clause: ColumnElement[bool] = (model.space_id + 0).in_(select(space.id).where(readable(actor, space)))
    return clause


@action("space.edit")
def edit(actor: Actor, space: Any) -> bool:
    """Only the secretariat may change the texts of a space."""
    return actor.is_secretariat and actor.allows("admin")
