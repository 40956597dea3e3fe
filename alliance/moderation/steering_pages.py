"""Pages on which a discussion is steered, and what its page says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from markupsafe import Markup
from sqlalchemy import select
from wtforms import IntegerField
from wtforms.validators import InputRequired, Optional

from alliance.accounts.models import Person
from alliance.core import db, text
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.discussions.facts import Facts
from alliance.discussions.models import Discussion, Post
from alliance.moderation import queries, steering
from alliance.moderation.forms import ActForm
from alliance.moderation.views import Page, bp
from alliance.policy import require
from alliance.web import current_actor, outlines, pages
from alliance.web.access import signed_in
from alliance.web.forms import Form, MomentField


class SteerForm(ActForm):
    """How a discussion goes on."""

    minutes = IntegerField(
        _l("Minutes between two posts of a person"), validators=[Optional()], description=_l("0: as many posts as they like.")
    )
    until = MomentField(
        _l("Until (UTC)"), validators=[Optional()],
        description=_l("When it closes, or until when it is pinned. Pinned without a moment, it stays so until it is taken down."),
    )  # fmt: skip


class AnswerForm(Form):
    """Which reply is the answer."""

    number = IntegerField(_l("Number of the reply"), validators=[InputRequired()])


@bp.route("/moderation/discussions/<int:discussion_id>/steer", methods=["GET", "POST"])
@signed_in
def steer(discussion_id: int) -> Page:
    """Slow mode, pinning, closing on a date."""
    actor = current_actor()
    found = queries.discussion(actor, discussion_id)
    require(actor, "discussion.steer", found)
    form = SteerForm(data={"minutes": found.slow_minutes or None})
    if form.validate_on_submit():
        try:
            _steered(form, discussion_id)
        except Invalid as error:
            form.take(error)
        except Conflict as late:
            form.form_errors.append(str(late))
        else:
            flash(_("Done, and noted in the public log."), "success")
            return redirect(f"/d/{found.id}/{found.slug}", 303)
    return pages.render("moderation/steer.html", form=form, discussion=found), 422 if request.method == "POST" else 200


def _steered(form: SteerForm, discussion_id: int) -> None:
    actor, why = current_actor(), {"reason": form.reason.data or "", "code": form.code.data or ""}
    what, end = request.form.get("what", ""), form.until.moment
    if what == "slow":
        steering.slow(actor, discussion_id, form.minutes.data or 0, **why)
    elif what == "pin":
        steering.pin(actor, discussion_id, end, **why)
    elif what == "unpin":
        steering.unpin(actor, discussion_id, **why)
    elif what == "open":
        steering.close_on(actor, discussion_id, None, **why)
    elif what == "close" and end is not None:
        steering.close_on(actor, discussion_id, end, **why)
    else:
        raise Invalid.field("until", _("Give a moment in the future, at most three years from now."))


@bp.route("/d/<int:discussion_id>/answer", methods=["GET", "POST"])
@signed_in
def answer(discussion_id: int) -> Page:
    """Mark a reply as the answer, or take the mark back."""
    actor = current_actor()
    found = queries.discussion(actor, discussion_id)
    require(actor, "discussion.answer", found)
    form, back = AnswerForm(), f"/d/{found.id}/{found.slug}"
    if request.method == "GET":
        form.number.data = request.args.get("post", type=int)
    if request.form.get("what") == "back":
        return _step(form, found, back, lambda: steering.unanswer(actor, discussion_id))
    if form.validate_on_submit():
        return _step(form, found, back, lambda: steering.answer(actor, _numbered(discussion_id, form.number.data)))
    return _answer_page(form, found), 422 if request.method == "POST" else 200


def _step(form: AnswerForm, found: Discussion, back: str, act: Callable[[], Any]) -> Page:
    try:
        act()
    except (Conflict, NotFound) as error:
        form.take(Invalid.field("number", str(error) or _("There is no such reply in this discussion.")))
        return _answer_page(form, found), 422
    flash(_("Done."), "success")
    return redirect(back, 303)


def _answer_page(form: AnswerForm, found: Discussion) -> str:
    return pages.render("moderation/answer.html", form=form, discussion=found)


def _numbered(discussion_id: int, number: int) -> int:
    found = (
        db.session().scalar(select(Post.id).where(Post.discussion_id == discussion_id, Post.number == number)) if number < 10**9 else None
    )
    if found is None:
        raise NotFound
    return found


@pages.section("discussion.head", 5)
def state(discussion: Any, **_more: Any) -> Markup:
    """When it closes, how slow it is, and its answer (a query only where there is one)."""
    shown = None
    if discussion.answer_id is not None:
        query = select(Post.id, Post.number, Post.html, Post.language, Person.name).join(Person, Person.id == Post.author_id)
        query = query.where(Post.id == discussion.answer_id, Post.discussion_id == discussion.id, Post.status == "visible")
        shown = db.session().execute(query).first()
    if shown is None and not discussion.slow_minutes and (discussion.closes_at is None or discussion.is_closed):
        return Markup()
    excerpt = text.excerpt(text.plain(shown.html)) if shown is not None else ""
    return pages.markup("moderation/_state.html", discussion=discussion, shown=shown, excerpt=excerpt)


@outlines.filler("answering")
def answering(discussion: Facts) -> Markup:
    """The way to mark the answer, for whoever opened the discussion and for moderators."""
    actor = current_actor()
    if not actor.may_act or not (actor.is_moderator or actor.person_id == discussion.writer_id) or discussion.next_number < 3:
        return Markup()
    return Markup('<li><a href="/d/{}/answer">{}</a></li>').format(discussion.id, _("Mark a reply as the answer"))


REGISTERED: tuple[Callable[..., Any], ...] = (state, answering)
