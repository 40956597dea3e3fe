"""Static files: addresses with a content hash, cached for a year; the stylesheets of `bundle.txt` in one answer."""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from pathlib import Path

import brotli
from flask import Blueprint, Response, request, url_for

from alliance.core import shipped

BUNDLE = "alliance.css"
bp = Blueprint("assets", __name__)
_REMARK = re.compile(rb"/\*.*?\*/", re.DOTALL)
_BLANK = re.compile(rb"\s*\n\s*")
_NOT_WANTED = re.compile(r"q\s*=\s*0(\.0*)?\s*(,|$)")


@functools.cache
def bundle() -> bytes:
    """All stylesheets, in the order of static/css/bundle.txt, without remarks and indentation."""
    folder = shipped.path("static") / "css"
    names = (folder / "bundle.txt").read_text(encoding="utf-8").split()
    return _BLANK.sub(b"\n", _REMARK.sub(b"", b"\n".join((folder / name).read_bytes() for name in names))).strip()


def fingerprint(content: bytes) -> str:
    """What tells one content from another in an address."""
    return hashlib.sha256(content).hexdigest()[:6]


@functools.cache
def _hash(name: str) -> str:
    return fingerprint(bundle() if name == BUNDLE else (shipped.path("static") / name).read_bytes())


def static(name: str) -> str:
    """The address of a static file (`alliance.css` is the bundle)."""
    if name == BUNDLE:
        return url_for("assets.stylesheet", v=_hash(name))
    return url_for("static", filename=name, v=_hash(name))


@bp.get(f"/static/{BUNDLE}")
def stylesheet() -> Response:
    """The bundle of stylesheets."""
    return packed(BUNDLE, bundle(), "text/css; charset=utf-8")


def way_wanted(accepted: str) -> str:
    """How an answer may be packed: br, gzip, or not at all."""
    if _NOT_WANTED.search(accepted):
        return ""
    return "br" if "br" in accepted else "gzip" if "gzip" in accepted else ""


def packed(name: str, content: bytes, content_type: str) -> Response:
    """An answer that is the same for everybody, packed as well as can be: once, when it is first asked for."""
    way = way_wanted(request.headers.get("Accept-Encoding", ""))
    response = Response(_packed(name, way, content) if way else content, content_type=content_type)
    if way:
        response.headers["Content-Encoding"] = way
    response.vary.add("Accept-Encoding")
    response.set_etag(fingerprint(content), weak=True)
    response.make_conditional(request)
    return response


@functools.lru_cache(maxsize=128)
def _packed(_name: str, way: str, content: bytes) -> bytes:
    return brotli.compress(content, quality=11, mode=brotli.MODE_TEXT) if way == "br" else gzip.compress(content, 9, mtime=0)


def caching(response: Response) -> Response:
    """Let what is asked for by its content hash be kept for a year (after every request)."""
    if request.path.startswith("/static/") and response.status_code == 200:
        if response.mimetype in {"text/javascript", "image/svg+xml"}:  # in one piece: what is streamed is never packed with gzip
            response.direct_passthrough = False
            response.get_data()
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=3600"
    return response


def folder() -> Path:
    """Where static files lie."""
    return shipped.path("static")
