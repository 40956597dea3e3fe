"""What the pages of lower rooms show of it to a person signed in: on the first page, what needs them and what is new to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import after_this_request
from markupsafe import Markup
from sqlalchemy import Row
from werkzeug.wrappers import Response

from alliance.discussions import fragments
from alliance.moderation import queries as moderation
from alliance.notifications import news, queries, services
from alliance.notifications.views import unread
from alliance.policy import Actor, can
from alliance.web import current_actor, pages

FEW = 5


@pages.section("home.head", 10)
def needs_me(**_more: Any) -> Markup:
    """Answers and mentions one has not read, what waits for review, and what is new in what one watches."""
    actor = current_actor()
    if not actor.is_authenticated:
        return Markup()
    waiting = queries.notifications(actor, limit=FEW, kinds=("reply", "mention"), unread_only=True)[0] if unread() else []
    flags = moderation.waiting(actor) if can(actor, "moderation.review") else 0
    return pages.markup("notifications/_home.html", waiting=waiting, flags=flags, discussions=news.followed(actor))


@fragments.mark("notified", 1)
def opened(actor: Actor, posts: Sequence[Row[Any]]) -> Mapping[int, Markup]:
    """Shows nothing: whoever opens a post has read what they were told of it. Written behind the page, and only if there is anything."""
    ids = queries.unread_of(actor, [post.id for post in posts]) if posts and unread() else []
    if ids:

        @after_this_request
        def mark(response: Response) -> Response:
            services.mark_seen(actor, ids)
            return response

    return {}
