"""What rooms above put into a new post out of the form it was written in (a poll), in the same transaction."""

from __future__ import annotations

from collections.abc import Callable

from alliance.discussions.models import Post
from alliance.policy import Actor

Extra = Callable[[Actor, Post], None]
_extras: list[Extra] = []


def with_new_post(function: Extra) -> Extra:
    """Decorator: called with a post just published from a page; `Invalid` from it takes the post back, and the form is shown again."""
    _extras.append(function)
    return function


def keep(actor: Actor, post: Post) -> None:
    """Inside the transaction in which a post is published: whatever else its form says."""
    for function in _extras:
        function(actor, post)
