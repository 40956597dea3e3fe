"""Digests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees


@sees("Digest")
def _visible(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Digests made for the public."""
    clause: ColumnElement[bool] = model.audience == "public"
    return clause


@action("digest.compile")
def compile_(actor: Actor, _thing: Any) -> bool:
    """Only rapporteurs (moderators and the secretariat) may compile a digest."""
    return actor.is_moderator and actor.may_act
