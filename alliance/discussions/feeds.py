"""What programs read of discussions: Atom feeds, the map of the site, what crawlers may read."""

from __future__ import annotations

from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from alliance.core import clock
from alliance.discussions import queries
from alliance.discussions.views import address, bp
from alliance.groups import queries as groups
from alliance.web import current_actor, pages


@bp.get("/feeds/<code>.atom")
def space_feed(code: str) -> Response:
    """The newest posts of a space."""
    found = groups.get_space(current_actor(), code)
    rows = queries.newest_posts(current_actor(), space=found)
    return _feed(f"space:{code}", found.title("en"), url_for("discussions.space", code=code), rows)


@bp.get("/feeds/discussion/<int:discussion_id>.atom")
def discussion_feed(discussion_id: int) -> Response:
    """The newest posts of a discussion."""
    found = queries.get_discussion(current_actor(), discussion_id)
    rows = queries.newest_posts(current_actor(), discussion=found)
    return _feed(f"discussion:{found.id}", found.title, address(found), rows)


def _feed(name: str, title: str, path: str, rows: list[Any]) -> Response:
    updated = rows[0].created_at if rows else clock.now()
    body = pages.render("discussions/feed.xml", name=name, title=title, path=path, posts=rows, updated=updated)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every public discussion."""
    return Response(pages.render("discussions/sitemap.xml", discussions=queries.addresses()), content_type="application/xml")


@bp.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read."""
    return Response(pages.render("discussions/robots.txt"), content_type="text/plain; charset=utf-8")
