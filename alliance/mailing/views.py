"""Stopping mail: by one click from a mail program, by a button, by the settings."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions.models import Discussion
from alliance.mailing import queries, services
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import csrf

bp = Blueprint("mailing", __name__)


@pages.provide("mail_stopped")
def mail_stopped() -> list[Discussion]:
    """The discussions the reader wants no mails about."""
    return queries.stopped_discussions(current_actor())


@bp.get("/unsubscribe/<token>")
def unsubscribe_page(token: str) -> str:
    """Ask; looking at the page (as programs that follow links do) changes nothing."""
    person_id, name = services.list_of_token(token)
    return pages.render("mailing/unsubscribe.html", token=token, discussion=queries.discussion_of_list(person_id, name), done="")


@bp.post("/unsubscribe/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@limits.limit("120/minute", by="address")
def unsubscribe(token: str) -> str:
    """Stop the mails. The link itself is the proof: no sign-in, no CSRF token (RFC 8058)."""
    person_id, name = services.list_of_token(token)
    discussion = queries.discussion_of_list(person_id, name)
    if request.form.get("which") == "all":
        name, discussion = services.ALL, None
    services.unsubscribe(person_id, name)
    return pages.render("mailing/unsubscribe.html", token=token, discussion=discussion, done="all" if name == services.ALL else "one")


@bp.post("/settings/mail")
@signed_in
@limits.limit("60/minute")
def settings() -> Response:
    """Mails again about one discussion (`resume`)."""
    person_id = current_actor().person_id
    if person_id is None:
        raise NotFound
    resume = request.form.get("resume", type=int)
    if resume is not None:
        services.resubscribe(person_id, f"discussion:{resume}")
    flash(_("Saved."), "success")
    return redirect("/settings/notifications", 303)
