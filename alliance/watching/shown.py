"""What the pages of lower rooms show of it to a person signed in: how much they hear of it, and their bookmarks."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from alliance.core import i18n
from alliance.discussions import fragments
from alliance.discussions.facts import Facts, facts_of
from alliance.policy import Actor
from alliance.watching import queries
from alliance.watching.models import LEVELS
from alliance.watching.views import LABELS, NOW
from alliance.web import current_actor, outlines, pages
from alliance.web.outlines import TOKEN

_POST, _DISCUSSION, _SLUG, _SPACE = "@post@", "@discussion@", "@slug@", "@space@"


@pages.section("discussion.side", 50)
def discussion_side(discussion: Any, **_more: Any) -> Markup:
    """How much one hears of a discussion, and the bookmark of it."""
    return outlines.own("watching.discussion", discussion=facts_of(discussion)) if current_actor().is_authenticated else Markup()


@outlines.filler("watching.discussion")
def of_discussion(discussion: Facts) -> Markup:
    """One's level and bookmark of a discussion."""
    level = queries.level(current_actor(), discussion)
    made = _discussion(i18n.current_locale(), replace(level, bookmark_id=1 if level.bookmark_id else None))
    made = made.replace(_DISCUSSION, str(discussion.id)).replace(_SLUG, discussion.slug).replace(TOKEN, outlines.token())
    return Markup(made)  # noqa: S704 - made by a template, which escapes


@functools.lru_cache(maxsize=200)
def _discussion(_language: str, level: queries.Level) -> str:
    """The same for every discussion of a level: made once, the numbers are put in."""
    return pages.fragment(
        "watching/_discussion.html", discussion={"id": _DISCUSSION, "slug": _SLUG}, level=level, labels=LABELS, levels=LEVELS, now=NOW, token=TOKEN
    )  # fmt: skip


@pages.section("space.side", 50)
def space_side(space: Any, **_more: Any) -> Markup:
    """How much one hears of the discussions of a space."""
    return outlines.own("watching.space", space_id=space.id, code=space.code) if current_actor().is_authenticated else Markup()


@outlines.filler("watching.space")
def of_space(space_id: int, code: str) -> Markup:
    """One's level of a space."""
    made = _space(i18n.current_locale(), queries.space_level(current_actor(), space_id))
    return Markup(made.replace(_SPACE, code).replace(TOKEN, outlines.token()))  # noqa: S704 - made by a template


@functools.lru_cache(maxsize=100)
def _space(_language: str, level: str | None) -> str:
    return pages.fragment("watching/_space.html", space={"code": _SPACE}, level=level, labels=LABELS, levels=LEVELS, now=NOW, token=TOKEN)


@fragments.mark("bookmark", 80)
def bookmark_buttons(actor: Actor, posts: Sequence[Any]) -> Mapping[int, Markup]:
    """A button on each post, to keep it or no more."""
    shown = [post.id for post in posts if post.status == "visible"]
    if not shown:
        return {}
    kept = queries.bookmarked(actor, shown)
    forms = {yes: _button(i18n.current_locale(), kept=yes) for yes in (True, False)}
    return {post_id: Markup(forms[post_id in kept].replace(_POST, str(post_id))) for post_id in shown}  # noqa: S704 - made by a template


@functools.lru_cache(maxsize=32)
def _button(_language: str, *, kept: bool) -> str:
    """The button for any post: made once, the numbers are put in."""
    return pages.fragment("watching/_mark.html", post_id=_POST, kept=kept)
