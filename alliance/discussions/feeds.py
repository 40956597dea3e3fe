"""What programs read of discussions: Atom feeds (RFC 4287), the map of the site, what crawlers may read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import request
from sqlalchemy import Row
from werkzeug.wrappers import Response

from alliance.core import settings
from alliance.core.errors import NotFound
from alliance.core.i18n import current_locale
from alliance.discussions import knowing, queries, topics
from alliance.discussions.views import address, bp
from alliance.groups import queries as groups
from alliance.web import current_actor, kept, pages

_LOCAL = re.compile(r'\b(href|src)="(?=/(?!/)|#)')
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

BEGAN = datetime(2006, 3, 16, tzinfo=UTC)  # when what has no entry was last updated: before the first


@dataclass(frozen=True, slots=True)
class Feed:
    """What stands at the head of a feed.

    Attributes:
        name: tells it from other feeds, for ever.
        title: as shown, in `language`.
        path: the page it belongs to.
        began: when it was updated, as long as it has no entry.
        discussion, space: the one it is of, if it is of one.
    """

    name: str
    title: str
    path: str
    began: datetime
    language: str | None = None
    discussion: Any = None
    space: Any = None


@bp.get("/feeds/<code>.atom")
def space_feed(code: str) -> Response:
    """The newest posts of a space."""
    kept.keep(queries.ALL)
    found = groups.get_space(current_actor(), code)
    language = current_locale()
    feed = Feed(f"space:{code}", found.title(language), found.path, BEGAN, language, space=found)
    return answer(feed, queries.newest_posts(current_actor(), space=found))


@bp.get("/feeds/topics/<key>.atom")
def topic_feed(key: str) -> Response:
    """The newest posts in discussions of a topic."""
    kept.keep(queries.ALL)
    topic = topics.by_key(key)
    if topic is None:
        raise NotFound
    language = current_locale()
    feed = Feed(f"topic:{key}", topic.label(language), f"/latest?topic={key}", BEGAN, language)
    return answer(feed, queries.newest_posts(current_actor(), topic_id=topic.id))


@bp.get("/feeds/discussion/<int:discussion_id>.atom")
def discussion_feed(discussion_id: int) -> Response:
    """The newest posts of a discussion."""
    kept.keep(queries.DISCUSSION, discussion_id)
    found, whole = knowing.get_summarized(current_actor(), discussion_id)
    feed = Feed(f"discussion:{found.id}", found.title, address(found), found.created_at, found.language, found)
    return answer(feed, queries.newest_posts(current_actor(), discussion=found) if whole else [])


def answer(feed: Feed, rows: Sequence[Row[Any]]) -> Response:
    """A feed of posts, newest first; 304 to whoever has it already."""
    updated = max([row.edited_at or row.created_at for row in rows], default=feed.began)
    body = pages.render(
        "discussions/feed.xml", feed=feed, posts=rows, updated=updated, here=request.full_path.rstrip("?"), absolute=_absolute
    )
    clean = _NOT_XML.sub("", body).encode()
    response = Response(clean, content_type="application/atom+xml; charset=utf-8")
    response.set_etag(hashlib.sha256(clean).hexdigest()[:20], weak=True)
    return response.make_conditional(request.environ)


def _absolute(post: Row[Any]) -> str:
    """The HTML of a post with whole addresses: readers of feeds do not know where it came from."""
    base = settings.current().base_url
    return _LOCAL.sub(lambda match: f'{match[1]}="{base}', post.html).replace(f'="{base}#', f'="{base}/p/{post.id}#')


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every public discussion."""
    return Response(pages.render("discussions/sitemap.xml", discussions=queries.addresses()), content_type="application/xml")


@bp.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read."""
    return Response(pages.render("discussions/robots.txt"), content_type="text/plain; charset=utf-8")
