"""What the scripts of a form of writing ask for: a preview, names to complete, a quotation of what is selected."""

from __future__ import annotations

from flask import Response, jsonify, request

from alliance.core import i18n, text
from alliance.core.i18n import gettext as _
from alliance.core.i18n import ngettext
from alliance.discussions import completing, linking, queries, quoting
from alliance.discussions.views import Page, bp
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.errors import problem


@bp.post("/preview")
@signed_in
@limits.limit("120/minute")
def preview() -> Page:
    """A text as it would be shown, by the renderer that will show it."""
    body, language = request.form.get("body", ""), request.form.get("language", "")
    made = linking.rendered(body[: text.MAX_BODY], writer_id=current_actor().person_id)
    spoken = language if language in i18n.LANGUAGES else text.detect_language(body)
    return pages.render("discussions/_preview.html", html=made.html, language=spoken)


@bp.get("/complete")
@limits.limit("240/minute", methods=("GET",))
def complete() -> Response:
    """Names that begin as one has typed, and how many people each notifies."""
    if not current_actor().is_authenticated:
        return problem(401, _("Sign in first, or send a valid token."))
    begun = text.storable(request.args.get("q", ""))[:42]
    found = completing.suggestions(current_actor(), begun, request.args.get("place", "")[:80])
    return jsonify(items=[{"insert": one.insert, "label": one.label, "detail": one.detail, "reach": _reach(one.reach)} for one in found])


def _reach(count: int) -> str:
    return ngettext("notifies %(num)s person", "notifies %(num)s people", count) if count else _("notifies nobody")


@bp.post("/p/<int:post_id>/quote")
@signed_in
@limits.limit("120/minute")
def quote(post_id: int) -> Response:
    """What is selected in a post as Markdown, with where it stands."""
    post = queries.get_post(current_actor(), post_id)
    made = quoting.quotation(post, request.form.get("text", "")[: text.MAX_BODY], _share(request.form.get("near", "")))
    heading = _("Reply to #%(number)s", number=post.number)
    return jsonify(markdown=made.markdown, reference=made.reference, parent=post.id, heading=heading)


def _share(given: str) -> float:
    try:
        return min(1.0, max(0.0, float(given)))
    except ValueError:
        return 0.0
