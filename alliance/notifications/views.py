"""Pages of notifications, and what one wants to be told."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core.i18n import gettext as _
from alliance.notifications import queries, services
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import inside

bp = Blueprint("notifications", __name__)


@pages.provide("unread")
def unread() -> int:
    """How many notifications the reader has not read (the header's mark)."""
    return queries.unread(current_actor())


@bp.get("/notifications")
@signed_in
def index() -> str:
    """One's notifications."""
    rows, following = queries.notifications(current_actor(), request.args.get("after"))
    return pages.render("notifications/index.html", notifications=rows, next=following)


@bp.post("/notifications/read")
@signed_in
@limits.limit("120/minute")
def read() -> Response:
    """Mark all as read, or the one that `id` names."""
    services.mark_read(current_actor(), request.form.get("id", type=int))
    return redirect(inside(request.form.get("next"), url_for("notifications.index")), 303)


@bp.get("/settings/notifications")
@signed_in
def settings() -> str:
    """What one wants to be told, and how."""
    return pages.render("notifications/settings.html", muted=queries.muted(current_actor()))


@bp.post("/d/<int:discussion_id>/mute")
@signed_in
@limits.limit("60/minute")
def mute(discussion_id: int) -> Response:
    """Mute a discussion, or (`muted=no`) hear of it again."""
    muted = request.form.get("muted") != "no"
    services.mute(current_actor(), discussion_id, muted=muted)
    flash(_("The discussion is muted: you get no more news of it.") if muted else _("You get news of the discussion again."), "success")
    return redirect(inside(request.form.get("next"), url_for("notifications.settings")), 303)
