"""Which language a page is shown in: ?lang=, the cookie, the person's preference, Accept-Language, English."""

from __future__ import annotations

from flask import Response, g, request

from alliance.core import i18n
from alliance.web import actors

COOKIE = "lang"
YEAR = 365 * 24 * 3600


def choose() -> None:
    """Set the language of the present request (before every request)."""
    asked = request.args.get("lang", "")
    g.language_asked = asked if asked in i18n.LANGUAGES else None
    i18n.set_locale(g.language_asked or _kept() or request.accept_languages.best_match(i18n.LANGUAGES) or i18n.SOURCE)


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
