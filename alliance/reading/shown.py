"""What the pages of lower rooms show of it to a person signed in: unread posts, where the next one is, and how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g
from markupsafe import Markup
from sqlalchemy import Row

from alliance.discussions import fragments
from alliance.policy import Actor
from alliance.reading import queries
from alliance.reading.numbers import Numbers
from alliance.reading.queries import State
from alliance.web import current_actor, pages

_BETWEEN = "<!--next-->"


def _state(discussion_id: int) -> State | None:
    """Asked once in a request, however many parts of the page want to know."""
    known: dict[int, State | None] = g.setdefault("reading", {})
    if discussion_id not in known:
        known[discussion_id] = queries.state(current_actor(), discussion_id)
    return known[discussion_id]


@fragments.mark("unread", 10)
def unread_marks(actor: Actor, posts: Sequence[Row[Any]]) -> Mapping[int, Markup]:
    """The word "unread" on a post, with the ways to the next and the one before."""
    state = _state(posts[0].discussion_id) if posts else None
    if state is None:
        return {}
    marked = [post for post in posts if post.status == "visible"]
    # Rendered together and taken apart again: a template for each of thirty posts would be the dearest part of the page.
    pieces = pages.markup("reading/_marks.html", posts=marked, read=state.read).split(_BETWEEN)
    return dict(zip((post.id for post in marked), pieces, strict=False))


@pages.section("discussion.head", 10)
@pages.section("posts.head", 10)
def head(discussion: Any, page: Any = None, **_more: Any) -> Markup:
    """How much of a discussion is unread, the way to the first, and the forms that mark it."""
    state = _state(discussion.id) if current_actor().is_authenticated else None
    if state is None:
        return Markup()
    shown = Numbers.of(post.number for post in page.posts) if page is not None else Numbers()
    return pages.markup(
        "reading/_head.html", discussion=discussion, state=state, shown=str(shown), new=len(shown - state.read - state.gone)
    )


@pages.section("space.side", 10)
def side(space: Any, **_more: Any) -> Markup:
    """How much is unread in the discussions of a space that one has opened."""
    if not current_actor().is_authenticated:
        return Markup()
    unread = queries.by_space(current_actor(), space.id).get(space.id, 0)
    return pages.markup("reading/_space.html", unread=unread) if unread else Markup()


@pages.provide("unread_in")
def unread_in(discussions: Sequence[Any]) -> dict[int, int]:
    """How many posts are unread in each discussion of a list, of those one has opened; one query for all of them."""
    found = queries.states(current_actor(), [one.id for one in discussions])
    return {key: state.unread for key, state in found.items() if state.opened}


@pages.provide("unread_spaces")
def unread_spaces() -> dict[int, int]:
    """How many posts are unread in each space, in the discussions one has opened."""
    return queries.by_space(current_actor())
