"""Pages of curating."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.curating import forms, queries, services
from alliance.policy import require
from alliance.web import current_actor, pages
from alliance.web.access import signed_in

bp = Blueprint("curating", __name__)
Page = str | tuple[str, int] | Response


@bp.route("/moderation/posts/<int:post_id>/key", methods=["GET", "POST"])
@signed_in
def key(post_id: int) -> Page:
    """Mark a post as a key contribution, change why, or take the mark back."""
    actor = current_actor()
    post = queries.post(actor, post_id)
    require(actor, "post.mark", post)
    form = forms.KeyForm(obj=post)
    if form.validate_on_submit():
        try:
            _done(post_id, form)
        except Invalid as error:
            form.key_note.errors = error.errors.get("note", [])
        except Conflict as late:
            form.form_errors.append(str(late))
        else:
            flash(_("Done, and noted in the public log."), "success")
            return redirect(f"/p/{post_id}", 303)
    return pages.render("curating/key.html", form=form, post=post), 422 if request.method == "POST" else 200


def _done(post_id: int, form: forms.KeyForm) -> None:
    if request.form.get("take_back"):
        services.unmark(current_actor(), post_id)
    else:
        services.mark(current_actor(), post_id, form.key_note.data or "")
