"""What the pages of lower rooms show of it to a person signed in: on the first page, what needs them and what is new to them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from flask import after_this_request
from markupsafe import Markup
from werkzeug.wrappers import Response

from alliance.core import i18n
from alliance.discussions import fragments
from alliance.discussions.facts import Spot
from alliance.moderation import queries as moderation
from alliance.notifications import news, queries, services
from alliance.notifications.views import unread
from alliance.policy import Actor
from alliance.web import current_actor, outlines, pages

FEW = 5


@pages.section("home.head", 10)
def mine(**_more: Any) -> Markup:
    """The place of what needs one, for people signed in."""
    return outlines.own("home.head") if current_actor().is_authenticated else Markup()


@outlines.filler("home.head")
def needs_me() -> Markup:
    """Answers, mentions and what moderators decided that one has not read, what waits for review, and what is new in what one watches."""
    actor = current_actor()
    waiting = queries.notifications(actor, limit=FEW, kinds=("reply", "mention", "moderation"), unread_only=True)[0] if unread() else []
    flags = moderation.waiting(actor) if actor.is_moderator or moderation.is_responsible(actor) else 0
    followed = news.followed(actor)
    if not (waiting or flags or followed):
        return _nothing(i18n.current_locale())
    return pages.markup(
        "notifications/_home.html",
        waiting=waiting,
        flags=flags,
        discussions=followed,
        title_shown=functools.partial(queries.title_shown, actor),
    )


@functools.lru_cache(maxsize=16)
def _nothing(_language: str) -> Markup:
    return Markup(pages.fragment("notifications/_home.html", waiting=[], flags=0, discussions=[]))  # noqa: S704 - made by a template


@fragments.mark("notified", 1)
def opened(actor: Actor, posts: Sequence[Spot]) -> Mapping[int, Markup]:
    """Shows nothing: whoever opens a post has read what they were told of it. Written behind the page, and only if there is anything."""
    ids = queries.unread_of(actor, [post.id for post in posts]) if posts and unread() else []
    if ids:

        @after_this_request
        def mark(response: Response) -> Response:
            services.mark_seen(actor, ids)
            return response

    return {}
