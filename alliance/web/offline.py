"""Reading without a connection: the worker that keeps pages, the page that lists them, the manifest for installing.

The worker (`static/worker.js`) keeps a page only when its address is named here and the server does not say `no-store`. Whose a
page is, the page says itself: by a value made of the sign-in, which ends with it and tells nobody who it is.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from alliance.core import i18n, settings, shipped
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.web import actors, assets, outlines, pages, scripts, words
from alliance.web.languages import YEAR
from alliance.web.security import csrf

bp = Blueprint("offline", __name__)
COOKIE = "offline"
MOST = 100  # pages kept on a device; the oldest go
BUNDLES = ("reading", "writing", "offline")
# What may be kept, as whole paths; everything else (signing in, settings, links of mails, drafts, administration, moderation) never is.
READABLE = (
    "/",
    "/about(/[a-z]+)?",
    "/action-lines(/[a-z0-9.-]+)?",
    "/latest",
    "/topics",
    r"/d/\d+(/(?!(?:meeting|answer|attribution|summary)$)[^/]+(/all)?)?",
    r"/p/\d+(/branch|/history)?",
    "/groups",
    r"/groups/(?!new$|invitations$)[^/]+(/charter|/members|/documents(/\d+)?|/meetings)?",
    r"/consensus/\d+",
    "/people(/[^/]+)?",
    "/organizations/[^/]+",
    r"/digests(/\d+)?",
    "/notifications",
    "/bookmarks",
)
IN_WORKER = ("kept_of", "kept_list")
words.say(
    kept_of=_l("You are offline: this page is of %%s."),
    kept_list=_l("What can be read without a connection"),
)


@outlines.filler("keep")
def keeper() -> str:
    """Whose the page is, for the worker: another value with each sign-in."""
    face = actors.me()
    if face is None or not face.sign_in:
        return "guest"
    secret = settings.current().secret_key.encode()
    return hmac.new(secret, f"offline:{face.sign_in}".encode(), hashlib.sha256).hexdigest()[:12]


@functools.cache
def _worker() -> bytes:
    """The worker with what it says in all languages, and the addresses of the files that kept pages need."""
    said = {language: words.table(language, IN_WORKER) for language in i18n.LANGUAGES}
    files = {language: [scripts.address(bundle, language) for bundle in BUNDLES] for language in i18n.LANGUAGES}
    files[""] = [assets.static(assets.BUNDLE), assets.static("icons/alliance.svg")]
    given = {"WORDS": said, "READABLE": READABLE, "FILES": files, "MOST": MOST}
    head = "".join(f"const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in given.items())
    return head.encode() + (shipped.path("static") / "worker.js").read_bytes()


@bp.get("/worker.js")
def worker() -> Response:
    """The worker; asked for anew each time, so that a new version is there at once."""
    response = assets.packed("worker.js", _worker(), "text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
def listed() -> str:
    """What can be read without a connection, filled in by script: only the device knows."""
    return pages.render("web/offline.html", most=MOST)


@bp.get("/manifest/<language>")
def manifest(language: str) -> Response:
    """What an installed application is called and looks like."""
    if language not in i18n.LANGUAGES:
        raise NotFound
    with i18n.use_locale(language):
        told = _manifest(language)
    response = Response(json.dumps(told, ensure_ascii=False), content_type="application/manifest+json")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _manifest(language: str) -> dict[str, Any]:
    drawn = [
        ("alliance-192.png", "192x192", "any"),
        ("alliance-512.png", "512x512", "any"),
        ("alliance-maskable-512.png", "512x512", "maskable"),
    ]
    icons = [{"src": assets.static(f"icons/{name}"), "sizes": sizes, "type": "image/png", "purpose": use} for name, sizes, use in drawn]
    return {
        "name": "Alliance", "short_name": "Alliance", "description": _("Follow-up to the World Summit on the Information Society"), "lang": language,
        "dir": i18n.direction(language), "id": "/", "start_url": "/", "scope": "/", "display": "minimal-ui", "theme_color": "#14497f",
        "background_color": "#ffffff", "icons": icons,
    }  # fmt: skip


@bp.post("/settings/offline")
def choose() -> AnyResponse:
    """Choose whether this browser keeps pages; a cookie says so, and the next page wipes what is there."""
    response = redirect("/settings/display", 303)
    if request.form.get("offline") == "off":
        response.set_cookie(COOKIE, "off", max_age=YEAR, samesite="Lax", secure=request.is_secure)
    else:
        response.delete_cookie(COOKIE)
    return response


# As with the theme: a cookie of this browser and nothing else, and guests need no session for it.
csrf.exempt(choose)
