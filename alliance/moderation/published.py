"""The public log as a page and as a feed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from alliance.core import clock, ids
from alliance.moderation import acts, queries, reasons
from alliance.moderation.views import bp
from alliance.policy import can
from alliance.web import current_actor, pages


@bp.get("/moderation/log")
def log() -> str:
    """The public log of moderation."""
    actor, wanted = current_actor(), _wanted()
    entries, following = queries.log(actor, request.args.get("after"), wanted=wanted)
    return pages.render(
        "moderation/log.html",
        entries=entries,
        next=following,
        wanted=wanted,
        acts=acts.ACTS,
        spaces=queries.spaces(actor),
        given=request.args,
        **_words(),
    )


def _words() -> dict[str, Any]:
    actor = current_actor()
    return {
        "label": acts.label,
        "detail": acts.detail,
        "role": acts.role,
        "why": acts.reason,
        "reasons": reasons.titles(),
        "title_shown": lambda entry: can(actor, "moderation.titles", entry),
        "named": lambda entry: can(actor, "moderation.names", entry),
    }


def _wanted() -> queries.LogWanted:
    """The filters of an address; what is none is passed over."""
    given = request.args
    until = _day(given.get("to"))
    return queries.LogWanted(
        act=given.get("act") if given.get("act") in acts.ACTS else None,
        space_id=ids.given(given.get("space")),
        since=_day(given.get("from")),
        until=until + timedelta(days=1) if until is not None else None,
    )


def _day(value: str | None) -> datetime | None:
    try:
        found = datetime.combine(datetime.fromisoformat(value or "").date(), time(), UTC)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 9000 else None


@bp.get("/moderation/log.atom")
def log_feed() -> Response:
    """The same as a feed."""
    entries, _following = queries.log(current_actor(), wanted=_wanted())
    updated = entries[0].created_at if entries else clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    body = pages.render("moderation/log.xml", entries=entries, updated=updated, here=request.full_path.rstrip("?"), **_words()).encode()
    response = Response(body, content_type="application/atom+xml; charset=utf-8")
    response.set_etag(hashlib.sha256(body).hexdigest()[:20], weak=True)
    return response.make_conditional(request.environ)
