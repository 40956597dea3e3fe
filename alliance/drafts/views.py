"""One's drafts: listed, saved by script, discarded, and found again after signing in."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, flash, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from alliance.core import settings, text
from alliance.core.errors import AllianceError
from alliance.core.i18n import gettext as _
from alliance.drafts import places, queries, services
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.errors import problem

bp = Blueprint("drafts", __name__)


@bp.get("/drafts")
@signed_in
def index() -> str:
    """What one is writing."""
    rows, following = queries.mine(current_actor(), request.args.get("after"))
    spots = places.described(current_actor(), [row.place for row in rows])
    shown = [
        (row, spots[row.place], places.address(row.place), text.excerpt(str(row.fields.get("body") or row.fields.get("title") or "")))
        for row in rows
    ]
    return pages.render("drafts/index.html", drafts=shown, next=following, days=settings.current().draft_days)


@bp.put("/drafts/<place>")
@limits.limit("120/minute")
def save(place: str) -> Response | tuple[Response, int]:
    """Keep what is being written (the script of the forms): 409 with the newer text, 410 when it is published already."""
    data = request.get_json(silent=True)
    if not current_actor().is_authenticated:
        return problem(401, _("Sign in first, or send a valid token."))
    if not isinstance(data, dict) or not isinstance(data.get("fields"), dict) or not isinstance(data.get("revision"), int):
        return problem(422, _("The request could not be understood. Go back and try again."))
    try:
        draft = services.save(current_actor(), place, data["fields"], revision=data["revision"], nonce=str(data.get("nonce") or ""))
    except services.StaleDraft as stale:
        return jsonify(revision=stale.revision, fields=stale.fields), 409
    except services.Published:
        return jsonify(nonce=secrets.token_urlsafe(16)), 410
    except AllianceError as error:
        return problem(422, str(error))
    return jsonify(revision=draft.revision)


@bp.delete("/drafts/<place>")
@limits.limit("60/minute")
def remove(place: str) -> Response | tuple[str, int]:
    """Discard a draft (the script of the forms)."""
    if not current_actor().is_authenticated:
        return problem(401, _("Sign in first, or send a valid token."))
    services.discard(current_actor(), places.check(place))
    return "", 204


@bp.post("/drafts/discard")
@signed_in
@limits.limit("60/minute")
def discard_listed() -> AnyResponse:
    """Discard a draft of the list, by its number: the name of its place may be what one must not be told any more."""
    services.discard(current_actor(), queries.numbered(current_actor(), request.form.get("draft", "")).place)
    flash(_("The draft is discarded."), "success")
    return redirect("/drafts", 303)


@bp.post("/drafts/<place>/discard")
@signed_in
@limits.limit("60/minute")
def discard(place: str) -> AnyResponse:
    """Discard a draft, and go on where one was."""
    services.discard(current_actor(), places.check(place))
    flash(_("The draft is discarded."), "success")
    return redirect(places.address(place), 303)


@bp.get("/drafts/kept/<token>")
@signed_in
@limits.limit("60/hour", methods=("GET",))
def kept(token: str) -> AnyResponse:
    """Back to the text one had sent when the session had ended."""
    place = services.claim(current_actor(), token)
    flash(_("You are signed in, and your text is here again. It is not published yet."), "success")
    return redirect(places.address(place), 303)
