"""Pages of passkeys and security keys. A script asks the browser for the key; the forms and what is said are those of every page."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response

from alliance.accounts import challenges, forms, keys, session, two_step
from alliance.accounts.challenges import Answer
from alliance.accounts.models import Person
from alliance.accounts.steps import after_adding, passed, step_page, too_late
from alliance.accounts.views import Page, bp, form_page, sign_in_page
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.policy import why_not
from alliance.web import current_actor, limits, words
from alliance.web.access import signed_in
from alliance.web.security import inside, keep_nowhere

words.say(
    key_wait=_l("Follow what your browser asks …"),
    key_none=_l("No key answered: it was cancelled, or took too long. Try again."),
    key_known=_l("This device or key is added already."),
    key_unknown=_l("This browser knows no passkeys and security keys."),
)


def _asked(made: tuple[dict[str, Any], str]) -> Response:
    """What the browser asks a key; the browser's own session says which question was its last."""
    options, browser[session.CHALLENGE] = made
    keep_nowhere()
    return jsonify(options)


def _given() -> Answer:
    """What the key answered, and what it was asked, once."""
    return Answer(request.form.get("answer", "")[: keys.MAX_ANSWER], str(browser.pop(session.CHALLENGE, "")))


@bp.post("/sign-in/passkey/ask")
@limits.limit("120/hour", by="address")
def ask_passkey() -> Response:
    """What a passkey is asked that signs in by itself."""
    return _asked(keys.ask_alone())


@bp.post("/sign-in/passkey")
@limits.limit("60/hour", by="address")
def sign_in_by_passkey() -> Page:
    """Sign in by a passkey alone."""
    form, target = forms.SignInForm(), inside(request.form.get("next"), "/")
    try:
        person = keys.person_alone(_given())
    except Invalid as error:
        form.take(error)
        return sign_in_page(form, target)
    target = session.let_in_with_key(person, bool(form.remember.data), target)
    if said := why_not(current_actor()):
        flash(said, "warning")
    return redirect(target, 303)


def _waiting() -> tuple[Person, bool]:
    """Whose second step is waited for."""
    held = browser.get(session.PENDING) or {}
    return two_step.person_of_pending(str(held.get("token", "")))


@bp.post("/sign-in/key/ask")
@limits.limit("120/hour", by="address")
def ask_key() -> Response:
    """What a key is asked as the second step."""
    person, _remember = _waiting()
    return _asked(keys.ask_step(person))


@bp.post("/sign-in/key")
@limits.limit("60/hour", by="address")
def second_step_by_key() -> Page:
    """The second step, by a key."""
    form = forms.CodeForm(formdata=None)
    try:
        person, remember = _waiting()
        limits.check("second-step", str(person.id), "10/hour")
        keys.check(person, _given())
    except NotFound:
        return too_late()
    except Invalid as error:
        form.take(error)
        return step_page(form, person)
    return passed(person, remember)


@bp.post("/settings/two-step/keys/ask")
@signed_in
@limits.limit("60/hour")
def ask_new_key() -> Response:
    """What a new key is asked, of one who knows the password."""
    return _asked(keys.ask_new(current_actor(), session.me(), request.form.get("password", "")))


@bp.route("/settings/two-step/keys/new", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def add_key() -> Page:
    """Add a passkey or a security key."""
    challenges.here()
    form = forms.KeyForm()
    if form.validate_on_submit():
        given = _given()
        try:
            return after_adding(
                keys.add(current_actor(), session.me(), form.password.data or "", form.name.data or "", given, session.key())
            )
        except Invalid as error:
            form.take(error)
    return form_page("accounts/key_new.html", form)


@bp.route("/settings/two-step/keys/<int:key_id>/remove", methods=["GET", "POST"])
@signed_in
@limits.limit("20/hour")
def remove_key(key_id: int) -> Page:
    """Remove a key."""
    form, person, key = forms.PresentPasswordForm(), session.me(), keys.get(current_actor(), key_id)
    if form.validate_on_submit():
        try:
            keys.remove(current_actor(), person, form.password.data or "", key_id, session.key())
        except Invalid as error:
            form.take(error)
        else:
            flash(_("The key is removed, and every other session has ended."), "success")
            return redirect(url_for("accounts.two_step_settings"), 303)
    last = not two_step.has_app(person) and len(keys.of(current_actor())) == 1
    return form_page("accounts/key_remove.html", form, key=key, last=last)
