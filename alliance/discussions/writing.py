"""Pages of writing: open a discussion, reply, edit, withdraw."""

from __future__ import annotations

from flask import flash, redirect, request, url_for

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import forms, queries, services
from alliance.discussions.views import Page, address, bp, page_of, preview_of, status_of
from alliance.groups import queries as groups
from alliance.policy import require
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.once import redirect_once


@bp.route("/action-lines/<code>/new", methods=["GET", "POST"])
@signed_in
@limits.limit("20/hour")
def open_discussion(code: str) -> Page:
    """Open a discussion."""
    actor = current_actor()
    found = groups.get_space(actor, code)
    require(actor, "discussion.open", found)
    form = forms.OpenForm(actor)
    if form.validate_on_submit() and not form.preview.data:
        try:
            return redirect_once(actor, form.nonce.data, lambda: _opened(code, form))
        except Invalid as error:
            form.take(error)
    return pages.render("discussions/open.html", space=found, form=form, preview=preview_of(form)), status_of(form)


def _opened(code: str, form: forms.OpenForm) -> str:
    actor = current_actor()
    made = services.open_discussion(
        actor,
        groups.get_space(actor, code),
        form.title.data or "",
        form.body.data or "",
        language=form.language.data or None,
        affiliation_id=form.affiliation_id,
    )
    return address(made)


@bp.post("/d/<int:discussion_id>/<slug>/reply")
@limits.limit("60/hour")
@signed_in
def reply(discussion_id: int, slug: str) -> Page:
    """Answer a discussion, or one of its posts."""
    actor = current_actor()
    found = queries.get_discussion(actor, discussion_id)
    form = forms.ReplyForm(actor)
    if form.validate_on_submit() and not form.preview.data:
        try:
            return redirect_once(actor, form.nonce.data, lambda: _replied(discussion_id, form))
        except Invalid as error:
            form.take(error)
    answered = queries.get_post(actor, form.parent_id.data) if form.parent_id.data else None
    return page_of(found, form, answered, status_of(form))


def _replied(discussion_id: int, form: forms.ReplyForm) -> str:
    actor = current_actor()
    parent = queries.get_post(actor, form.parent_id.data) if form.parent_id.data else None
    post = services.publish_post(
        actor,
        queries.get_discussion(actor, discussion_id),
        form.body.data or "",
        parent=parent,
        language=form.language.data or None,
        affiliation_id=form.affiliation_id,
    )
    return f"/p/{post.id}"


@bp.route("/p/<int:post_id>/edit", methods=["GET", "POST"])
@signed_in
@limits.limit("120/hour")
def edit(post_id: int) -> Page:
    """Change one's own post."""
    actor = current_actor()
    post = queries.get_post(actor, post_id)
    require(actor, "post.edit", post)
    form = forms.EditForm(obj=post)
    newer = None
    if form.validate_on_submit() and not form.preview.data and form.revision.data.isdecimal():
        try:
            services.edit_post(
                actor, post, form.body.data or "", expected_revision=int(form.revision.data), language=form.language.data or None
            )
        except services.StaleEdit as stale:
            newer = stale
            form.take(Invalid.field("body", str(stale)))
            form.revision.raw_data, form.revision.data = None, str(stale.revision)
        except Invalid as error:
            form.take(error)
        else:
            return redirect(f"/p/{post_id}", 303)
    page = pages.render("discussions/edit.html", post=post, form=form, newer=newer, preview=preview_of(form))
    return page, 409 if newer else status_of(form)


@bp.route("/p/<int:post_id>/withdraw", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def withdraw(post_id: int) -> Page:
    """Take one's own post back (asked once more: it cannot be undone)."""
    actor = current_actor()
    post = queries.get_post(actor, post_id)
    require(actor, "post.withdraw", post)
    if request.method == "GET":
        return pages.render("discussions/withdraw.html", post=post)
    back = address(post.discussion)
    services.withdraw_post(actor, post)
    flash(_("Your post is withdrawn."), "success")
    return redirect(back if queries.still_open(actor, post.discussion_id) else url_for("discussions.space", code=post.space.code), 303)
