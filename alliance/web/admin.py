"""What the secretariat looks after; what the system could not deliver, to see and to try again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from alliance.core import outbox
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.policy import require
from alliance.web import current_actor, pages
from alliance.web.access import signed_in

bp = Blueprint("admin", __name__)


@bp.get("/admin")
@signed_in
def administration() -> str:
    """What the secretariat looks after, page by page."""
    require(current_actor(), "system.failures")
    return pages.render("web/admin.html")


@bp.get("/admin/failures")
@signed_in
def failures() -> str:
    """Events a listener could not deal with."""
    require(current_actor(), "system.failures")
    return pages.render("web/failures.html", failures=outbox.failures())


@bp.post("/admin/failures/<int:failure_id>/retry")
@signed_in
def retry(failure_id: int) -> Response:
    """Try one again now."""
    require(current_actor(), "system.failures")
    if not outbox.try_again(failure_id):
        raise NotFound
    flash(_("It is being tried again."), "success")
    return redirect(url_for("admin.failures"), 303)
