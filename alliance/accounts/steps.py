"""Pages of two-step sign-in: the second step, and its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask import session as browser

from alliance.accounts import challenges, forms, keys, queries, session, two_step
from alliance.accounts.models import Person
from alliance.accounts.views import Page, bp, form_page
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import inside, keep_nowhere


@bp.route("/sign-in/code", methods=["GET", "POST"])
@limits.limit("60/hour", by="address")
def second_step() -> Page:
    """The second step of signing in."""
    held = browser.get(session.PENDING) or {}
    form = forms.CodeForm()
    try:
        person, remember = two_step.person_of_pending(str(held.get("token", "")))
        if form.validate_on_submit():
            limits.check("second-step", str(person.id), "10/hour")
            two_step.check(person, form.code.data or "")
            return passed(person, remember)
    except NotFound:
        return too_late()
    except Invalid as error:
        form.take(error)
    return step_page(form, person)


def step_page(form: forms.CodeForm, person: Person) -> Page:
    """What the second step may be for this person."""
    by_key = challenges.place() is not None and keys.has_any(person)
    return form_page("accounts/second_step.html", form, by_key=by_key, by_app=two_step.has_app(person))


def passed(person: Person, remember: bool) -> Page:
    """After the second step: sign in, and go where one wanted to."""
    held = browser.pop(session.PENDING, None) or {}
    session.sign_in(person, remember)
    _warn_of_few(person)
    return redirect(inside(held.get("next"), "/"), 303)


def too_late() -> Page:
    """There was no first step, or long ago."""
    browser.pop(session.PENDING, None)
    flash(_("That took too long: sign in again."), "warning")
    return redirect(url_for("accounts.sign_in"), 303)


@bp.get("/settings/two-step")
@signed_in
def two_step_settings() -> str:
    """Whether one signs in with two steps."""
    return _shown(forms.PresentPasswordForm())


@bp.post("/settings/two-step/begin")
@signed_in
@limits.limit("20/hour")
def begin_two_step() -> Page:
    """Make the secret for an app."""
    return _with_password(lambda password: two_step.begin(current_actor(), session.me(), password))


@bp.route("/settings/two-step/app", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def set_up_app() -> Page:
    """Give the secret to an app, and show that it has it; the recovery codes are in the answer, once."""
    keep_nowhere()
    person, form = session.me(), forms.AppCodeForm()
    held = two_step.waiting(person)
    if held is None:
        return redirect(url_for("accounts.two_step_settings"), 303)
    if form.validate_on_submit():
        try:
            return after_adding(two_step.turn_on(current_actor(), person, form.code.data or "", session.key()))
        except Invalid as error:
            form.take(error)
    address = two_step.address_of(person, held)
    return form_page("accounts/two_step_app.html", form, picture=two_step.picture_of(address), address=address, secret=held.secret)


@bp.post("/settings/two-step/codes")
@signed_in
@limits.limit("20/hour")
def renew_recovery_codes() -> Page:
    """New recovery codes, shown once."""
    return _with_password(lambda password: _codes(two_step.renew_codes(current_actor(), session.me(), password)))


@bp.post("/settings/two-step/app/remove")
@signed_in
@limits.limit("20/hour")
def remove_app() -> Page:
    """Forget the app; keys stay."""

    def act(password: str) -> None:
        two_step.remove_app(current_actor(), session.me(), password)
        flash(_("The app is removed; its codes no longer work."), "success")

    return _with_password(act)


@bp.post("/settings/two-step/off")
@signed_in
@limits.limit("20/hour")
def turn_off_two_step() -> Page:
    """The password alone again."""

    def act(password: str) -> None:
        two_step.turn_off(current_actor(), session.me(), password, session.key())
        flash(_("Two-step sign-in is off: your password alone is enough."), "success")

    return _with_password(act)


def _with_password(act: Callable[[str], Page | None]) -> Page:
    """Do something only the one who knows the password may do; the page it makes, or the settings."""
    form = forms.PresentPasswordForm()
    if not form.validate_on_submit():
        return _shown(form), 422
    try:
        made = act(form.password.data or "")
    except Invalid as error:
        form.take(error)
        return _shown(form), 422
    if made is not None:
        return made
    waits = two_step.waiting(session.me()) is not None
    return redirect(url_for("accounts.set_up_app" if waits else "accounts.two_step_settings"), 303)


def _shown(form: forms.PresentPasswordForm) -> str:
    person = session.me()
    context: dict[str, Any] = {"on_since": person.two_step_at, "left": two_step.left(person), "app": two_step.has_app(person)}
    context |= {"keys": keys.of(current_actor()), "keys_work": challenges.place() is not None}
    context["lacks"] = session.lacks_second_step(queries.face_of(person))
    return pages.render("accounts/two_step.html", form=form, **context)


def after_adding(codes: list[str]) -> Page:
    """After an app or a key was added: the recovery codes, when there are new ones."""
    if codes:
        return _codes(codes)
    flash(_("It is added."), "success")
    return redirect(url_for("accounts.two_step_settings"), 303)


def _codes(codes: list[str]) -> str:
    keep_nowhere()
    return pages.render("accounts/recovery_codes.html", codes=codes)


def _warn_of_few(person: Person) -> None:
    if (left := two_step.left(person)) < 3:
        flash(_("You have %(number)s recovery codes left; make new ones in your settings.", number=left), "warning")
