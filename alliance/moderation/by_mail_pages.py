"""The page a link in a mail leads to: the item, and one button."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.moderation import by_mail, desk, forms, items, queries, reasons
from alliance.moderation.by_mail import Offer
from alliance.moderation.views import bp
from alliance.web import current_actor, limits, pages


@bp.route("/moderation/by-mail/<token>", methods=["GET", "POST"])
@limits.limit("120/minute", by="address")
def by_mail_link(token: str) -> Response:
    """Look at an item (programs that follow links change nothing), and decide it with one button."""
    try:
        found = by_mail.offer(token)
    except by_mail.Over:
        return _kept_nowhere(pages.render("moderation/by_mail_over.html"), 410)
    reader = current_actor()
    if reader.is_authenticated and reader.person_id != found.actor.person_id:
        raise NotFound  # somebody else's mail
    form = forms.ActForm()
    if form.validate_on_submit() and (done := _decided(found, form)) is not None:
        return done
    return _kept_nowhere(_page(found, form), 422 if request.method == "POST" else 200)


def _decided(found: Offer, form: forms.ActForm) -> Response | None:
    """Where to go when it is decided, by this person or by somebody who was faster; None when the form says why not."""
    try:
        items.decide(found.actor, found.item.id, found.decision, form.code.data or "", form.reason.data or "")
    except Invalid as error:
        form.take(error)
        return None
    except Conflict as late:
        flash(str(late), "info")
    else:
        flash(_("Decided, and noted in the log."), "success")
    return redirect(request.path, 303)


def _page(found: Offer, form: forms.ActForm) -> str:
    [one] = queries.presented(found.actor, [found.item])
    return pages.render(
        "moderation/by_mail.html",
        one=one,
        item=found.item,
        chosen=found.chosen,
        form=form,
        ended=by_mail.ending(found.item) if found.item.status != "open" else "",
        flag_reasons=reasons.FLAGS,
        rule_words=desk.words,
    )


def _kept_nowhere(page: str, status: int) -> Response:
    response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
