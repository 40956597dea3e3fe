"""Pages of signing in with an account elsewhere: there and back, a new account, linking and unlinking."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response

from alliance.accounts import forms, links, oidc, passwords, services, session
from alliance.accounts.oidc import Failed, Identity
from alliance.accounts.session import AWAY, NEW
from alliance.accounts.views import Page, bp, form_page
from alliance.core import clock, db, ids
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.policy import why_not
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import inside, keep_nowhere

NEW_SECONDS = 1800


def _leave(**held: Any) -> str:
    """The address at the issuer; what is needed on the way back stays in the browser's own session."""
    db.release()  # nothing waits for another server but this request
    address, way = oidc.begin()
    browser[AWAY] = {**way, **held}
    keep_nowhere()
    return address


@bp.get("/sign-in/oidc")
@limits.limit("60/hour", by="address", methods=("GET",))
def sign_in_elsewhere() -> Response:
    """Go to the issuer, to sign in."""
    target = inside(request.args.get("next"), "/")
    try:
        return redirect(_leave(next=target), 303)
    except Failed as error:
        flash(str(error), "warning")
        return redirect(url_for("accounts.sign_in", next=target), 303)


@bp.get("/sign-in/oidc/back")
@limits.limit("60/hour", by="address", methods=("GET",))
def back() -> Response:
    """Come back from the issuer."""
    oidc.name()
    held: dict[str, Any] = browser.pop(AWAY, None) or {}
    target, whose = inside(str(held.get("next", "/")), "/"), held.get("person")
    db.release()
    try:
        found = oidc.finish(held, request.args)
    except Failed as error:
        flash(str(error), "warning")
        return redirect(url_for("accounts.linked") if whose else url_for("accounts.sign_in", next=target), 303)
    return _let_in(found, target) if whose is None else _link(found, int(whose))


def _let_in(found: Identity, target: str) -> Response:
    person = links.person_of(found)
    if person is None:
        return _newcomer(found, target)
    target = session.let_in(person, remember=False, target=target)
    if said := why_not(current_actor()):
        flash(said, "warning")
    return redirect(target, 303)


def _newcomer(found: Identity, target: str) -> Response:
    """One who has no account that is linked: nobody is let in to an account because of an address."""
    address = links.usable(found.address)
    if not address:
        flash(
            _("%(name)s does not say that an address is yours. Register here, and link it in your settings.", name=oidc.name()), "warning"
        )
        return redirect(url_for("accounts.register"), 303)
    if links.has_account(address):
        told = _("Your address has an account here already. Sign in to it, then link %(name)s to it here.", name=oidc.name())
        flash(told, "warning")
        return redirect(url_for("accounts.sign_in", next=url_for("accounts.linked")), 303)
    browser[NEW] = {
        "issuer": found.issuer,
        "subject": found.subject,
        "address": address,
        "name": found.name[: services.MAX_NAME],
        "next": target,
    }
    browser[NEW]["at"] = int(clock.now().timestamp())
    return redirect(url_for("accounts.register_elsewhere"), 303)


def _link(found: Identity, whose: int) -> Response:
    """The same person must still be signed in who set out to link it."""
    if current_actor().person_id != whose:
        flash(_("You were signed out meanwhile. Sign in, and begin again."), "warning")
        return redirect(url_for("accounts.sign_in", next=url_for("accounts.linked")), 303)
    try:
        links.link(current_actor(), session.me(), found)
    except Invalid as error:
        flash(" ".join(message for messages in error.errors.values() for message in messages), "warning")
    else:
        flash(_("%(name)s is linked: you can sign in with it now.", name=oidc.name()), "success")
    return redirect(url_for("accounts.linked"), 303)


@bp.route("/register/oidc", methods=["GET", "POST"])
@limits.limit("20/hour", by="address")
def register_elsewhere() -> Page:
    """A new account, of one whose address the issuer vouches for."""
    held = browser.get(NEW) or {}
    if not held or int(clock.now().timestamp()) - int(held["at"]) > NEW_SECONDS:
        flash(_("That took too long: sign in again."), "warning")
        return redirect(url_for("accounts.sign_in"), 303)
    form = forms.NewcomerForm(name=held["name"])
    if form.validate_on_submit():
        try:
            person = links.register(Identity(held["issuer"], held["subject"], held["address"]), form.profile())
        except Invalid as error:
            form.take(error)
        else:
            browser.pop(NEW, None)
            flash(_("Your account is made. Welcome!"), "success")
            return redirect(session.let_in(person, remember=False, target=inside(held["next"], "/")), 303)
    return form_page("accounts/register_elsewhere.html", form, address=held["address"])


@bp.get("/settings/linked")
@signed_in
def linked() -> Page:
    """The accounts elsewhere that sign in to one's own."""
    return _linked_page(forms.PresentPasswordForm(formdata=None))


def _linked_page(form: forms.PresentPasswordForm) -> Page:
    has_password = session.me().password_hash is not None
    context = {"links": links.of(current_actor()), "offered": oidc.name() if oidc.is_on() else "", "has_password": has_password}
    return form_page("accounts/linked.html", form, **context)


@bp.post("/settings/linked/begin")
@signed_in
@limits.limit("20/hour")
def begin_linking() -> Page:
    """Go to the issuer, to link an account there: takes the password, as whoever has that account can sign in from then on."""
    form, name = forms.PresentPasswordForm(), oidc.name()
    if not form.validate_on_submit():
        return _linked_page(form)
    try:
        passwords.confirm(current_actor(), session.me(), form.password.data or "")
        address = _leave(person=current_actor().person_id)
    except Invalid as error:
        form.take(error)
        return _linked_page(form)
    except Failed as error:
        flash(str(error), "warning")
        return redirect(url_for("accounts.linked"), 303)
    return pages.render("accounts/leave.html", address=address, name=name)


@bp.post("/settings/linked/remove")
@signed_in
@limits.limit("20/hour")
def unlink() -> Page:
    """Have an account elsewhere sign in no more."""
    form = forms.PresentPasswordForm()
    if not form.validate_on_submit():
        return _linked_page(form)
    try:
        number = ids.given(request.form.get("link"))
        if number is None:
            raise NotFound
        links.unlink(current_actor(), session.me(), form.password.data or "", number, session.key())
    except Invalid as error:
        form.take(error)
        return _linked_page(form)
    flash(_("It is unlinked: it does not sign in to your account any more."), "success")
    return redirect(url_for("accounts.linked"), 303)
