"""Pages of the secretariat: how strict the installation is, and the list of reasons."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, redirect, request, url_for

from alliance.core.errors import Invalid
from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import gettext as _
from alliance.moderation import forms, options, reasons
from alliance.moderation.views import Page, bp
from alliance.policy import require
from alliance.web import current_actor, pages
from alliance.web.access import signed_in


@bp.route("/admin/moderation", methods=["GET", "POST"])
@signed_in
def configure() -> Page:
    """How strict the installation is."""
    actor = current_actor()
    require(actor, "moderation.configure")
    form = forms.OptionsForm(data=asdict(options.current()))
    if form.validate_on_submit():
        try:
            options.change(actor, {name: value for name, value in form.data.items() if name != "csrf_token"})
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Saved. It holds from now on."), "success")
            return redirect(request.path, 303)
    page = pages.render("moderation/configure.html", form=form, reasons=reasons.every())
    return page, 422 if request.method == "POST" else 200


@bp.route("/admin/moderation/reasons/new", methods=["GET", "POST"], defaults={"code": ""})
@bp.route("/admin/moderation/reasons/<code>", methods=["GET", "POST"])
@signed_in
def reason(code: str) -> Page:
    """Add a reason to the list, word one anew, or retire it."""
    actor = current_actor()
    require(actor, "moderation.configure")
    known = next((one for one in reasons.every() if one.code == code), None)
    form = forms.ReasonForm(data={"code": code, "active": known.active if known else True, **(known.titles if known else {})})
    if form.validate_on_submit():
        try:
            reasons.change(
                actor, code or form.code.data, {language: form[language].data or "" for language in LANGUAGES}, active=form.active.data
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Saved. It holds from now on."), "success")
            return redirect(url_for("moderation.configure"), 303)
    return pages.render("moderation/reason.html", form=form, known=known, languages=LANGUAGES), 422 if request.method == "POST" else 200
