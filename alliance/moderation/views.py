"""Pages of moderation: flagging, and acts on posts and discussions."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from alliance.core import i18n
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.moderation import acts, forms, queries, services
from alliance.policy import Actor, require
from alliance.web import current_actor, limits, outlines, owned, pages
from alliance.web.access import signed_in
from alliance.web.security import inside

bp = Blueprint("moderation", __name__)
Page = str | tuple[str, int] | Response
Act = Callable[[Actor, int, str, str], None]
POST_ACTS: dict[str, Act] = {"hide": services.hide, "restore": services.restore, "dismiss": services.dismiss}
DISCUSSION_ACTS: dict[str, Act] = {"lock": services.lock, "unlock": services.unlock}


@bp.route("/p/<int:post_id>/flag", methods=["GET", "POST"])
@signed_in
@limits.limit("30/hour")
def flag(post_id: int) -> Page:
    """Flag a post."""
    actor = current_actor()
    post = queries.flaggable(actor, post_id)
    require(actor, "post.flag", post)
    form = forms.FlagForm(obj=queries.own_flag(actor, post_id))
    if form.validate_on_submit():
        try:
            services.flag_post(actor, post_id, form.reason.data, form.note.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Thank you. Moderators will look at the post, and you will be told what they decided."), "success")
            return redirect(f"/p/{post_id}" if queries.is_readable(actor, post_id) else "/", 303)
    return pages.render("moderation/flag.html", form=form, post=post), 422 if request.method == "POST" else 200


@bp.route("/moderation/posts/<int:post_id>/<act>", methods=["GET", "POST"])
@signed_in
def act_on_post(post_id: int, act: str) -> Page:
    """Hide or restore a post, or dismiss its flags."""
    if act not in POST_ACTS:
        raise NotFound
    actor = current_actor()
    post = queries.flaggable(actor, post_id)
    require(actor, "moderation.decide", post)
    return _act(act, POST_ACTS[act], post_id, f"/p/{post_id}", post=post, discussion=post.discussion)


@bp.route("/moderation/posts/<int:post_id>/edit", methods=["GET", "POST"])
@signed_in
def edit_post(post_id: int) -> Page:
    """Change the text of somebody else's post, named."""
    actor = current_actor()
    post = queries.flaggable(actor, post_id)
    require(actor, "moderation.decide", post)
    form = forms.EditForm(obj=post)
    if form.validate_on_submit():
        try:
            services.edit(actor, post_id, form.body.data, form.reason.data or "", form.code.data or "", withhold=form.withhold.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Done, and noted in the public log."), "success")
            return redirect(f"/p/{post_id}", 303)
    return pages.render("moderation/edit.html", form=form, post=post), 422 if request.method == "POST" else 200


@bp.route("/moderation/discussions/<int:discussion_id>/<act>", methods=["GET", "POST"])
@signed_in
def act_on_discussion(discussion_id: int, act: str) -> Page:
    """Lock or unlock a discussion."""
    if act not in DISCUSSION_ACTS:
        raise NotFound
    actor = current_actor()
    discussion = queries.discussion(actor, discussion_id)
    require(actor, "moderation.decide", discussion)
    return _act(act, DISCUSSION_ACTS[act], discussion_id, f"/d/{discussion.id}/{discussion.slug}", post=None, discussion=discussion)


def _act(act: str, service: Act, thing_id: int, back: str, **context: object) -> Page:
    """The form of an act; done, it leads back to where the act shows (or to the queue it was done from)."""
    form = forms.ActForm()
    target = inside(request.values.get("next"), back)
    if form.validate_on_submit():
        try:
            service(current_actor(), thing_id, form.reason.data or "", form.code.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Done, and noted in the public log."), "success")
            return redirect(target, 303)
    page = pages.render("moderation/act.html", form=form, act=act, label=acts.label(act), target=target, **context)
    return page, 422 if request.method == "POST" else 200


@outlines.filler("flags")
def flags_waiting() -> Markup:
    """How many things wait for a moderator (the header's count)."""
    owned.refuse()
    number = queries.waiting(current_actor())
    return Markup(' <span class="count">{}</span>').format(i18n.format_number(number, queries.MOST)) if number else Markup()
