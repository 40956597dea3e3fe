"""Which language a page is shown in: ?lang=, the cookie, the person's preference, Accept-Language, English."""

from __future__ import annotations

import functools

from flask import Response, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from alliance.core import i18n
from alliance.web import actors

COOKIE = "lang"
YEAR = 365 * 24 * 3600


def choose() -> None:
    """Set the language of the present request (before every request)."""
    asked = request.args.get("lang", "")
    g.language_asked = asked if asked in i18n.LANGUAGES else None
    i18n.set_locale(g.language_asked or _kept() or accepted(request.headers.get("Accept-Language", "")))


@functools.lru_cache(maxsize=1000)
def accepted(header: str) -> str:
    """The language of ours that an Accept-Language header likes best."""
    return parse_accept_header(header[:500], LanguageAccept).best_match(i18n.LANGUAGES) or i18n.SOURCE


def _kept() -> str | None:
    cookie = request.cookies.get(COOKIE, "")
    if cookie in i18n.LANGUAGES:
        return cookie
    person = actors.me()
    return person.interface_language if person else None


def remember(response: Response) -> Response:
    """Keep a language asked for by ?lang= (after every request); `Vary` because the answer depends on both."""
    response.vary.update(("Accept-Language", "Cookie"))
    if g.get("language_asked"):
        response.set_cookie(COOKIE, g.language_asked, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    return response
