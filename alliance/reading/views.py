"""Marking as read, going to what is unread, choosing an order."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import asked
from alliance.discussions import queries as discussions
from alliance.reading import queries, services
from alliance.reading.numbers import Numbers
from alliance.web import current_actor, limits
from alliance.web.access import signed_in
from alliance.web.security import inside

bp = Blueprint("reading", __name__)


@bp.post("/d/<int:discussion_id>/read")
@signed_in
@limits.limit("240/minute")
def mark(discussion_id: int) -> Response:
    """Mark the posts of `numbers` as read, or `all`, or what was said from `unread_from` on as unread.

    Scripts send JSON, or the same fields with `quiet`, and are told what is left.
    """
    given = request.get_json() if request.is_json else request.form
    if not hasattr(given, "get"):
        raise Invalid.field("", _("The body is not JSON."))
    actor, number = current_actor(), str(given.get("unread_from", ""))
    if number.isdecimal() and len(number) < 10:
        services.mark_unread(actor, discussion_id, int(number))
    else:
        services.mark_read(actor, discussion_id, None if given.get("all") else _numbers(given.get("numbers", "")))
    found = queries.state(actor, discussion_id)
    if request.is_json or given.get("quiet"):
        return jsonify(unread=found.unread if found else 0)
    return redirect(inside(request.form.get("next"), url_for("discussions.show", discussion_id=discussion_id)), 303)


def _numbers(given: Any) -> Numbers:
    """Numbers as a script lists them, or as runs."""
    try:
        if isinstance(given, list):
            return Numbers.of(int(number) for number in given[: services.MAX_RUNS + 1])
        return Numbers.parse(str(given))
    except (ValueError, TypeError, OverflowError) as error:
        raise Invalid.field("numbers", _("Numbers of posts are written like 1-40,42.")) from error


@bp.get("/d/<int:discussion_id>/<slug>/unread")
@signed_in
def unread(discussion_id: int, slug: str) -> Response:
    """Lead to the first unread post, or to the next one behind `after`, or the one before `before`."""
    actor = current_actor()
    found = discussions.get_discussion(actor, discussion_id)
    state = queries.state(actor, discussion_id)
    after, before = request.args.get("after", type=int), request.args.get("before", type=int)
    where = url_for("discussions.show", discussion_id=found.id, slug=found.slug)
    post = queries.unread_post(state, asked.preferred(), after=_small(after), before=_small(before)) if state else None
    if post is None:
        flash(_("There is nothing more unread in this direction.") if after or before else _("You have read everything here."), "info")
        return redirect(where, 303)
    more = asked.place(post.discussion_id, post.number)
    return redirect(url_for("discussions.show", discussion_id=found.id, slug=found.slug, **more) + f"#p{post.id}", 303)


def _small(number: int | None) -> int | None:
    return number if number is not None and 0 < number < 2**31 else None


@bp.post("/settings/reading")
@signed_in
@limits.limit("60/minute")
def order() -> Response:
    """Remember in which order one reads."""
    services.choose_order(current_actor(), request.form.get("order", ""))
    return redirect(inside(request.form.get("next"), "/"), 303)
