"""What one watches, keeps and wants to be told: nobody else's business."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false

from alliance.policy.actor import Actor
from alliance.policy.sheet import action, sees


@sees("Watch")
def _watches(actor: Actor, model: Any) -> ColumnElement[bool]:
    """What one has chosen oneself about discussions."""
    return _own(actor, model)


@sees("SpaceWatch")
def _space_watches(actor: Actor, model: Any) -> ColumnElement[bool]:
    """What one has chosen oneself about spaces."""
    return _own(actor, model)


@sees("Bookmark")
def _bookmarks(actor: Actor, model: Any) -> ColumnElement[bool]:
    """One's own bookmarks."""
    return _own(actor, model)


@action("watching.choose")
def choose(actor: Actor, _thing: Any) -> bool:
    """To choose what you watch and what you are told, sign in."""
    return actor.is_authenticated


@action("bookmark.keep")
def keep(actor: Actor, _thing: Any) -> bool:
    """To keep bookmarks, sign in."""
    return actor.is_authenticated


def _own(actor: Actor, model: Any) -> ColumnElement[bool]:
    clause: ColumnElement[bool] = model.person_id == actor.person_id if actor.person_id else false()
    return clause
