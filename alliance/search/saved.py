"""The page of saved searches."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core import text
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.search import saved_letters, saving
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import csrf

bp = Blueprint("saved_searches", __name__)
ALERT_LABELS = {
    "page": _l("count what is new on this page"),
    "weekly": _l("a letter on Mondays"),
    "at_once": _l("a notification and an e-mail at once"),
}


@bp.get("/searches")
@signed_in
def index() -> str:
    """One's saved searches, and how many results of each are new."""
    return _page()


def _page(wrong: dict[str, list[str]] | None = None) -> str:
    notes = [message for messages in (wrong or {}).values() for message in messages]
    return pages.render("search/saved.html", kept=saving.kept(current_actor()), alerts=ALERT_LABELS, notes=notes)


@bp.post("/searches")
@signed_in
def save() -> Response | tuple[str, int]:
    """Save a search."""
    values = dict(parse_qsl(text.storable(request.form.get("address", ""))[: saving.READ]))
    try:
        saving.save(current_actor(), values, request.form.get("name", ""), request.form.get("alert", "page"))
    except Invalid as error:
        return _page(error.errors), 422
    flash(_("The search is saved."), "success")
    return redirect(url_for("saved_searches.index"), 303)


@bp.get("/searches/<int:search_id>")
@signed_in
def show(search_id: int) -> Response:
    """The results of a saved search; they are seen then."""
    return redirect(f"/search?{saving.open_(current_actor(), search_id)}&sort=new", 303)


@bp.post("/searches/<int:search_id>")
@signed_in
def change(search_id: int) -> Response | tuple[str, int]:
    """Be told otherwise, or keep it no longer."""
    try:
        if "remove" in request.form:
            saving.remove(current_actor(), search_id)
        else:
            saving.change(current_actor(), search_id, request.form.get("alert", ""))
    except Invalid as error:
        return _page(error.errors), 422
    return redirect(url_for("saved_searches.index"), 303)


@bp.get("/searches/stop/<token>")
def stop_page(token: str) -> str:
    """Ask; looking at the page (as programs that follow links do) changes nothing."""
    saved_letters.reader_of(token)
    return pages.render("search/unsubscribe.html", token=token, done=False)


@bp.post("/searches/stop/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@limits.limit("120/minute", by="address")
def stop(token: str) -> str:
    """Stop the letters. The link itself is the proof: no sign-in, no CSRF token (RFC 8058)."""
    saved_letters.stop(saved_letters.reader_of(token))
    return pages.render("search/unsubscribe.html", token=token, done=True)
