"""Straw polls in posts. What a secret poll has brought so far is for nobody, moderators and its maker included."""

from __future__ import annotations

from typing import Any

from alliance.policy.actor import Actor
from alliance.policy.post import wrote
from alliance.policy.sheet import action
from alliance.policy.space import is_open


@action("poll.make")
def make(actor: Actor, post: Any) -> bool:
    """Only the author of a post may put a poll into it, change it while nobody has voted, or close it."""
    mine = actor.may_act and wrote(actor, post)
    return post.status in {"visible", "held"} and (actor.is_system or (mine and is_open(post.discussion.space)))


@action("poll.vote")
def vote(actor: Actor, post: Any) -> bool:
    """To vote, sign in with a confirmed address and an account in good standing; a lock stops replies, not votes."""
    return actor.is_authenticated and actor.may_act and post.status == "visible" and is_open(post.discussion.space)
