"""Headers of every answer, CSRF tokens on every form, and links that stay inside."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, after_this_request, request
from flask_wtf.csrf import CSRFProtect

csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def headers(response: Response) -> Response:
    """Put the security headers on an answer; files that are only parts of pages need one of them, and come over slow links."""
    if request.path.startswith("/static/") and response.mimetype in {"text/css", "text/javascript"} and response.status_code == 200:
        response.headers["X-Content-Type-Options"] = "nosniff"
        del response.headers["X-Request-ID"]
        return response
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-cache, private"
    return response


def keep_nowhere() -> None:
    """Have the answer to the present request kept by nobody, not even the browser: it shows a secret once."""

    @after_this_request
    def _said(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store, private"
        return response


def inside(target: str | None, fallback: str) -> str:
    """`target` when it is a path on this site, else `fallback` (never an open redirect)."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return fallback
    if any(ord(c) < 0x21 or c == "\\" for c in target):
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc else target
