"""Pages of mail: stopping it by one click or by a button, what one wants and when, what became of the mails one sent."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core import i18n
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import queries as discussions
from alliance.discussions.models import Discussion
from alliance.groups import queries as groups
from alliance.mailing import addressing, choices, previews, queries, services, unfolding
from alliance.mailing.models import MailChoice
from alliance.policy import require
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import csrf

bp = Blueprint("mailing", __name__)


@pages.provide("mail_stopped")
def mail_stopped() -> list[Discussion]:
    """The discussions the reader wants no mails about."""
    return queries.stopped_discussions(current_actor())


@bp.get("/p/<int:post_id>/cut")
def cut(post_id: int) -> Response:
    """What was cut off the mail a post was, in full."""
    text = unfolding.whole(discussions.get_post(current_actor(), post_id).id)
    if not text:
        raise NotFound
    return Response(text, mimetype="text/plain")


@bp.get("/unsubscribe/<token>")
def unsubscribe_page(token: str) -> str:
    """Ask; looking at the page (as programs that follow links do) changes nothing."""
    person_id, name = services.list_of_token(token)
    return _unsubscribe_page(token, person_id, name, "")


@bp.post("/unsubscribe/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@limits.limit("120/minute", by="address")
def unsubscribe(token: str) -> str:
    """Stop the mails. The link itself is the proof: no sign-in, no CSRF token (RFC 8058)."""
    person_id, name = services.list_of_token(token)
    everything = request.form.get("which") == "all" and name not in {services.WEEKLY, services.REVIEW}
    services.unsubscribe(person_id, services.ALL if everything else name)
    return _unsubscribe_page(token, person_id, name, "all" if everything else "one")


def _unsubscribe_page(token: str, person_id: int, name: str, done: str) -> str:
    kind = name.partition(":")[0]
    about = queries.discussion_of_list(person_id, name), queries.space_of_list(person_id, name)
    return pages.render("mailing/unsubscribe.html", token=token, kind=kind, discussion=about[0], space=about[1], done=done)


@bp.get("/settings/mail")
@signed_in
def mail() -> str:
    """What one gets by e-mail, and what became of the mails one sent."""
    actor = current_actor()
    mine = queries.choice(actor.person_id or 0) or MailChoice(rhythm="weekly", weekday=0, time_zone="UTC")
    return pages.render(
        "mailing/settings.html",
        mine=mine,
        weekday_name=i18n.weekday_name,
        zones=sorted(available_timezones()),
        spaces=groups.spaces(actor),
        listed=queries.listed_spaces(actor),
        mails=queries.own_incoming(actor),
        command_address=addressing.command_address(),
        space_address=addressing.space_address,
    )


@bp.post("/settings/mail")
@signed_in
@limits.limit("60/minute")
def settings() -> Response:
    """Choose: `resume` a discussion, `revoke` reply addresses, `restart` after bounces, a `list` of a space, or the rhythm."""
    actor, form = current_actor(), request.form
    if actor.person_id is None:
        raise NotFound
    resume, back = form.get("resume", type=int), "/settings/mail"
    if resume is not None:
        services.resubscribe(actor.person_id, f"discussion:{resume}")
        back = "/settings/notifications"
    elif "revoke" in form:
        choices.revoke_addresses(actor)
    elif "restart" in form:
        choices.restart(actor)
    elif "list" in form:
        choices.set_list_mode(actor, form["list"], on=form.get("on") == "yes")
    else:
        try:
            choices.choose(actor, form.get("rhythm", ""), form.get("weekday", -1, type=int), form.get("time_zone", ""))
        except Invalid as error:
            flash(str(error), "error")
            return redirect(back, 303)
    flash(_("Saved."), "success")
    return redirect(back, 303)


@bp.get("/admin/mail")
@signed_in
def preview() -> str:
    """The weekly e-mail as one would get it oneself, in any language, and a test of it."""
    actor, language = current_actor(), request.args.get("language", i18n.current_locale())
    require(actor, "mail.preview")
    made = previews.of(actor, language if language in i18n.LANGUAGES else "en")
    return pages.render("mailing/preview.html", draft=made, language=language, languages=i18n.LANGUAGES, waiting=queries.waiting())


@bp.get("/admin/mail/letter")
@signed_in
def preview_letter() -> Response:
    """The HTML of it alone."""
    actor = current_actor()
    require(actor, "mail.preview")
    made = previews.of(actor, request.args.get("language", "en"))
    answer = Response(made.html if made is not None else "", mimetype="text/html")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    return answer


@bp.post("/admin/mail/test")
@signed_in
@limits.limit("20/hour")
def send_test() -> Response:
    """Send it to oneself."""
    if previews.send_test(current_actor(), request.form.get("language", "en")):
        flash(_("A test is on its way to your address."), "success")
    else:
        flash(_("There is nothing to say this week, so there is no mail."), "error")
    return redirect("/admin/mail", 303)


@bp.get("/moderation/mail")
@signed_in
def held() -> Response:
    """Where mails that wait for a moderator stood before they stood in the review queue."""
    return redirect("/moderation?kind=held_mail", 301)
