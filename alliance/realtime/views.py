"""News for pages that hold no socket, and what one chooses about being live."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core import i18n
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.notifications import queries as notifications
from alliance.realtime import catching_up, choices
from alliance.web import current_actor, limits, pages, words
from alliance.web.access import signed_in
from alliance.web.languages import YEAR
from alliance.web.security import csrf, inside

bp = Blueprint("realtime", __name__)
MOST = 2**53
words.say(here=_l("Here now: %%s"), guests=_l("Guests: %%s"), others=_l("and others"), typing=_l("Writing: %%s"))
# By person, and for guests by address: whole delegations share one.
RATE = "1200/minute"


@bp.get("/news")
@limits.limit(RATE, methods=("GET",))
def news() -> Response:
    """What happened in a discussion behind a cursor, as a socket would have told it; and how much one has not read.

    Asked again and again by pages without a socket: while nothing happens the answer is 304 after two plain queries.
    """
    actor = current_actor()
    discussion_id, after = _number("discussion"), _number("after")
    unread = notifications.unread(actor) if actor.person_id is not None else None
    last = catching_up.last_event(actor, discussion_id, after) if discussion_id else 0
    if last is None:
        raise NotFound
    language = i18n.current_locale()
    response = Response(content_type="application/json")
    response.set_etag(f"{discussion_id}.{after}.{last}.{unread}.{language}", weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = 304
        return response
    body: dict[str, Any] = catching_up.told(discussion_id, language, after, last) if discussion_id else {"cursor": 0, "missed": []}
    response.data = jsonify({"unread": unread, **body}).data
    return response


def _number(name: str) -> int:
    given = request.args.get(name, "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 17 else 0
    return number if number < MOST else 0


@bp.get("/settings/live")
def settings() -> str:
    """How this device hears of news, and whether others see that one is here."""
    actor = current_actor()
    way = request.cookies.get(choices.COOKIE, "")
    choice = choices.of(actor.person_id) if actor.person_id is not None else None
    return pages.render("realtime/settings.html", way=way if way in choices.WAYS else choices.WAYS[0], choice=choice)


@bp.post("/settings/live")
def choose_way() -> Response:
    """Choose how this device hears of news; a cookie keeps it."""
    chosen = request.form.get("way", "")
    response = redirect(inside(request.form.get("next"), url_for("realtime.settings")), 303)
    if chosen in choices.WAYS[1:]:
        response.set_cookie(choices.COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    else:
        response.delete_cookie(choices.COOKIE)
    return response


# As with the theme: a cookie of this browser and nothing else, and guests need no session for it.
csrf.exempt(choose_way)


@bp.post("/settings/presence")
@signed_in
@limits.limit("60/minute")
def choose_presence() -> Response:
    """Choose whether others see that one is here, or writing."""
    choices.choose(current_actor(), choices.Choice(presence="presence" in request.form, typing="typing" in request.form))
    flash(_("Saved."), "success")
    return redirect(url_for("realtime.settings"), 303)
