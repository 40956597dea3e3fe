"""Pages of mail: what is sent, and the link that ends it (RFC 8058: a POST does, a GET only asks)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.core.tokens import BadToken, unsign
from alliance.mailing import forms, queries, services
from alliance.mailing.writing import REPLIES
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import csrf

bp = Blueprint("mailing", __name__)


@bp.route("/settings/notifications", methods=["GET", "POST"])
@signed_in
def preferences() -> str | Response:
    """Choose what is sent by e-mail."""
    person_id = current_actor().person_id or 0
    form = forms.PreferencesForm()
    if form.validate_on_submit():
        change = services.subscribe if form.replies.data else services.unsubscribe
        change(person_id, REPLIES)
        flash(_("Your choice is saved."), "success")
        return redirect(url_for("mailing.preferences"), 303)
    form.replies.data = not queries.unsubscribed(person_id, [REPLIES])
    return pages.render("mailing/preferences.html", form=form)


@bp.route("/unsubscribe/<token>", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator] # mail programs post here without a page of ours; the token is the authority
@limits.limit("60/hour", by="address")
def unsubscribe(token: str) -> str:
    """End the mail of one list."""
    try:
        person_id, list_name = unsign("unsubscribe", token, None)
    except (BadToken, ValueError, TypeError) as error:
        raise NotFound from error
    if request.method == "POST":
        services.unsubscribe(int(person_id), str(list_name))
    return pages.render("mailing/unsubscribe.html", done=request.method == "POST")
