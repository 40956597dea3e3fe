"""The page of what is kept of oneself."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from alliance.accounts import session
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.privacy import closing, services, wording
from alliance.privacy.forms import ArchiveForm, CloseForm
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import keep_nowhere

bp = Blueprint("privacy", __name__)
Page = str | tuple[str, int] | AnyResponse


@bp.get("/about/privacy")
def about() -> str:
    """What is kept of people, for whoever asks."""
    return pages.render("privacy/about.html", kinds=wording.kinds())


@bp.get("/settings/data")
@signed_in
def data() -> str:
    """An archive of it."""
    return _shown(ArchiveForm(formdata=None))


def _shown(form: ArchiveForm) -> str:
    return pages.render("privacy/data.html", form=form, archive=services.latest(current_actor()), closing_at=session.me().closing_at)


@bp.post("/settings/data/archive")
@signed_in
@limits.limit("10/hour")
def ask() -> Page:
    """Have an archive made."""
    form = ArchiveForm()
    if not form.validate_on_submit():
        return _shown(form), 422
    try:
        services.ask(current_actor(), session.me(), form.password.data or "")
    except Invalid as error:
        form.take(error)
        return _shown(form), 422
    except Conflict as error:
        form.take(Invalid.field("", str(error)))
        return _shown(form), 409
    flash(_("Your archive is being made. You are told by mail when it is ready."), "success")
    return redirect(url_for("privacy.data"), 303)


@bp.get("/settings/data/<key>.zip")
@signed_in
def fetch(key: str) -> Response:
    """One's archive: for oneself alone, whoever knows its address."""
    found, path = services.get(current_actor(), key)
    name = f"alliance-{found.asked_at:%Y-%m-%d}.zip"
    keep_nowhere()
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=name, conditional=True)


@bp.get("/settings/data/close")
@signed_in
def close() -> str:
    """What closing the account does, before one does it."""
    return _closing(CloseForm(formdata=None))


def _closing(form: CloseForm) -> str:
    person = session.me()
    context = {"closing_at": person.closing_at, "two_step": person.two_step_at is not None}
    return pages.render("privacy/close.html", form=form, days=closing.WAIT.days, **context)


@bp.post("/settings/data/close")
@signed_in
@limits.limit("10/hour")
def ask_to_close() -> Page:
    """Have the account closed in two weeks."""
    form = CloseForm()
    if not form.validate_on_submit():
        return _closing(form), 422
    try:
        closing.ask(current_actor(), session.me(), form.password.data or "", form.code.data or "")
    except Invalid as error:
        form.take(error)
        return _closing(form), 422
    except Conflict as error:
        form.take(Invalid.field("", str(error)))
        return _closing(form), 409
    session.sign_out()
    flash(_("Your account will be closed in 14 days. Until then you can sign in and keep it."), "success")
    return redirect("/", 303)


@bp.post("/settings/data/keep")
@signed_in
def keep() -> Page:
    """Keep the account after all."""
    closing.keep(current_actor(), session.me())
    flash(_("Your account is kept."), "success")
    return redirect(url_for("privacy.data"), 303)
