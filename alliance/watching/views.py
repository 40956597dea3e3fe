"""Choosing what one watches; bookmarks."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core import text
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.groups import queries as groups
from alliance.watching import queries, services
from alliance.watching.models import LEVELS
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import inside

bp = Blueprint("watching", __name__)
LABELS = {
    "watch": (_l("Watch"), _l("Tell me of every new post.")),
    "track": (_l("Track"), _l("Show it on my first page when there is something new; tell me only when I am answered or named.")),
    "normal": (_l("Normal"), _l("Tell me only when I am answered or named.")),
    "mute": (_l("Mute"), _l("Never tell me anything of it.")),
}
NOW = {"watch": _l("You watch it"), "track": _l("You track it"), "normal": _l("You do not watch it"), "mute": _l("You have muted it")}


def chosen() -> str | None:
    """The level a form sends; "default" is none."""
    given = request.form.get("level", "")
    return None if given == "default" else given


@bp.post("/d/<int:discussion_id>/watch")
@signed_in
@limits.limit("120/minute")
def watch(discussion_id: int) -> Response:
    """Choose how much one hears of a discussion."""
    services.choose(current_actor(), discussion_id, chosen())
    flash(_("Saved."), "success")
    return redirect(inside(request.form.get("next"), url_for("discussions.show", discussion_id=discussion_id)), 303)


@bp.post("/action-lines/<code>/watch")
@signed_in
@limits.limit("120/minute")
def watch_space(code: str) -> Response:
    """Choose how much one hears of a space."""
    services.choose_space(current_actor(), code, chosen())
    flash(_("Saved."), "success")
    return redirect(inside(request.form.get("next"), groups.get_space(current_actor(), code).path), 303)


@bp.get("/settings/watching")
@signed_in
def settings() -> str:
    """All one has chosen about spaces and discussions."""
    actor = current_actor()
    rows, following = queries.watched(actor, request.args.get("after"))
    return pages.render(
        "watching/settings.html", rows=rows, next=following, spaces=queries.watched_spaces(actor), labels=LABELS, levels=LEVELS
    )


@bp.get("/bookmarks")
@signed_in
def bookmarks() -> str:
    """One's bookmarks."""
    rows, following = queries.bookmarks(current_actor(), request.args.get("after"))
    shown = [(row, text.excerpt(text.plain(row.html), 200) if row.html else "") for row in rows]
    return pages.render("watching/bookmarks.html", bookmarks=shown, next=following)


@bp.post("/p/<int:post_id>/bookmark")
@signed_in
@limits.limit("240/minute")
def bookmark_post(post_id: int) -> Response:
    """Bookmark a post, or (`keep=0`) no more."""
    if request.form.get("keep") == "0":
        services.drop(current_actor(), post_id=post_id)
    else:
        services.keep_post(current_actor(), post_id, request.form.get("note"))
    return redirect(inside(request.form.get("next"), url_for("discussions.permalink", post_id=post_id)), 303)


@bp.post("/d/<int:discussion_id>/bookmark")
@signed_in
@limits.limit("240/minute")
def bookmark_discussion(discussion_id: int) -> Response:
    """Bookmark a discussion, or (`keep=0`) no more."""
    if request.form.get("keep") == "0":
        services.drop(current_actor(), discussion_id=discussion_id)
    else:
        services.keep_discussion(current_actor(), discussion_id, request.form.get("note"))
    return redirect(inside(request.form.get("next"), url_for("discussions.show", discussion_id=discussion_id)), 303)


@bp.post("/bookmarks/<int:bookmark_id>")
@signed_in
@limits.limit("240/minute")
def change_bookmark(bookmark_id: int) -> Response:
    """Change the note of a bookmark, or take it away."""
    removed = bool(request.form.get("remove"))
    services.change_bookmark(current_actor(), bookmark_id, None if removed else request.form.get("note", ""))
    flash(_("The bookmark is gone.") if removed else _("Saved."), "success")
    return redirect(inside(request.form.get("next"), url_for("watching.bookmarks")), 303)
