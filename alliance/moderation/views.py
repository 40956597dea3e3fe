"""Pages of moderation: flagging, the review queue, acts, the public log."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.moderation import forms, queries, services
from alliance.policy import Actor, require
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.security import inside

bp = Blueprint("moderation", __name__)
Page = str | tuple[str, int] | Response
POST_ACTS: dict[str, Callable[[Actor, int, str], None]] = {"hide": services.hide, "restore": services.restore, "dismiss": services.dismiss}
DISCUSSION_ACTS: dict[str, Callable[[Actor, int, str], None]] = {"lock": services.lock, "unlock": services.unlock}


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
            flash(_("Thank you. Moderators will look at the post."), "success")
            return redirect(f"/p/{post_id}", 303)
    return pages.render("moderation/flag.html", form=form, post=post), 422 if request.method == "POST" else 200


@bp.get("/moderation")
@signed_in
def queue() -> str:
    """The review queue."""
    actor = current_actor()
    require(actor, "moderation.review")
    items, following = queries.queue(actor, request.args.get("after"))
    return pages.render(
        "moderation/queue.html", items=items, next=following, waiting=queries.waiting(actor), reasons=services.REASONS, form=forms.ActForm()
    )


@bp.route("/moderation/posts/<int:post_id>/<act>", methods=["GET", "POST"])
@signed_in
def act_on_post(post_id: int, act: str) -> Page:
    """Hide or restore a post, or dismiss its flags."""
    if act not in POST_ACTS:
        raise NotFound
    actor = current_actor()
    require(actor, "moderation.decide")
    post = queries.flaggable(actor, post_id)
    return _act(act, POST_ACTS[act], post_id, f"/p/{post_id}", post=post, discussion=post.discussion)


@bp.route("/moderation/discussions/<int:discussion_id>/<act>", methods=["GET", "POST"])
@signed_in
def act_on_discussion(discussion_id: int, act: str) -> Page:
    """Lock or unlock a discussion."""
    if act not in DISCUSSION_ACTS:
        raise NotFound
    actor = current_actor()
    require(actor, "moderation.decide")
    discussion = queries.discussion(actor, discussion_id)
    return _act(act, DISCUSSION_ACTS[act], discussion_id, f"/d/{discussion.id}/{discussion.slug}", post=None, discussion=discussion)


def _act(act: str, service: Callable[[Actor, int, str], None], thing_id: int, back: str, **context: object) -> Page:
    """The form of an act; done, it leads back to where the act shows (or to the queue it was done from)."""
    form = forms.ActForm()
    target = inside(request.values.get("next"), back)
    if form.validate_on_submit():
        try:
            service(current_actor(), thing_id, form.reason.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Done, and noted in the public log."), "success")
            return redirect(target, 303)
    page = pages.render("moderation/act.html", form=form, act=act, label=services.ACTS[act], target=target, **context)
    return page, 422 if request.method == "POST" else 200


@bp.get("/moderation/log")
def log() -> str:
    """The public log of moderation."""
    actor = current_actor()
    entries, following = queries.log(actor, request.args.get("after"))
    return pages.render(
        "moderation/log.html",
        entries=entries,
        next=following,
        acts=services.ACTS,
        title_shown=lambda entry: queries.title_shown(actor, entry),
    )


@pages.provide("flags_waiting")
def flags_waiting() -> int:
    """How many posts wait for a moderator (the header's count)."""
    return queries.waiting(current_actor())
