"""Pages of notifications, and what one wants to be told."""

from __future__ import annotations

import functools

from flask import Blueprint, flash, g, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from alliance.core import i18n, ids
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.moderation import queries as moderation
from alliance.notifications import queries, services
from alliance.policy import can
from alliance.watching import queries as watching
from alliance.watching import services as choices
from alliance.watching.models import CHANNELS, CHOICES, KINDS
from alliance.web import current_actor, limits, outlines, pages
from alliance.web.access import signed_in
from alliance.web.security import inside

bp = Blueprint("notifications", __name__)
KIND_LABELS = {
    "reply": _l("Somebody answers you, or in a discussion you opened"),
    "mention": _l("Somebody names you with @ and your handle"),
    "watched": _l("A new post in what you watch"),
    "thanks": _l("Somebody thanks you for a post"),
    "search": _l("A new post that answers a search you saved"),
    "moderation": _l("Moderators hide or restore a post of yours, or decide on what you flagged"),
    "review": _l("Something waits for you in the review queue (one mail an hour at most)"),
}


@pages.provide("unread")
def unread() -> int:
    """How many notifications the reader has not read; asked once in a request."""
    if "unread" not in g:
        g.unread = queries.unread(current_actor())
    return int(g.unread)


@outlines.filler("unread")
def mark() -> Markup:
    """The header's mark of how many are unread."""
    return _mark(i18n.current_locale(), unread())


@functools.lru_cache(maxsize=1000)
def _mark(_language: str, number: int) -> Markup:
    return Markup(pages.fragment("notifications/_unread.html", waiting=number))  # noqa: S704 - made by a template


@bp.get("/notifications")
@signed_in
def index() -> str:
    """One's notifications, by discussion."""
    groups, following = queries.groups(current_actor(), request.args.get("after"))
    return pages.render("notifications/index.html", groups=groups, next=following)


@bp.post("/notifications/read")
@signed_in
@limits.limit("120/minute")
def read() -> Response:
    """Mark all as read, or the one that `id` names, or those of a `discussion`."""
    form = request.form
    services.mark_read(current_actor(), _number(form.get("id")), discussion_id=_number(form.get("discussion")))
    return redirect(inside(form.get("next"), url_for("notifications.index")), 303)


def _number(given: str | None) -> int | None:
    """An id of a form; what is none names nothing rather than everything."""
    return (ids.given(given) or 0) if given is not None else None


@bp.get("/settings/notifications")
@signed_in
def settings() -> str:
    """What one wants to be told, and how."""
    actor = current_actor()
    wanted = watching.wanted(actor.person_id) if actor.person_id is not None else frozenset()
    return pages.render(
        "notifications/settings.html", muted=watching.muted(actor), wanted=wanted, kinds=_kinds(), choices=CHOICES, labels=KIND_LABELS
    )


def _kinds() -> list[str]:
    """What one can be told of: of the review queue, who moderates."""
    moderates = can(current_actor(), "moderation.review", moderation.is_responsible(current_actor()))
    return [kind for kind in KINDS if kind != "review" or moderates]


@bp.post("/settings/notifications")
@signed_in
@limits.limit("60/minute")
def choose() -> Response:
    """Choose what one is told, and how: `page` and `mail` list the kinds wanted there."""
    actor, offered = current_actor(), _kinds()
    kept = {pair for pair in watching.wanted(actor.person_id or 0) if pair[0] not in offered}
    choices.choose_news(
        actor, kept | {(kind, channel) for channel in CHANNELS for kind in request.form.getlist(channel) if kind in offered}
    )
    flash(_("Saved."), "success")
    return redirect(url_for("notifications.settings"), 303)


@bp.post("/d/<int:discussion_id>/mute")
@signed_in
@limits.limit("60/minute")
def mute(discussion_id: int) -> Response:
    """Mute a discussion, or (`muted=no`) hear of it again."""
    muted = request.form.get("muted") != "no"
    services.mute(current_actor(), discussion_id, muted=muted)
    flash(_("The discussion is muted: you get no more news of it.") if muted else _("You get news of the discussion again."), "success")
    return redirect(inside(request.form.get("next"), url_for("notifications.settings")), 303)
