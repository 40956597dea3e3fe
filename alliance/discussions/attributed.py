"""Whether the authors of a discussion are named: what its page says of it, and the page where its chairs choose."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from markupsafe import Markup
from wtforms import BooleanField, RadioField

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.discussions import attributing, masks, queries
from alliance.discussions.views import Page, address, bp
from alliance.policy import can, require
from alliance.web import api, current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.forms import Form


class AttributionForm(Form):
    """How the authors of a discussion are shown."""

    attribution = RadioField(
        _l("Authors are shown"),
        choices=[("named", _l("With their names")), ("type", _l("By their stakeholder type only"))],
        description=_l("What was written without a name stays without one."),
    )
    earlier = BooleanField(_l("Take the names from what has been written already, too. This cannot be taken back."))


class Attribution(api.Schema):
    """How the authors of a discussion are shown. `earlier`: take the names from what was written before, too."""

    attribution: str
    earlier: bool = False


class AttributionOut(api.Out):
    """How the authors of a discussion are shown from now on: "named", or "type" (by their stakeholder type only; perhaps by its group)."""

    attribution: str


@pages.section("discussion.head", 1)
def _head(discussion: Any, **_more: Any) -> Markup:
    """That authors are not named here; for chairs, the way to choose."""
    masked = masks.is_masked(discussion)
    if not masked and discussion.space.kind != "group":
        return Markup()
    may = can(current_actor(), "discussion.attribute", discussion)
    return pages.markup("discussions/_attribution.html", discussion=discussion, masked=masked, may=may)


@bp.route("/d/<int:discussion_id>/attribution", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def attribution(discussion_id: int) -> Page:
    """Choose how the authors of a discussion are shown."""
    actor = current_actor()
    found = queries.get_discussion(actor, discussion_id)
    require(actor, "discussion.attribute", found)
    form = AttributionForm(attribution=found.attribution)
    if form.validate_on_submit():
        try:
            attributing.choose(actor, found, form.attribution.data, earlier=form.earlier.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Saved."), "success")
            return redirect(address(queries.get_discussion(actor, discussion_id)), 303)
    return pages.render("discussions/attribution.html", discussion=found, form=form), 422 if form.errors else 200


@api.put("/discussions/<int:discussion_id>/attribution", body=Attribution, returns=AttributionOut, status=200, act="discussion.attribute")
def put_attribution(discussion_id: int, body: Attribution) -> AttributionOut:
    """Choose how the authors of a discussion are shown."""
    actor = current_actor()
    attributing.choose(actor, queries.get_discussion(actor, discussion_id), body.attribution, earlier=body.earlier)
    return AttributionOut(attribution="type" if masks.hides(discussion_id) else "named")
