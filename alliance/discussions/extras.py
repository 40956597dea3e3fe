"""What rooms above put into a post (a poll): out of the form it was written in, in the same transaction; and as plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from alliance.discussions.models import Post
from alliance.policy import Actor

Extra = Callable[[Actor, Post], None]
Head = Callable[[Any], str]
Text = Callable[[Sequence[Row[Any]]], Mapping[int, str]]
_extras: list[Extra] = []
_texts: list[Text] = []
_heads: list[Head] = []


def with_new_post(function: Extra) -> Extra:
    """Decorator: called with a post just published from a page; `Invalid` from it takes the post back, and the form is shown again."""
    _extras.append(function)
    return function


def keep(actor: Actor, post: Post) -> None:
    """Inside the transaction in which a post is published: whatever else its form says."""
    for function in _extras:
        function(actor, post)


def as_text(function: Text) -> Text:
    """Decorator: `function(posts) -> {post id: plain text}`, the same for every reader; asked once for many posts."""
    _texts.append(function)
    return function


def above_text(function: Head) -> Head:
    """Decorator: `function(discussion) -> plain text` that stands above the posts where a discussion is read as plain text."""
    _heads.append(function)
    return function


def heads(discussion: Any) -> str:
    """What stands above the posts of a discussion read as plain text."""
    return "".join(f"{said}\n\n" for said in (function(discussion) for function in _heads) if said)


def texts(posts: Sequence[Row[Any]]) -> dict[int, str]:
    """What stands below the texts of posts where a discussion is read as plain text."""
    found = [function(posts) for function in _texts]
    return {post.id: "\n".join(one[post.id] for one in found if post.id in one) for post in posts}
