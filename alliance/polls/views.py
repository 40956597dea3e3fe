"""Pages of polls: vote, see the result, make one, close it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions.models import Post
from alliance.policy import require
from alliance.polls import forms, queries, services, shown
from alliance.polls.models import Poll
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in

bp = Blueprint("polls", __name__)
Page = str | tuple[str, int] | Response


@bp.get("/p/<int:post_id>/poll")
def poll(post_id: int) -> Page:
    """A poll: to vote in, with its result as far as it is told."""
    post, found = _found(post_id)
    return _page(post, found, forms.VoteForm(formdata=None), 200)


@bp.post("/p/<int:post_id>/poll")
@signed_in
@limits.limit("600/hour")
def vote(post_id: int) -> Page:
    """Vote, vote otherwise, or take one's vote back."""
    actor = current_actor()
    post, found = _found(post_id)
    form = forms.VoteForm()
    try:
        if request.form.get("act") == "withdraw":
            services.withdraw_vote(actor, post)
        else:
            services.vote(actor, post, forms.chosen(found, request.form))
    except (Invalid, Conflict) as error:
        form.take(error if isinstance(error, Invalid) else Invalid.field("", str(error)))
        post, found = _found(post_id)
        return _page(post, found, form, 422 if isinstance(error, Invalid) else 409)
    flash(_("Noted."), "success")
    return redirect(f"/p/{post_id}/poll", 303)


@bp.route("/p/<int:post_id>/poll/edit", methods=["GET", "POST"])
@signed_in
@limits.limit("120/hour")
def edit(post_id: int) -> Page:
    """Put a poll into one's own post, change it or remove it while nobody has voted."""
    actor = current_actor()
    post, found = queries.of_post(actor, post_id)
    require(actor, "poll.make", post)
    form = forms.PollForm(data=forms.filled(found) if found else None)
    try:
        if request.method == "POST" and _edited(post, form):
            flash(_("Noted."), "success")
            return redirect(f"/p/{post_id}", 303)
    except (Invalid, Conflict) as error:
        form.take(error if isinstance(error, Invalid) else Invalid.field("", str(error)))
        post, found = queries.of_post(actor, post_id)
    status = 422 if request.method == "POST" else 200
    return pages.render("polls/edit.html", post=post, poll=found, form=form), status


def _edited(post: Post, form: forms.PollForm) -> bool:
    """Whether what was sent could be done."""
    if request.form.get("act") == "remove":
        services.remove_poll(current_actor(), post)
        return True
    if not form.validate_on_submit():
        return False
    services.set_poll(current_actor(), post, form.asked)
    return True


@bp.post("/p/<int:post_id>/poll/close")
@signed_in
@limits.limit("120/hour")
def close(post_id: int) -> Page:
    """Close a poll before its time."""
    post, _poll = _found(post_id)
    services.close(current_actor(), post)
    flash(_("The poll is closed."), "success")
    return redirect(f"/p/{post_id}/poll", 303)


def _found(post_id: int) -> tuple[Post, Poll]:
    post, found = queries.of_post(current_actor(), post_id)
    if found is None:
        raise NotFound
    return post, found


def _page(post: Post, found: Poll, form: Any, status: int) -> tuple[str, int]:
    own = queries.vote_of(current_actor().person_id, found.id)
    page = pages.render(
        "polls/poll.html",
        post=post,
        poll=found,
        form=form,
        own=own,
        marked=_marked(found, own.choices if own else []),
        shown=shown.poll_of(found, queries.results([found]).get(found.id), linked=False),
        is_open=queries.is_open(found),
        has_votes=queries.has_votes(found.id),
    )
    return page, status


def _marked(found: Poll, choices: list[int]) -> dict[str, str]:
    """What the form shows as chosen: what was sent, else one's vote. {option: its place}."""
    if request.method != "POST":
        return {str(option): str(place) for place, option in enumerate(choices, 1)}
    if found.kind == "ranked":
        return {str(option): request.form.get(f"rank-{option}", "") for option in range(len(found.options))}
    return dict.fromkeys(request.form.getlist("choice"), "")
