"""Pages of a discussion: its posts, permalinks, what a post said before."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core import text
from alliance.core.errors import NotFound
from alliance.discussions import asked, diffing, forms, knowing, linking, preparing, queries, retracting
from alliance.discussions.articles import articles
from alliance.discussions.facts import facts_of
from alliance.discussions.models import Discussion, Post
from alliance.policy import require
from alliance.web import current_actor, kept, outlines, pages

bp = Blueprint("discussions", __name__)
Page = str | tuple[str, int] | Response


def address(discussion: Any) -> str:
    """The path of a discussion's page."""
    return url_for("discussions.show", discussion_id=discussion.id, slug=discussion.slug)


def preview_of(form: Any) -> str | None:
    """The text as it would be shown, when a preview was asked for."""
    if not form.is_submitted() or not form.preview.data or not form.body.data:
        return None
    return linking.rendered(form.body.data[: text.MAX_BODY], writer_id=current_actor().person_id).html


def status_of(form: Any) -> int:
    """422 for a rejected form, 409 when others did something meanwhile, 200 otherwise."""
    if form.newer is not None or getattr(form, "newer_posts", None):
        return 409
    if form.is_submitted() and form.refused:
        return 422
    return 422 if form.is_submitted() and not (form.preview.data or form.attach.data) else 200


@bp.get("/d/<int:discussion_id>")
@bp.get("/d/<int:discussion_id>/<slug>")
def show(discussion_id: int, slug: str | None = None) -> Page:
    """A discussion."""
    kept.keep(queries.DISCUSSION, discussion_id)
    actor = current_actor()
    if actor.is_authenticated and not preparing.is_begun() and not queries.stands_apart(actor, discussion_id):
        return outlines.page(queries.DISCUSSION, discussion_id, lambda: _page(discussion_id, slug))  # type: ignore[no-any-return]
    return _page(discussion_id, slug)


def _page(discussion_id: int, slug: str | None) -> Page:
    found, whole = knowing.get_summarized(current_actor(), discussion_id)
    if slug != found.slug or found.id != discussion_id:
        query = request.query_string.decode()
        return redirect(address(found) + (f"?{query}" if query else ""), 308)
    if not whole:
        return pages.render("discussions/closed.html", discussion=found)
    form, answered = preparing.reply_form(found) if preparing.is_begun() else (None, None)
    return page_of(found, form, answered)


def page_of(discussion: Discussion, form: forms.ReplyForm | None, answered: Post | None, status: int = 200) -> tuple[str, int]:
    """A page of a discussion, with a form of reply that was begun or rejected (None: as the reader finds it, see `replying`)."""
    cursor, site = queries.now()  # before the posts: what comes between is told twice rather than not at all
    shown = asked.page(discussion.id)
    page = pages.render(
        "discussions/show.html",
        discussion=discussion,
        facts=facts_of(discussion),
        page=shown,
        articles=articles(current_actor(), discussion, shown.posts, site),
        form=form,
        answered=answered,
        cursor=cursor,
        preview=preview_of(form) if form else None,
    )
    return page, status


@bp.get("/p/<int:post_id>")
def permalink(post_id: int) -> Response:
    """Lead to the page of a discussion on which a post stands."""
    try:
        row = queries.locate(current_actor(), post_id)
    except NotFound:
        if queries.is_waiting_own(current_actor(), post_id):
            return redirect(f"/p/{post_id}/waiting", 303)
        raise
    where = url_for("discussions.show", discussion_id=row.discussion_id, slug=row.slug, **asked.place(row.discussion_id, row.number))
    return redirect(f"{where}#p{post_id}", 303)


@bp.get("/p/<int:post_id>/history")
def history(post_id: int) -> str:
    """What a post said before."""
    actor = current_actor()
    post = queries.get_post(actor, post_id)
    require(actor, "post.history", post)
    revisions, clean = queries.revisions(actor, post), retracting.cleaner(post_id)
    return pages.render(
        "discussions/history.html", post=post, changes=diffing.changes(post, revisions, clean), first=revisions[-1:], clean=clean
    )


@bp.get("/p/<int:post_id>/reply")
def answer(post_id: int) -> Response:
    """From a post to the form that answers it (the fragment of a post does not know which page it stands on)."""
    return _to_form(post_id)


@bp.get("/p/<int:post_id>/quote")
def answer_quoting(post_id: int) -> Response:
    """From a post to the form that answers it, with the post quoted."""
    return _to_form(post_id, quote="1")


def _to_form(post_id: int, **more: Any) -> Response:
    row = queries.locate(current_actor(), post_id)
    where = url_for("discussions.show", discussion_id=row.discussion_id, slug=row.slug, reply_to=post_id, **more)
    return redirect(f"{where}#reply", 303)
