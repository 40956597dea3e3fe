"""Static files: addresses with a content hash, cached for a year; the stylesheets of `bundle.txt` in one answer."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from flask import Blueprint, Response, request, url_for

from alliance.core import shipped

BUNDLE = "alliance.css"
bp = Blueprint("assets", __name__)


@functools.cache
def bundle() -> bytes:
    """All stylesheets, in the order of static/css/bundle.txt."""
    folder = shipped.path("static") / "css"
    names = (folder / "bundle.txt").read_text(encoding="utf-8").split()
    return b"\n".join((folder / name).read_bytes() for name in names)


@functools.cache
def _hash(name: str) -> str:
    content = bundle() if name == BUNDLE else (shipped.path("static") / name).read_bytes()
    return hashlib.sha256(content).hexdigest()[:6]


def static(name: str) -> str:
    """The address of a static file (`alliance.css` is the bundle)."""
    if name == BUNDLE:
        return url_for("assets.stylesheet", v=_hash(name))
    return url_for("static", filename=name, v=_hash(name))


@bp.get(f"/static/{BUNDLE}")
def stylesheet() -> Response:
    """The bundle of stylesheets."""
    return Response(bundle(), content_type="text/css; charset=utf-8")


def caching(response: Response) -> Response:
    """Let what is asked for by its content hash be kept for a year (after every request)."""
    if request.path.startswith("/static/") and response.status_code == 200:
        if response.mimetype == "text/javascript":  # in one piece: what is streamed is never packed with gzip
            response.direct_passthrough = False
            response.get_data()
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=3600"
    return response


def folder() -> Path:
    """Where static files lie."""
    return shipped.path("static")
