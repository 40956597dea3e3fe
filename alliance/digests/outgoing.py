"""Pages of what leaves: the distribution list, deliveries, schedules, the feed of digests, and the inquiry after the signature."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from alliance.core import ids
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import language_choices
from alliance.digests import distribution, inquiry, queries, scheduling, sealing, wording
from alliance.digests.views import bp
from alliance.groups.queries import get_space, spaces
from alliance.policy import can, require
from alliance.web import current_actor, limits, pages

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BEGAN = datetime(2006, 3, 16, tzinfo=UTC)
Page = tuple[str, int] | AnyResponse


def _told(error: Invalid) -> list[str]:
    return [message for some in error.errors.values() for message in some]


@bp.get("/digests.atom")
def feed() -> Response:
    """The digests that were signed, newest first."""
    found = queries.signed(current_actor())
    updated = max([one.transmitted_at or one.signed_at or one.compiled_at for one in found], default=BEGAN)
    body = pages.render(
        "digests/feed.xml", digests=found, updated=updated, checksum=sealing.checksum, title=wording.title, summary=wording.summary
    )
    return Response(_NOT_XML.sub("", body).encode(), content_type="application/atom+xml; charset=utf-8")


@bp.route("/digests/distribution", methods=["GET", "POST"])
@limits.limit("300/hour")
def distribution_list() -> Page:
    """Who gets every digest that is transmitted."""
    actor = current_actor()
    require(actor, "digest.transmit")
    errors: list[str] = []
    if request.method == "POST":
        try:
            if request.form.get("act") == "remove":
                distribution.remove(actor, ids.given(request.form.get("recipient")) or 0)
            else:
                distribution.add(actor, request.form.get("email", ""), request.form.get("name", ""), request.form.get("language", "en"))
            return redirect(url_for("digests.distribution_list"), 303)
        except Invalid as error:
            errors = _told(error)
    page = pages.render(
        "digests/distribution.html", recipients=distribution.recipients(), errors=errors, languages=language_choices(), given=request.form
    )
    return page, 422 if errors else 200


@bp.get("/digests/<int:digest_id>/deliveries")
def deliveries(digest_id: int) -> str:
    """What became of each mail."""
    actor = current_actor()
    digest = queries.get_digest(actor, digest_id)
    require(actor, "digest.transmit", digest)
    return pages.render("digests/deliveries.html", digest=digest, deliveries=distribution.deliveries(digest))


@bp.route("/digests/schedules", methods=["GET", "POST"])
@limits.limit("300/hour")
def schedules() -> Page:
    """When digests are compiled by themselves."""
    actor = current_actor()
    offered = [space for space in spaces(actor) if can(actor, "digest.compile", space)]
    if not offered:
        require(actor, "digest.compile")
    errors: list[str] = []
    if request.method == "POST":
        try:
            space = get_space(actor, request.form["space"]) if request.form.get("space") else None
            weekday = request.form.get("weekday", "")
            day = int(weekday) if re.fullmatch("[0-6]", weekday) else -1
            scheduling.set_schedule(
                actor, space, day, request.form.get("at", ""), request.form.get("zone", ""), active=request.form.get("act") != "stop"
            )
            flash(_("The schedule is saved."), "success")
            return redirect(url_for("digests.schedules"), 303)
        except Invalid as error:
            errors = _told(error)
    page = pages.render(
        "digests/schedules.html", schedules=distribution.schedules(actor), spaces=offered, errors=errors, given=request.form,
        space_title=wording.space_title, weekdays=wording.weekdays(), whole=can(actor, "digest.compile"), zones=scheduling.zones(),
    )  # fmt: skip
    return page, 422 if errors else 200


@bp.route("/digests/<int:digest_id>/inquiry", methods=["GET", "POST"])
@limits.limit("60/hour")
def inquire(digest_id: int) -> Page:
    """What was contested, and the answers."""
    actor = current_actor()
    digest = queries.get_digest(actor, digest_id)
    errors: list[str] = []
    if request.method == "POST":
        objection = ids.given(request.form.get("objection"))
        try:
            if objection is None:
                inquiry.contest(actor, digest, request.form.get("text", ""))
            else:
                inquiry.answer(actor, digest, objection, request.form.get("answer", ""), request.form.get("correction", ""))
            return redirect(url_for("digests.inquire", digest_id=digest_id), 303)
        except Invalid as error:
            errors = _told(error)
    page = pages.render(
        "digests/inquiry.html",
        digest=digest,
        objections=inquiry.objections(digest),
        open=inquiry.is_open(digest),
        errors=errors,
        given=request.form,
    )
    return page, 422 if errors else 200
