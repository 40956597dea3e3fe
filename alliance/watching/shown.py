"""What the pages of lower rooms show of it to a person signed in: how much they hear of it, and their bookmarks."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from sqlalchemy import Row

from alliance.core import i18n
from alliance.discussions import fragments
from alliance.policy import Actor
from alliance.watching import queries
from alliance.watching.models import LEVELS
from alliance.watching.views import LABELS, NOW
from alliance.web import current_actor, pages

_POST, _TOKEN = "@post@", "@token@"


@pages.section("discussion.side", 50)
def discussion_side(discussion: Any, **_more: Any) -> Markup:
    """How much one hears of a discussion, and the bookmark of it."""
    if not current_actor().is_authenticated:
        return Markup()
    level = queries.level(current_actor(), discussion)
    return pages.markup("watching/_discussion.html", discussion=discussion, level=level, labels=LABELS, levels=LEVELS, now=NOW)


@pages.section("space.side", 50)
def space_side(space: Any, **_more: Any) -> Markup:
    """How much one hears of the discussions of a space."""
    if not current_actor().is_authenticated:
        return Markup()
    level = queries.space_level(current_actor(), space.id)
    return pages.markup("watching/_space.html", space=space, level=level, labels=LABELS, levels=LEVELS, now=NOW)


@fragments.mark("bookmark", 80)
def bookmark_buttons(actor: Actor, posts: Sequence[Row[Any]]) -> Mapping[int, Markup]:
    """A button on each post, to keep it or no more."""
    shown = [post.id for post in posts if post.status == "visible"]
    if not shown:
        return {}
    kept = queries.bookmarked(actor, shown)
    language, token = i18n.current_locale(), generate_csrf()
    forms = {yes: _form(language, kept=yes).replace(_TOKEN, token) for yes in (True, False)}
    return {post_id: Markup(forms[post_id in kept].replace(_POST, str(post_id))) for post_id in shown}  # noqa: S704 - made by a template


@functools.lru_cache(maxsize=32)
def _form(_language: str, *, kept: bool) -> str:
    """The button for any post: made once, the numbers are put in."""
    return pages.fragment("watching/_mark.html", post_id=_POST, token=_TOKEN, kept=kept)
