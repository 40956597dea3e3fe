"""What the pages of lower rooms show of it to a person signed in: unread posts, where the next one is, and how many."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import g, request
from markupsafe import Markup, escape

from alliance.core import i18n
from alliance.core.i18n import lazy_gettext as _l
from alliance.discussions import fragments
from alliance.discussions.facts import Facts, facts_of
from alliance.policy import Actor
from alliance.reading import queries
from alliance.reading.numbers import Numbers
from alliance.reading.queries import State
from alliance.web import current_actor, outlines, pages, words
from alliance.web.outlines import TOKEN

words.say(unread=_l("Unread: %%s"))
_NUMBER, _DISCUSSION, _SLUG, _HERE, _SHOWN = "@number@", "@discussion@", "@slug@", "@here@", "@shown@"


def _state(discussion_id: int) -> State | None:
    """Asked once in a request, however many parts of the page want to know."""
    known: dict[int, State | None] = g.setdefault("reading", {})
    if discussion_id not in known:
        known[discussion_id] = queries.state(current_actor(), discussion_id)
    return known[discussion_id]


@fragments.mark("unread", 10)
def unread_marks(actor: Actor, posts: Sequence[Any]) -> Mapping[int, Markup]:
    """The word "unread" on a post, with the ways to the next and the one before."""
    state = _state(posts[0].discussion_id) if posts else None
    if state is None:
        return {}
    language, read = i18n.current_locale(), state.read
    made = {yes: _mark(language, read=yes).replace(_DISCUSSION, str(state.discussion_id)) for yes in (True, False)}
    marked = [post for post in posts if post.status == "visible"]
    return {post.id: Markup(made[post.number in read].replace(_NUMBER, str(post.number))) for post in marked}  # noqa: S704 - of a template


@functools.lru_cache(maxsize=32)
def _mark(_language: str, *, read: bool) -> str:
    """The mark of any post: made once, the numbers are put in."""
    return pages.fragment("reading/_mark.html", number=_NUMBER, discussion_id=_DISCUSSION, read=read)


@outlines.filler("reading.head")
def head(discussion: Facts, numbers: str | None) -> Markup:
    """How much of a discussion is unread, the way to the first, and the forms that mark it; `numbers`: of the posts shown."""
    state = _state(discussion.id)
    if state is None:
        return Markup()
    new = len(Numbers.parse(numbers or "") - state.read - state.gone)
    path = f"/d/{discussion.id}/{discussion.slug}"
    here = request.full_path.rstrip("?") if request.method == "GET" else path
    made = _head(i18n.current_locale(), state.unread, new)
    for name, one in ((_HERE, str(escape(here))), (_DISCUSSION, str(discussion.id)), (_SLUG, discussion.slug), (_SHOWN, numbers or "")):
        made = made.replace(name, one)
    return Markup(made.replace(TOKEN, outlines.token()))  # noqa: S704 - made by a template, which escapes


@functools.lru_cache(maxsize=2000)
def _head(_language: str, unread: int, new: int) -> str:
    return pages.fragment(
        "reading/_head.html", discussion_id=_DISCUSSION, slug=_SLUG, here=_HERE, shown=_SHOWN, token=TOKEN, unread=unread, new=new
    )  # fmt: skip


@pages.section("discussion.head", 10)
@pages.section("posts.head", 10)
def above_posts(discussion: Any, page: Any = None, **_more: Any) -> Markup:
    """The place of `head`, for people signed in."""
    if not current_actor().is_authenticated:
        return Markup()
    numbers = str(Numbers.of(post.number for post in page.posts)) if page is not None else None
    return outlines.own("reading.head", discussion=facts_of(discussion), numbers=numbers)


@pages.section("space.side", 10)
def side(space: Any, **_more: Any) -> Markup:
    """The place of how much is unread in a space, for people signed in."""
    return outlines.own("reading.space", space_id=space.id) if current_actor().is_authenticated else Markup()


@outlines.filler("reading.space")
def in_space(space_id: int) -> Markup:
    """How much is unread in the discussions of a space that one has opened."""
    unread = queries.by_space(current_actor(), space_id).get(space_id, 0)
    return Markup(pages.fragment("reading/_space.html", unread=unread)) if unread else Markup()  # noqa: S704 - made by a template


@pages.provide("unread_marks")
def list_marks(discussions: Sequence[Any]) -> Callable[[Any], Markup]:
    """What gives the marks of a list of discussions: how many posts are unread in those one has opened; one query for all of them."""
    return outlines.several(_list_marks, ids=[one.id for one in discussions])


def _list_marks(ids: Sequence[int]) -> dict[str, str]:
    """By id: the words; by `id-class`: the class of the line."""
    language, found = i18n.current_locale(), queries.states(current_actor(), ids)
    unread = {key: state.unread for key, state in found.items() if state.opened and state.unread}
    marks = {str(key): _unread(language, number) for key, number in unread.items()}
    return marks | {f"{key}-class": " discussion-unread" for key in unread}


@functools.lru_cache(maxsize=1000)
def _unread(_language: str, number: int) -> str:
    return pages.fragment("reading/_unread.html", unread=number)


@pages.provide("unread_spaces")
def unread_spaces() -> dict[int, int]:
    """How many posts are unread in each space, in the discussions one has opened."""
    return queries.by_space(current_actor())
