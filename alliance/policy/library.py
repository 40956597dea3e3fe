"""The documents and links of working groups: read by who reads the group, kept by those who run it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import CURATING, is_open, moderates, role, within_readable


@sees("LibraryItem")
def _items(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Documents and links of the groups one may read."""
    return within_readable(actor, model)


@action("library.keep")
def keep(actor: Actor, space: Any) -> bool:
    """Only chairs, moderators and rapporteurs of a working group may add to its documents and links, or change them."""
    return actor.may_act and is_open(space) and role(actor, space) in CURATING


@action("library.remove", "moderate")
def remove(actor: Actor, space: Any) -> bool:
    """Only chairs and moderators of a working group and moderators of the platform may take a file away from its documents."""
    return actor.may_act and space.kind == "group" and moderates(actor, space)
