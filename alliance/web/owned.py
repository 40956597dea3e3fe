"""Finished pages of people signed in, kept for the one who got them, and given again while nothing they show has changed.

A page is found by all that a request says of whoever makes it: its address and every cookie, the session's among them, as
they were sent (another session, language or theme has another page). It is valid as long as one plain query answers
what it did before the page was made: the sign-in has not ended, the number of the person's own things (`core.own`, moved
by the database itself) and what the page's source says. Pages of moderators, of which a part hangs on what waits for
review, are not kept, nor is a page that sets a cookie (a message shown once, a session renewed).

The token of the session is in the page, as it always was; the nonce that lets a form be taken once is new each time, and
stands in a hole of the packed page (`web.patched`).
"""

from __future__ import annotations

import functools
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Response, g, has_request_context, session

from alliance.core import db
from alliance.core.shelves import Shelf
from alliance.web import actors, asking, figures, patched
from alliance.web.asking import Source

BYTES = 24 * 2**20
SECONDS = 600  # what a page says of "now" is not older than this
LEVELS = {"br": 5, "gzip": 5, "": 0}
_SAID = ("PATH_INFO", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE", "wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST")
NONCE = 22  # characters of secrets.token_urlsafe(16)
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """A page being made that may be kept."""

    key: Key
    source: Source
    values: tuple[Any, ...]
    stamp: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page kept for one session."""

    begun: Begun
    headers: list[tuple[str, str]]
    body: patched.Patched | bytes
    route: str
    made: float = field(default_factory=time.monotonic)

    def weight(self) -> int:
        """Bytes it holds, about."""
        return (len(self.body) if isinstance(self.body, bytes) else self.body.weight()) + sum(map(len, self.begun.key)) + 2000

    def filled(self) -> bytes:
        """What is sent."""
        return self.body if isinstance(self.body, bytes) else self.body.filled(secrets.token_urlsafe(16).encode())


shelf: Shelf[Page] = Shelf(BYTES, Page.weight)
db.when_replaced(shelf.clear)


# Whether what one was told of may still be read hangs on other discussions and spaces: as long as there is any, on all that happens.
_TOLD = (
    "CASE WHEN EXISTS (SELECT 1 FROM notifications WHERE notifications.person_id = people.id AND notifications.read_at IS NULL) "
    "THEN (SELECT max(events.id) FROM events) END"
)


@functools.cache
def _signed(source: Source) -> Source:
    """A source together with what every page of a person signed in depends on."""
    return Source(
        f"SELECT coalesce(own_versions.version, 0), people.epoch, {_TOLD}, things.* FROM sign_ins "  # noqa: S608 - our own
        "JOIN people ON people.id = sign_ins.person_id "
        f"LEFT JOIN own_versions ON own_versions.id = people.id CROSS JOIN ({source.sql}) AS things "
        "WHERE sign_ins.person_id = :person AND sign_ins.key = :key"
    )


def key_of(environ: dict[str, Any], way: str) -> Key | None:
    """What a page of somebody signed in is found by; None where nothing is kept."""
    query = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] != "GET" or "lang=" in query or len(query) > 500 or "HTTP_IF_NONE_MATCH" in environ:
        return None
    said = (environ.get(name, "") for name in _SAID)
    return query, way, *said


def find(key: Key) -> Page | None:
    """The page under a key, if it is what would be made now."""
    page = shelf.get(key)
    if page is None or time.monotonic() - page.made > SECONDS:
        return None
    return page if asking.stamp(page.begun.source, *page.begun.values) == page.begun.stamp else None


def begin(source: Source, thing: int | None) -> None:
    """In a view, before it reads anything: this page, for whoever is signed in, depends on `source` and on what is their own."""
    key, face = g.get("owned_key"), actors.me()
    if key is None or face is None or not face.sign_in or face.suspended or face.silenced:  # that may end by the clock alone
        return
    values = (*(() if thing is None else (thing,)), face.id, face.sign_in)
    stamp = asking.stamp(_signed(source), *values)
    if stamp is not None and stamp[:2] == (face.own_version, face.epoch):  # else something changed since it was found out who asks
        g.owned_begun = Begun(key, _signed(source), values, stamp)


def allow() -> None:
    """The page being made may be kept, if it was begun so."""
    g.owned = g.get("owned_begun")


def refuse() -> None:
    """The page being made shows something that its source does not tell of."""
    g.owned_begun = g.owned = None


def fresh() -> str:
    """A nonce for a form, new each time its page is given."""
    made = secrets.token_urlsafe(16)
    if has_request_context():
        g.setdefault("owned_nonces", []).append(made)
    return made


def collect(response: Response) -> Response:
    """Keep the page that was just made, if it may be (after every request, before it is compressed)."""
    begun: Begun | None = g.get("owned")
    if begun is None or response.status_code != 200 or response.is_streamed or session.modified or "Set-Cookie" in response.headers:
        return response
    way = begun.key[1]
    response.vary.update(("Accept-Encoding", "Cookie"))
    headers = [(name, value) for name, value in response.headers if name.lower() not in {"content-length", "x-request-id"}]
    body = _packed(response.get_data(), way)
    if body is None:
        return response
    page = Page(begun, [*headers, ("Content-Encoding", way)] if way else headers, body, figures.route())
    shelf.put(begun.key, page)
    if way:
        response.headers["Content-Encoding"] = way
    response.set_data(page.filled())
    return response


def _packed(body: bytes, way: str) -> patched.Patched | bytes | None:
    """The page, with a hole where its nonce is if it has one; None when it has several."""
    nonces = [one.encode() for one in g.get("owned_nonces", ()) if one.encode() in body]
    if not nonces:
        return patched.whole(body, way, LEVELS[way])
    before, _nonce, after = body.partition(nonces[0])
    return patched.packed(before, NONCE, after, way, LEVELS[way]) if len(nonces) == 1 and nonces[0] not in after else None


Start = Any


def give(page: Page, start: Start, began: float) -> Iterable[bytes]:
    """Answer with a kept page."""
    body = page.filled()
    start("200 OK", [*page.headers, ("Content-Length", str(len(body))), ("X-Request-ID", secrets.token_hex(8))])
    figures.answered("GET", page.route, 200, time.perf_counter() - began)
    return [body]
