"""Pages of accounts. Registering, resetting and a wrong password answer alike whether an address is known or not."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.accounts import challenges, forms, keys, links, oidc, passwords, queries, services, session
from alliance.core import addresses
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.policy import why_not
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import inside, keep_nowhere

bp = Blueprint("accounts", __name__)
Page = str | tuple[str, int] | Response


def form_page(template: str, form: Any, **context: Any) -> Page:
    """A form: as asked for, or (422) as rejected, with what was entered still in it."""
    return pages.render(template, form=form, **context), 422 if request.method == "POST" else 200


@bp.route("/register", methods=["GET", "POST"])
@limits.limit("20/hour", by="address")
def register() -> Page:
    """Ask for an account."""
    form = forms.RegisterForm()
    if form.validate_on_submit():
        try:
            limits.check("register", addresses.kept(form.email.data or ""), "5/hour")
            services.register(form.email.data or "", form.password.data or "", form.profile())
        except Invalid as error:
            form.take(error)
        else:
            return redirect(url_for("accounts.sent"), 303)
    return form_page("accounts/register.html", form)


@bp.get("/register/sent")
def sent() -> str:
    """A mail is on its way."""
    return pages.render("accounts/sent.html")


@bp.route("/confirm/<token>", methods=["GET", "POST"])
@limits.limit("30/hour", by="address")
def confirm(token: str) -> Page:
    """Confirm an address, and sign in."""
    form = forms.ConfirmForm()
    try:
        services.person_of_confirmation(token)
        if form.validate_on_submit():
            limits.check("confirm", token, "10/hour")
            person = services.confirm(token, form.password.data or "")
            flash(_("Your address is confirmed. Welcome!"), "success")
            return redirect(session.let_in(person, remember=False), 303)
    except NotFound:
        return pages.render("accounts/link_over.html"), 404
    except Invalid as error:
        form.take(error)
    return form_page("accounts/confirm.html", form)


@bp.route("/sign-in", methods=["GET", "POST"])
@limits.limit("60/hour", by="address")
def sign_in() -> Page:
    """Sign in."""
    form = forms.SignInForm()
    target = inside(request.values.get("next"), "/")
    if form.validate_on_submit():
        # By account and network together: another network's failures lock nobody out.
        address = addresses.kept(form.email.data or "")
        limits.check("sign-in", f"{address}|{request.remote_addr}", "10/hour")
        person = services.authenticate(form.email.data or "", form.password.data or "")
        if person is None:
            form.take(Invalid.field("", _("The address or the password is not right. You can ask for a new password below.")))
        elif person.confirmed_at is None:
            form.take(Invalid.field("", _("Your address is not confirmed yet. We have just sent the link to it again.")))
        else:
            target = session.let_in(person, bool(form.remember.data), target)
            if said := why_not(current_actor()):
                flash(said, "warning")
            return redirect(target, 303)
    return sign_in_page(form, target)


def sign_in_page(form: forms.SignInForm, target: str) -> Page:
    """The page of signing in, by password or, where they can be used, by passkey."""
    elsewhere = oidc.name() if oidc.is_on() else ""
    return form_page("accounts/sign_in.html", form, target=target, by_key=challenges.place() is not None, elsewhere=elsewhere)


@bp.post("/sign-out")
def sign_out() -> Response:
    """Sign out."""
    session.sign_out()
    flash(_("You are signed out."), "success")
    response = redirect("/", 303)
    response.headers["Clear-Site-Data"] = '"storage"'  # pages and drafts kept on the device
    return response


@bp.route("/forgotten-password", methods=["GET", "POST"])
@limits.limit("20/hour", by="address")
def forgotten() -> Page:
    """Ask for a link to choose a new password."""
    form = forms.ForgottenForm()
    if form.validate_on_submit():
        limits.check("forgotten", addresses.kept(form.email.data or ""), "5/hour")
        services.request_reset(form.email.data or "")
        return redirect(url_for("accounts.sent"), 303)
    return form_page("accounts/forgotten.html", form)


@bp.route("/reset-password/<token>", methods=["GET", "POST"])
@limits.limit("30/hour", by="address")
def reset(token: str) -> Page:
    """Choose a new password by link."""
    form = forms.ResetForm()
    try:
        services.person_of_reset(token)
        if form.validate_on_submit():
            person = services.reset_password(token, form.password.data or "")
            flash(_("Your password is changed; every other session and every API token has ended."), "success")
            if keys.has_any(person) or links.has_any(person):
                told = _("Passkeys and accounts elsewhere go on signing in: see in your settings whether all of them are yours.")
                flash(told, "warning")
            return redirect(session.let_in(person, remember=False), 303)
    except NotFound:
        return pages.render("accounts/link_over.html"), 404
    except Invalid as error:
        form.take(error)
    return form_page("accounts/reset.html", form)


@bp.get("/settings")
@signed_in
def settings() -> Response:
    """The settings begin with one's profile."""
    return redirect(url_for("accounts.profile"), 303)


@bp.route("/settings/profile", methods=["GET", "POST"])
@signed_in
def profile() -> Page:
    """Change what one says about oneself."""
    form = forms.ProfileForm.of(session.me())
    if form.validate_on_submit():
        try:
            services.change_profile(current_actor(), session.me(), form.profile())
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Your profile is saved."), "success")
            return redirect(url_for("accounts.profile"), 303)
    return form_page("accounts/profile.html", form)


@bp.route("/settings/password", methods=["GET", "POST"])
@signed_in
@limits.limit("10/hour")
def password() -> Page:
    """Choose a new password."""
    form = forms.PasswordForm()
    if form.validate_on_submit():
        try:
            services.change_password(current_actor(), session.me(), form.current.data or "", form.password.data or "")
        except Invalid as error:
            form.take(error)
        else:
            session.sign_in(session.me(), remember=False)
            flash(_("Your password is changed, and every other session has ended. API tokens go on working until you end them."), "success")
            return redirect(url_for("accounts.password"), 303)
    return form_page("accounts/password.html", form, elsewhere=oidc.name() if oidc.is_on() else "")


@bp.route("/settings/tokens", methods=["GET", "POST"])
@signed_in
@limits.limit("20/hour")
def tokens() -> Page:
    """One's API tokens; a new one is shown once, in the answer to the form."""
    form = forms.TokenForm()
    if form.validate_on_submit():
        try:
            return _with_secret(_new_token(form))
        except Invalid as error:
            form.take(error)
    return form_page("accounts/tokens.html", form, tokens=queries.tokens(current_actor()), secret=None)


def _new_token(form: forms.TokenForm) -> str:
    passwords.confirm(current_actor(), session.me(), form.password.data or "")
    days = int(form.days.data) if form.days.data else None
    return services.create_token(session.me(), form.scope.data, form.name.data or "", days)


def _with_secret(secret: str) -> str:
    keep_nowhere()
    return pages.render("accounts/tokens.html", form=forms.TokenForm(formdata=None), tokens=queries.tokens(current_actor()), secret=secret)


@bp.post("/settings/tokens/<int:token_id>/revoke")
@signed_in
def revoke_token(token_id: int) -> Response:
    """End a token."""
    services.revoke_token(current_actor(), token_id)
    flash(_("The token no longer works."), "success")
    return redirect(url_for("accounts.tokens"), 303)
