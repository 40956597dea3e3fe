"""Pages kept rendered for guests, and given again while nothing they show has changed.

A kept page is found by everything it was made from: address, language and theme (a guest has nothing else), and it is
valid as long as its *source* says the same number as before it was made: the version of a discussion, the newest event
of the log. One plain query asks for that, every time; nothing is given for a while and hoped to be true. Whoever
carries a session or a remembered sign-in gets pages of their own alone (`web.owned`); whoever carries a token, none.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import brotli
import structlog
from flask import Flask, Response, g, request
from sqlalchemy import text

from alliance.core import db, i18n
from alliance.web import actors, asking, assets, figures, languages, owned
from alliance.web.asking import Source

log = structlog.get_logger("alliance.app")
_tells = logging.getLogger("alliance.app")
BYTES = 32 * 2**20
WANTED = 4  # given so often, a page is worth packing well
SECONDS = 600  # what a page says of "now" is not older than this
_OWN = {"content-length", "content-encoding", "x-request-id", "content-type"}


Key = tuple[str, str, str, str]


@dataclass(slots=True)
class Page:
    """A page as it was made once."""

    source: Source
    thing: int | None
    stamp: tuple[Any, ...]
    headers: list[tuple[str, str]]
    tag: str
    body: bytes
    route: str
    made: float = field(default_factory=time.monotonic)
    packed: dict[str, bytes] = field(default_factory=dict)
    given: int = 0
    kept: bool = False

    def values(self) -> tuple[int, ...]:
        """Those of its source's query."""
        return () if self.thing is None else (self.thing,)

    def weight(self) -> int:
        """Bytes it holds."""
        return len(self.body) + sum(map(len, self.packed.values())) + 1000


