"""`/metrics`: figures for Prometheus, for those alone whom ALLIANCE_METRICS allows; and the count of what is answered."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from alliance.core import figures as figures  # what lies below every room is told too
from alliance.core import meters, settings
from alliance.core.errors import NotFound

bp = Blueprint("figures", __name__)
NO_ROUTE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLASSES = {number: f"{number}xx" for number in range(1, 6)}
# What proxies say of whom they ask for.
_PASSED_ON = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")
answers = meters.Timings(
    "alliance_request_seconds",
    "Requests answered, by route (as it is written in the program, never the address asked for) and class of status; without the sending.",
    ("method", "route", "status"),
)


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """A request was answered."""
    answers.add((method if method in _METHODS else "other", route, _CLASSES.get(status // 100, "other")), seconds)


def route() -> str:
    """The route of the present request as it is written in the program."""
    return request.url_rule.rule if request.url_rule is not None else NO_ROUTE


@bp.get("/metrics")
def metrics() -> Response:
    """All figures as text; for everybody else there is no such page."""
    if not _may_be_told(request.environ):
        raise NotFound
    response = Response(meters.page(), content_type=meters.CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _may_be_told(environ: dict[str, Any]) -> bool:
    allowed = settings.current().metrics
    return allowed == "on" or (allowed == "loopback" and _is_asked_here(environ))


def _is_asked_here(environ: dict[str, Any]) -> bool:
    """Whether a program of this machine asks this process itself: not through a proxy, whose connections come from this machine, too."""
    peer = environ.get("werkzeug.proxy_fix.orig", environ).get("REMOTE_ADDR", "")
    try:
        host = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
    except ValueError:
        return False
    return not any(name in environ for name in _PASSED_ON) and _is_loopback(peer) and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback
