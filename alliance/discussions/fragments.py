"""One post as HTML, the same for every reader: what the page shows and what sockets bring.

Rooms above add to it in two ways, without this room knowing them. A *part* is the same for every reader and stands in
the fragment (the thanks and positions of a post, a poll, attachments). A *mark* is of one reader and stands on the page
only (an unread mark, one's own vote); what sockets bring has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from alliance.core import i18n
from alliance.discussions import queries
from alliance.policy import Actor
from alliance.web import pages

Part = Callable[[Sequence[Row[Any]]], Mapping[int, Markup]]
Mark = Callable[[Actor, Sequence[Row[Any]]], Mapping[int, Markup]]
_parts: dict[str, tuple[int, Part]] = {}
_marks: dict[str, tuple[int, Mark]] = {}


@dataclass(frozen=True, slots=True)
class Fragment:
    """An <article>, and the post it answers."""

    html: str
    parent_id: int | None


def part(name: str, order: int) -> Callable[[Part], Part]:
    """Decorator: `part(posts) -> {post id: HTML}`, the same for every reader, in the present language.

    Asked once for all posts of a page. Whoever changes what it shows calls `counters.touch(post_id)` in the same
    transaction, from which every kept fragment learns that it is old.
    """

    def register(function: Part) -> Part:
        _parts[name] = (order, function)
        return function

    return register


def mark(name: str, order: int) -> Callable[[Mark], Mark]:
    """Decorator: `mark(actor, posts) -> {post id: HTML}` of what is this reader's own, for people who are signed in."""

    def register(function: Mark) -> Mark:
        _marks[name] = (order, function)
        return function

    return register


def parts_of(posts: Sequence[Row[Any]]) -> dict[int, Markup]:
    """What the rooms above add to posts, for every reader."""
    return _joined([function(posts) for _order, function in sorted(_parts.values(), key=lambda one: one[0])], posts)


def marks_of(actor: Actor, posts: Sequence[Row[Any]]) -> dict[int, Markup]:
    """What the rooms above add to posts for one reader."""
    if not actor.is_authenticated:
        return {}
    return _joined([function(actor, posts) for _order, function in sorted(_marks.values(), key=lambda one: one[0])], posts)


def _joined(found: Sequence[Mapping[int, Markup]], posts: Sequence[Row[Any]]) -> dict[int, Markup]:
    return {post.id: Markup("").join(one[post.id] for one in found if post.id in one) for post in posts}


def post_fragment(post_id: int, language: str) -> Fragment | None:
    """A post as everybody sees it (the text of a hidden or withdrawn one is not in it), with labels in a language."""
    row = queries.post_row(post_id)
    if row is None:
        return None
    with i18n.use_locale(language):
        parts = parts_of([row])
        html = pages.fragment("discussions/_post.html", post=row, mine=False, part=parts.get(row.id, ""), own="")
        return Fragment(html, row.parent_id)
