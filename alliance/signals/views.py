"""Pages of signals: thank, take a position, read the positions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import queries as discussions
from alliance.discussions.facts import spot_of
from alliance.discussions.models import Post
from alliance.policy import can
from alliance.signals import forms, queries, services, shown
from alliance.signals.models import POSITIONS
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in

bp = Blueprint("signals", __name__)
Page = str | tuple[str, int] | Response


@bp.get("/p/<int:post_id>/positions")
def positions(post_id: int) -> str:
    """Who takes which position, by stakeholder type, and why."""
    post = discussions.get_post(current_actor(), post_id)
    reasons, following = queries.reasons(post_id, request.args.get("after"))
    counts = queries.counts([post_id]).get(post_id, {})
    kinds = {kind: counts[kind] for kind in POSITIONS if kind in counts}
    types = [one for one in queries.ORDER if any(one in by_type for by_type in kinds.values())]
    return pages.render(
        "signals/positions.html", post=post, counts=counts, types=types, labels=services.LABELS, reasons=reasons, next=following
    )


@bp.get("/p/<int:post_id>/respond")
@signed_in
def respond(post_id: int) -> Page:
    """Thank for a post, or take a position on it."""
    actor = current_actor()
    post = discussions.get_post(actor, post_id)
    own = queries.own(actor, post_id)
    known = own.get("position")
    form = forms.PositionForm(data={"position": known.kind, "reason": known.reason} if known else None)
    return _page(post, form, 200)


@bp.post("/p/<int:post_id>/thanks")
@signed_in
@limits.limit("600/hour")
def thanks(post_id: int) -> Page:
    """Thank for a post (`thanks` 0: take it back)."""
    actor = current_actor()
    post = discussions.get_post(actor, post_id)
    act = services.unthank if request.form.get("thanks") == "0" else services.thank
    act(actor, post)
    return _done(post_id)


@bp.post("/p/<int:post_id>/position")
@signed_in
@limits.limit("600/hour")
def position(post_id: int) -> Page:
    """Take a position on a post (`position` none: take it back)."""
    actor = current_actor()
    post = discussions.get_post(actor, post_id)
    if request.form.get("position") == "none":
        services.leave_position(actor, post)
        return _done(post_id)
    form = forms.PositionForm()
    if form.validate_on_submit():
        try:
            services.take_position(actor, post, form.position.data, _reason(form, post_id))
        except Invalid as error:
            form.take(error)
        else:
            return _done(post_id)
    return _page(post, form, 422)


def _reason(form: forms.PositionForm, post_id: int) -> str:
    """The reason written; a button without a field for it keeps the one given before for the same position."""
    if "reason" in request.form:
        return form.reason.data or ""
    known = queries.own(current_actor(), post_id).get("position")
    return known.reason if known is not None and known.kind == form.position.data else ""


def _page(post: Post, form: Any, status: int) -> tuple[str, int]:
    actor = current_actor()
    page = pages.render(
        "signals/respond.html",
        post=post,
        form=form,
        own=queries.own(actor, post.id),
        may_thank=can(actor, "signal.thank", post),
        may_position=can(actor, "signal.position", post),
        labels=services.LABELS,
    )
    return page, status


def _done(post_id: int) -> Response:
    """Back to the post; to a script, the two pieces of the page that have changed."""
    if request.headers.get("X-Requested-With") != "fetch":
        flash(_("Noted."), "success")
        return redirect(f"/p/{post_id}", 303)
    actor = current_actor()
    post = discussions.post_out(actor, post_id)
    return jsonify(line=shown.lines([post]).get(post_id, ""), own=shown.buttons(actor, [spot_of(post)]).get(post_id, ""))