class Shelf:
    """Kept pages; the longest unused go when there are too many."""

    def __init__(self, most: int = BYTES) -> None:
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most
        self._bytes = 0

    def get(self, key: Key) -> Page | None:
        """The page under a key."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: Key, page: Page) -> None:
        """Keep a page."""
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            page.kept = True
            self._bytes += page.weight()
            while self._bytes > self._most:
                self._drop(next(iter(self._pages)))

    def pack(self, page: Page, way: str, packed: bytes) -> None:
        """Keep a page packed in one way more, or better than before."""
        with self._lock:
            before = page.weight()
            page.packed[way] = packed
            if page.kept:
                self._bytes += page.weight() - before

    def __len__(self) -> int:
        """How many pages are kept."""
        return len(self._pages)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def _drop(self, key: Key) -> None:
        gone = self._pages.pop(key, None)
        if gone is not None:
            gone.kept = False
            self._bytes -= gone.weight()


shelf = Shelf()
_packer = ThreadPoolExecutor(1, thread_name_prefix="pack")
db.when_replaced(shelf.clear)


def keep(source: Source, thing: int | None = None) -> None:
    """In a view, before it reads anything: this page, for a guest, depends on `source` alone (signed in: see `web.owned`).

    Args:
        source: what it depends on.
        thing: the parameter of its query.
    """
    if actors.current_actor().is_authenticated:
        owned.begin(source, thing)
    elif getattr(g, "kept_key", None) is not None:
        row = db.session().execute(text(source.sql), {"id": thing} if ":id" in source.sql else {}).first()
        if row is not None:
            g.kept_from = (source, thing, tuple(row))


def collect(response: Response) -> Response:
    """Keep what a view allowed to be kept (after every request, before it is compressed)."""
    found = g.get("kept_from")
    if found is None or response.status_code != 200 or "Set-Cookie" in response.headers or response.is_streamed:
        return response
    body = response.get_data()
    tag = hashlib.sha256(body).hexdigest()[:20]
    response.headers["ETag"] = f'W/"{tag}"'
    response.vary.add("Accept-Encoding")
    headers = [(name, value) for name, value in response.headers if name.lower() not in _OWN]
    headers.append(("Content-Type", response.content_type or "text/html; charset=utf-8"))
    shelf.put(g.kept_key, Page(found[0], found[1], found[2], headers, tag, body, figures.route()))
    return response


Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


class Desk:
    """WSGI: answer with a kept page, or hand on to the application."""

    def __init__(self, application: Application, session_cookies: tuple[str, ...]) -> None:
        self._application = application
        self._signs = tuple(f"{name}=" for name in session_cookies)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """One request."""
        began = time.perf_counter()
        if self._is_signed(environ):
            return self._own(environ, start, began)
        key = self._key(environ)
        if key is None:
            return self._application(environ, start)
        page = shelf.get(key)
        if page is None or time.monotonic() - page.made > SECONDS or asking.stamp(page.source, *page.values()) != page.stamp:
            environ["alliance.kept"] = key
            return self._application(environ, start)
        return _give(page, environ, start, began)

    def _is_signed(self, environ: dict[str, Any]) -> bool:
        cookies = environ.get("HTTP_COOKIE", "")
        return any(sign in cookies for sign in self._signs)

    def _own(self, environ: dict[str, Any], start: Start, began: float) -> Iterable[bytes]:
        """A page of somebody signed in (or of who says so: that is found out when the page is made)."""
        key = None if "HTTP_AUTHORIZATION" in environ else owned.key_of(environ, assets.way_wanted(environ.get("HTTP_ACCEPT_ENCODING", "")))
        page = owned.find(key) if key is not None else None
        if page is not None:
            return owned.give(page, start, began)
        environ["alliance.owned"] = key
        return self._application(environ, start)

    def _key(self, environ: dict[str, Any]) -> Key | None:
        """What a guest's page is found by; None when this is no guest, or no page."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or "HTTP_AUTHORIZATION" in environ:
            return None
        cookies, query = environ.get("HTTP_COOKIE", ""), environ.get("QUERY_STRING", "")
        if "lang=" in query or len(query) > 500:
            return None
        given = dict(pair.strip().partition("=")[::2] for pair in cookies.split(";")) if cookies else {}
        language = given.get(languages.COOKIE, "")
        if language not in i18n.LANGUAGES:
            language = languages.accepted(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        return environ.get("PATH_INFO", ""), query, language, f"{given.get('theme', '')}|{environ.get('wsgi.url_scheme')}"


def _give(page: Page, environ: dict[str, Any], start: Start, began: float) -> list[bytes]:
    name = secrets.token_hex(8)
    same = environ.get("HTTP_IF_NONE_MATCH")
    if same is not None and page.tag in same:
        status, body, headers = "304 Not Modified", b"", [pair for pair in page.headers if pair[0] != "Content-Type"]
    else:
        way = assets.way_wanted(environ.get("HTTP_ACCEPT_ENCODING", ""))
        status, body, headers = "200 OK", _packed(page, way), list(page.headers)
        headers.append(("Content-Length", str(len(body))))
        if way:
            headers.append(("Content-Encoding", way))
    headers.append(("X-Request-ID", name))
    start(status, headers)
    figures.answered(environ["REQUEST_METHOD"], page.route, int(status[:3]), time.perf_counter() - began)
    if _tells.isEnabledFor(logging.DEBUG):  # a line for each would cost as much as the page
        log.debug("kept page", method=environ["REQUEST_METHOD"], path=environ["PATH_INFO"], status=int(status[:3]), request_id=name)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _packed(page: Page, way: str) -> bytes:
    if not way:
        return page.body
    done = page.packed.get(way)
    if done is None:
        done = brotli.compress(page.body, quality=5) if way == "br" else gzip.compress(page.body, 6)
        shelf.pack(page, way, done)
    page.given += 1
    if page.given == WANTED:
        _packer.submit(_pack_well, page)
    return done


def _pack_well(page: Page) -> None:
    """A tenth smaller for fifty milliseconds of a processor, beside the requests: for pages that are asked for often."""
    shelf.pack(page, "br", brotli.compress(page.body, quality=11, mode=brotli.MODE_TEXT))


def install(app: Flask, session_cookies: tuple[str, ...]) -> None:
    """Put the desk before an app."""
    app.before_request(_begin)
    app.wsgi_app = Desk(app.wsgi_app, session_cookies)  # type: ignore[method-assign, assignment]


def _begin() -> None:
    g.kept_key, g.owned_key = request.environ.get("alliance.kept"), request.environ.get("alliance.owned")
