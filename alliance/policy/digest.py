"""Digests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees
from alliance.policy.space import within_readable


@sees("Digest")
def _visible(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Digests made for the public; one of a space that is public no more only for who may read the space."""
    return and_(model.audience == "public", or_(model.space_id.is_(None), within_readable(actor, model)))


@action("digest.compile")
def compile_(actor: Actor, _thing: Any) -> bool:
    """Only rapporteurs (moderators and the secretariat) may compile a digest."""
    return actor.is_moderator and actor.may_act
