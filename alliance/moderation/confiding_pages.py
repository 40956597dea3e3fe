"""The page on which a discussion is closed with a public summary, or opened again; and the same for programs."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.moderation import confiding, queries
from alliance.moderation.api import ActIn
from alliance.moderation.forms import ActForm
from alliance.moderation.views import Page, bp
from alliance.policy import can, require
from alliance.web import api, current_actor, pages
from alliance.web.access import signed_in


@bp.route("/moderation/discussions/<int:discussion_id>/closed", methods=["GET", "POST"])
@signed_in
def closed(discussion_id: int) -> Page:
    """Close a discussion with a public summary, or open it again."""
    actor = current_actor()
    found = queries.discussion(actor, discussion_id)
    require(actor, "discussion.attribute", found)
    form, status = ActForm(), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                return _done(form, discussion_id)
            except Invalid as error:
                form.take(error)
            except Conflict as late:
                status = 409
                form.form_errors.append(str(late))
    return pages.render("moderation/closed.html", form=form, discussion=found), status


def _done(form: ActForm, discussion_id: int) -> Response:
    actor, why = current_actor(), {"reason": form.reason.data or "", "code": form.code.data or ""}
    if request.form.get("what") == "open":
        held = confiding.open_again(actor, discussion_id, **why)
        flash(_("Done, and noted in the public log."), "success")
        return redirect(f"/d/{held.id}/{held.slug}", 303)
    held = confiding.close(actor, discussion_id, **why)
    flash(_("The discussion is closed, as the public log says. Its public summary is owed to everybody else."), "success")
    owes = can(actor, "discussion.summarize", held)
    return redirect(f"/moderation/discussions/{held.id}/summary" if owes else f"/d/{held.id}/{held.slug}", 303)


class ClosedIn(ActIn):
    """Whether a discussion is closed with a public summary, and why, for the public log."""

    closed: bool


@api.put("/discussions/<int:discussion_id>/closed", body=ClosedIn, act="discussion.attribute")
def put_closed(discussion_id: int, body: ClosedIn) -> None:
    """Close a discussion with a public summary, or open it again; 409 when it is so already, or others have written in confidence."""
    act = confiding.close if body.closed else confiding.open_again
    act(current_actor(), discussion_id, body.reason, body.code)
