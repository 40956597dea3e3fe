"""Pages of writing: open a discussion, reply, edit, withdraw."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from alliance.attachments.services import MOST_PER_POST
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import diffing, extras, forms, holding, preparing, queries, quoting, retracting, services, topics
from alliance.discussions.models import Discussion, Post
from alliance.discussions.views import Page, address, bp, page_of, preview_of, status_of
from alliance.drafts import keeping
from alliance.drafts import services as drafts
from alliance.groups import queries as groups
from alliance.groups.models import Space
from alliance.policy import require
from alliance.web import current_actor, limits, pages, uploads
from alliance.web.access import signed_in
from alliance.web.once import redirect_once

for _endpoint in ("discussions.open_discussion", "discussions.reply", "discussions.edit"):
    uploads.allow(_endpoint, files=MOST_PER_POST)


@bp.route("/action-lines/<code>/new", methods=["GET", "POST"])
@bp.route("/groups/<code>/discussions/new", methods=["GET", "POST"])
@keeping.writing(lambda code: f"s:{code}")
@limits.limit("60/hour")
def open_discussion(code: str) -> Page:
    """Open a discussion."""
    actor = current_actor()
    found = groups.get_space(actor, code)
    require(actor, "discussion.open", found)
    form = forms.OpenForm(actor)
    form.place = f"s:{code}"
    if not form.is_submitted():
        keeping.restore(form, form.place)
    form.take_files()
    answer = keeping.save(form) if form.save.data else _open(found, form)
    if answer is not None:
        return answer
    return pages.render("discussions/open.html", space=found, form=form, preview=preview_of(form)), status_of(form)


def _open(space: Space, form: forms.OpenForm) -> Response | None:
    """The new discussion; None when the form has to be shown (again)."""
    if form.staying or not form.validate_on_submit() or form.preview.data:
        return None
    actor, code = current_actor(), space.code
    limits.check("discussions.open", limits.caller(), "20/hour")
    try:
        return redirect_once(actor, form.nonce.data, lambda: _opened(code, form))
    except Invalid as error:
        form.take(error)
    return None


def _opened(code: str, form: forms.OpenForm) -> str:
    actor, title, body = current_actor(), form.title.data or "", form.body.data or ""
    space = groups.get_space(actor, code)
    earlier = preparing.opened_already(actor, title, body, space.id)
    made = (
        earlier.discussion
        if earlier
        else topics.open_discussion(
            actor,
            space,
            title,
            body,
            topics=form.topics.data or [],
            language=form.language.data or None,
            affiliation_id=form.affiliation_id,
        )
    )
    opening = earlier or holding.opening_of(made)
    if earlier is None:
        extras.keep(actor, opening)
    drafts.discard(actor, f"s:{code}", form.nonce.data)
    return address(made) if opening.status == "visible" else f"/p/{opening.id}/waiting"


@bp.post("/d/<int:discussion_id>/<slug>/reply")
@keeping.writing(preparing.place_of)
@limits.limit("120/hour")
def reply(discussion_id: int, slug: str) -> Page:
    """Answer a discussion, or one of its posts."""
    actor = current_actor()
    found = queries.get_discussion(actor, discussion_id)
    form = forms.ReplyForm(actor)
    form.place = preparing.place_of(discussion_id)
    form.take_files()
    answer = keeping.save(form) if form.save.data else _reply(found, form)
    if answer is not None:
        return answer
    found = queries.get_discussion(actor, discussion_id)
    return page_of(found, form, preparing.parent_of(form, discussion_id), status_of(form))


def _reply(discussion: Discussion, form: forms.ReplyForm) -> Response | None:
    """The new post; None when the form has to be shown (again)."""
    actor, discussion_id = current_actor(), discussion.id
    if form.staying or not form.validate_on_submit() or form.preview.data or preparing.meanwhile(actor, discussion, form):
        return None
    try:
        return redirect_once(actor, form.nonce.data, lambda: _replied(discussion_id, form))
    except Invalid as error:
        form.take(error)
    return None


def _replied(discussion_id: int, form: forms.ReplyForm) -> str:
    actor, body = current_actor(), form.body.data or ""
    found = queries.get_discussion(actor, discussion_id)
    parent = preparing.parent_to_answer(form, discussion_id)
    post = preparing.said_already(actor, body, discussion_id, parent.id if parent else None)
    if post is None:
        post = services.publish_post(
            actor, found, body, parent=parent, language=form.language.data or None, affiliation_id=form.affiliation_id
        )
        quoting.keep(actor, post, form.quotes.data)
        extras.keep(actor, post)
    drafts.discard(actor, preparing.place_of(discussion_id), form.nonce.data)
    return f"/p/{post.id}" if post.status == "visible" else f"/p/{post.id}/waiting"


@bp.route("/p/<int:post_id>/edit", methods=["GET", "POST"])
@keeping.writing(lambda post_id: f"p:{post_id}")
@limits.limit("120/hour")
def edit(post_id: int) -> Page:
    """Change one's own post."""
    actor = current_actor()
    post = queries.get_post(actor, post_id)
    require(actor, "post.edit", post)
    form = forms.EditForm(obj=post)
    form.place = f"p:{post_id}"
    if not form.is_submitted():
        form.body.data = retracting.cleaner(post_id)(post.body)
        keeping.restore(form, form.place)
    form.take_files()
    answer, newer = (keeping.save(form), None) if form.save.data else _edit(post, form)
    if answer is not None:
        return answer
    compared = diffing.compare(newer.body, form.body.data or "") if newer else []
    page = pages.render(
        "discussions/edit.html", post=queries.get_post(actor, post_id), form=form, newer=newer, compared=compared, preview=preview_of(form)
    )
    return page, 409 if newer else status_of(form)


def _edit(post: Post, form: forms.EditForm) -> tuple[Response | None, services.StaleEdit | None]:
    """The way back to the post that was changed, or else what it says by now, when somebody changed it meanwhile."""
    actor, post_id = current_actor(), post.id
    if form.staying or not form.validate_on_submit() or form.preview.data or form.base is None:
        return None, None
    try:
        return redirect_once(actor, form.nonce.data, lambda: _edited(post_id, form)), None
    except services.StaleEdit as stale:
        form.take(Invalid.field("body", str(stale)))
        form.revision.raw_data, form.revision.data = None, str(stale.revision)
        return None, stale
    except Invalid as error:
        form.take(error)
    return None, None


def _edited(post_id: int, form: forms.EditForm) -> str:
    actor = current_actor()
    post = queries.get_post(actor, post_id)
    body = form.body.data or ""
    edited = services.edit_post(actor, post, body, expected_revision=form.base or 0, language=form.language.data or None)
    drafts.discard(actor, f"p:{post_id}", form.nonce.data)
    return f"/p/{post_id}" if edited.body == body else f"/p/{post_id}/waiting"


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
    return redirect(back if queries.still_open(actor, post.discussion_id) else post.space.path, 303)
