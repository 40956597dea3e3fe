"""The page on which the secretariat chooses how an action line shows its authors; and the same for programs."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from wtforms import RadioField, SelectField

from alliance.core.errors import Invalid
from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.groups import queries
from alliance.groups.words import LINE_ATTRIBUTIONS
from alliance.moderation import lines
from alliance.moderation.api import ActIn
from alliance.moderation.forms import ActForm
from alliance.moderation.views import Page, bp
from alliance.policy import require
from alliance.web import api, current_actor, pages
from alliance.web.access import signed_in


class LineForm(ActForm):
    """How an action line shows its authors, and why."""

    line = SelectField(_l("Action line"))
    attribution = RadioField(
        _l("Authors are shown"),
        choices=list(LINE_ATTRIBUTIONS.items()),
        description=_l("This holds for what is written from now on; what was written without a name stays so."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line.choices = [(one.code, f"{one.symbol} {one.title(current_locale())}") for one in queries.action_lines()]


@bp.route("/admin/attribution", methods=["GET", "POST"])
@signed_in
def line_attribution() -> Page:
    """Choose how an action line shows its authors."""
    actor = current_actor()
    require(actor, "space.attribute")
    form = LineForm(line=request.args.get("line", ""), attribution="named")
    if form.validate_on_submit():
        try:
            lines.choose(actor, form.line.data, form.attribution.data, form.reason.data or "", form.code.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Done, and noted in the public log."), "success")
            return redirect("/admin/attribution", 303)
    others = [one for one in queries.action_lines() if one.attribution != "named"]
    page = pages.render("moderation/lines.html", form=form, others=others, words=LINE_ATTRIBUTIONS)
    return page, 422 if request.method == "POST" else 200


class LineIn(ActIn):
    """How an action line shows its authors (named, type, closed), and why, for the public log."""

    attribution: str


@api.put("/spaces/<code>/attribution", body=LineIn, act="space.attribute")
def put_line_attribution(code: str, body: LineIn) -> None:
    """Choose how an action line shows its authors; a working group says so in its settings."""
    lines.choose(current_actor(), code, body.attribution, body.reason, body.code)
