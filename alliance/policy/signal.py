"""Signals: thanks, and positions. What was given stays when its giver is suspended; only giving and taking back stop."""

from __future__ import annotations

from typing import Any

from alliance.policy.actor import Actor
from alliance.policy.discussion import is_free
from alliance.policy.post import wrote
from alliance.policy.sheet import action
from alliance.policy.space import is_open


@action("signal.thank")
def thank(actor: Actor, post: Any) -> bool:
    """To thank for a post, sign in with a confirmed address and an account in good standing; nobody thanks for their own post."""
    return _person(actor) and _answerable(post) and not wrote(actor, post)


@action("signal.position")
def position(actor: Actor, post: Any) -> bool:
    """To take a position, sign in with a confirmed address and an account in good standing; in a locked discussion positions stay as they are."""
    return _person(actor) and _answerable(post) and is_free(post.discussion)


def _person(actor: Actor) -> bool:
    return actor.is_authenticated and actor.may_act


def _answerable(post: Any) -> bool:
    return post.status == "visible" and is_open(post.discussion.space)
