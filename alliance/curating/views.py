"""Pages of curating."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.curating import forms, queries, services, summaries
from alliance.discussions import knowing
from alliance.discussions import queries as discussions
from alliance.discussions.diffing import compare
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


@bp.route("/moderation/discussions/<int:discussion_id>/summary", methods=["GET", "POST"])
@signed_in
def summary(discussion_id: int) -> Page:
    """Write the summary of a discussion, word it anew, or take it down."""
    actor = current_actor()
    found = discussions.get_discussion(actor, discussion_id)
    require(actor, "discussion.summarize", found)
    now = summaries.newest(found.id)
    form = forms.SummaryForm(data={"body": summaries.text_of(found, now) if now else "", "base": str(now.number if now else 0)})
    path, status = f"/d/{found.id}/{found.slug}", 200
    if request.method == "POST":
        status = 422
        try:
            if request.form.get("take_down"):
                summaries.take_down(actor, discussion_id)
                return _noted(path)
            if form.validate():
                based_on = int(form.base.data) if (form.base.data or "").isdecimal() else 0
                summaries.write(actor, discussion_id, form.body.data, based_on=based_on)
                return _noted(path)
        except Invalid as error:
            form.take(error)
        except Conflict as late:
            status, now = 409, summaries.newest(discussion_id)
            form.base.data = str(now.number if now else 0)
            form.form_errors.append(str(late))
    there = summaries.text_of(found, now) if status == 409 and now else ""
    return pages.render("curating/write.html", form=form, discussion=found, now=now, there=there), status


def _noted(path: str) -> Response:
    flash(_("Done, and noted in the public log."), "success")
    return redirect(path, 303)


@bp.get("/d/<int:discussion_id>/summary")
def summary_history(discussion_id: int) -> str:
    """What the summary of a discussion said before, and what was changed."""
    found, inside = knowing.get_summarized(current_actor(), discussion_id)
    rows = summaries.revisions(found.id)
    if not rows:
        raise NotFound
    read = [summaries.shown(found, row, inside=inside) for row in rows]
    texts = ["\n".join(one.text for one in each.sentences) if each else "" for each in read]
    changes = [(row, compare(before, text)) for row, text, before in zip(rows, texts, [*texts[1:], ""], strict=True)]
    return pages.render("curating/history.html", discussion=found, changes=changes)
