"""The page of one's sessions and of what happened to one's account."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.accounts import history, session, sign_ins
from alliance.accounts.views import bp
from alliance.core import ids
from alliance.core.i18n import gettext as _
from alliance.web import current_actor, pages
from alliance.web.access import signed_in


@bp.get("/settings/sessions")
@signed_in
def sessions() -> str:
    """Where one is signed in, and what happened to the account."""
    happened, older = history.of(current_actor(), ids.given(request.args.get("before")))
    return pages.render(
        "accounts/sessions.html",
        sessions=sign_ins.of(current_actor()),
        mine=session.key(),
        happened=[(history.KINDS[one.kind], one) for one in happened],
        older=older,
    )


@bp.post("/settings/sessions/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> Response:
    """End one session."""
    sign_ins.end_one(current_actor(), session_id)
    flash(_("The session has ended."), "success")
    return redirect(url_for("accounts.sessions"), 303)


@bp.post("/settings/sessions/end-others")
@signed_in
def end_other_sessions() -> Response:
    """End all sessions but this one."""
    sign_ins.end_others(current_actor(), session.key())
    flash(_("All other sessions have ended."), "success")
    return redirect(url_for("accounts.sessions"), 303)
