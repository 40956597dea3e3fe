"""The page on which discussions are split, merged and moved, the line that says so, and a moderator's links at posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import flash, redirect, request
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from alliance.core import clock, db, i18n
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.discussions import fragments, knowing
from alliance.discussions.checks import MAX_TITLE
from alliance.discussions.facts import Spot
from alliance.discussions.models import Discussion
from alliance.discussions.move_models import Move
from alliance.moderation import moves, queries
from alliance.moderation.forms import ActForm
from alliance.moderation.views import Page, bp
from alliance.policy import Actor, can, require, visible
from alliance.policy.space import moderates
from alliance.web import current_actor, pages
from alliance.web.access import signed_in

SHOWN = 5


class MoveForm(ActForm):
    """Which posts, or all of it, go where."""

    posts = StringField(
        _l("Numbers of posts"), validators=[Optional(), Length(max=2000)],
        description=_l("For example 12, 40: each goes with everything that answers it."),
    )  # fmt: skip
    title = StringField(_l("Title of a new discussion"), validators=[Optional(), Length(max=MAX_TITLE * 2)], render_kw={"dir": "auto"})
    target = StringField(_l("Discussion they go to"), validators=[Optional(), Length(max=300)], description=_l("Its address or number."))
    space = SelectField(_l("Space"), validators=[Optional()])


@bp.route("/moderation/discussions/<int:discussion_id>/move", methods=["GET", "POST"])
@signed_in
def move(discussion_id: int) -> Page:
    """Split, merge or move a discussion."""
    actor = current_actor()
    found = queries.discussion(actor, discussion_id)
    require(actor, "discussion.reorder", found)
    form = MoveForm()
    others = [one for one in queries.spaces(actor) if one.id != found.space_id and {one.kind, found.space.kind} == {"action_line"}]
    form.space.choices = [("", ""), *((one.code, f"{one.code.split('-')[0].upper()} {one.title(i18n.current_locale())}") for one in others)]
    if request.method == "GET":
        form.posts.data = request.args.get("posts", "")[:2000]
    elif form.validate_on_submit():
        try:
            return redirect(_done(form, discussion_id), 303)
        except Invalid as error:
            form.take(error)
        except Conflict as late:
            form.form_errors.append(str(late))
    return pages.render("moderation/move.html", form=form, discussion=found), 422 if request.method == "POST" else 200


def _done(form: MoveForm, discussion_id: int) -> str:
    """Do what was asked; the address of where things are now."""
    actor, why = current_actor(), {"reason": form.reason.data or "", "code": form.code.data or ""}
    what = request.form.get("what", "")
    if what == "space":
        target = moves.relocate(actor, discussion_id, form.space.data or "", **why)
    elif what == "merge":
        target = moves.merge(actor, discussion_id, form.target.data or "", **why).target
    else:
        numbers = moves.numbers_given(form.posts.data or "")
        target = moves.branches(actor, discussion_id, numbers, title=form.title.data or "", target=form.target.data or "", **why).target
    flash(_("Done, and noted in the public log."), "success")
    return f"/d/{target.id}/{target.slug}"


@bp.post("/moderation/moves/<int:move_id>/undo")
@signed_in
def put_back(move_id: int) -> Response:
    """Take a move back within a day."""
    try:
        done = moves.put_back(current_actor(), move_id)
    except Conflict as late:
        flash(str(late), "info")
        return redirect("/moderation/log", 303)
    flash(_("The posts are back where they were."), "success")
    return redirect(f"/d/{done.target.id}/{done.target.slug}", 303)


@bp.post("/moderation/discussions/<int:discussion_id>/move-back")
@signed_in
def move_back(discussion_id: int) -> Response:
    """Move a discussion back, within a day, to the space it came from."""
    try:
        found = moves.move_back(current_actor(), discussion_id)
    except Conflict as late:
        flash(str(late), "info")
        return redirect(f"/d/{discussion_id}", 303)
    flash(_("The discussion is back in the space it came from."), "success")
    return redirect(f"/d/{found.id}/{found.slug}", 303)


@pages.section("discussion.head", 90)
def moved(discussion: Any, **_more: Any) -> Markup:
    """Where posts of a discussion went, and where some of its posts came from (asked only when numbers are missing, or of a moderator)."""
    actor = current_actor()
    if discussion.next_number - 1 <= discussion.posts_count and not actor.is_moderator:
        return Markup()
    query = select(Move.id, Move.posts, Move.created_at, Discussion.id.label("target_id"), Discussion.title, Discussion.slug)
    query = query.join(Discussion, Discussion.id == Move.target_id).where(visible(actor, Discussion), Move.undone_at.is_(None))
    went = db.session().execute(query.where(Move.source_id == discussion.id).order_by(Move.id.desc()).limit(SHOWN)).all()
    came, space = [], None
    if can(actor, "discussion.reorder", discussion):
        recent = query.where(Move.target_id == discussion.id, Move.created_at > clock.now() - moves.UNDO)
        space = moves.came_from(actor, discussion.id)
        came = list(db.session().execute(recent.order_by(Move.id.desc()).limit(SHOWN)))
    return (
        pages.markup("moderation/_moved.html", went=went, came=came, space=space, discussion=discussion)
        if went or came or space
        else Markup()
    )


@fragments.acts("moderating", 90)
def links(actor: Actor, posts: Sequence[Spot]) -> Mapping[int, Sequence[Markup]]:
    """What a moderator may do with each post, of the platform or of the group."""
    keeps = {discussion_id: _keeps(actor, discussion_id) for discussion_id in {post.discussion_id for post in posts}}
    return {post.id: _links(post) for post in posts if keeps[post.discussion_id] and post.status in {"visible", "hidden"}}


def _keeps(actor: Actor, discussion_id: int) -> bool:
    if actor.is_moderator:
        return True
    found = knowing.at_hand(actor, discussion_id)
    return found is not None and moderates(actor, found.space)


def _links(post: Spot) -> list[Markup]:
    at = f"/moderation/posts/{post.id}"
    if post.status == "hidden":
        return [_link(f"{at}/restore", _("Restore"))]
    some = [_link(f"{at}/hide", _("Hide")), _link(f"{at}/edit", _("Change"))]
    if post.number > 1:
        some.append(_link(f"/d/{post.discussion_id}/answer?post={post.number}", _("Answer?")))
        some.append(_link(f"/moderation/discussions/{post.discussion_id}/move?posts={post.number}", _("Move")))
    return some


def _link(address: str, label: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, label)


REGISTERED: tuple[Callable[..., Any], ...] = (moved, links)
