"""Pages of discussions: the front page, a space, a discussion, writing, editing, history."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core import clock, outbox, text
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import forms, queries, services
from alliance.discussions.models import Discussion, Post
from alliance.groups import queries as groups
from alliance.policy import require
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.once import redirect_once

bp = Blueprint("discussions", __name__)
Page = str | tuple[str, int] | Response


@bp.get("/")
def home() -> str:
    """What is going on: active discussions, the spaces, what is open."""
    actor = current_actor()
    active, following = queries.discussions(actor, None, "active", limit=15)
    return pages.render("discussions/home.html", discussions=active, next=following, spaces=groups.spaces(actor))


@bp.get("/latest")
def latest() -> str:
    """Discussions of all spaces."""
    sort = _sort()
    rows, following = queries.discussions(current_actor(), None, sort, request.args.get("after"))
    return pages.render("discussions/latest.html", discussions=rows, next=following, sort=sort)


@bp.get("/action-lines/<code>")
def space(code: str) -> str:
    """A space: its discussions."""
    actor = current_actor()
    found = groups.get_space(actor, code)
    sort = _sort()
    rows, following = queries.discussions(actor, found, sort, request.args.get("after"))
    return pages.render(
        "discussions/space.html", space=found, sub_lines=groups.sub_lines(actor, found), discussions=rows, next=following, sort=sort
    )


def _sort() -> queries.Sort:
    asked = request.args.get("sort", "active")
    return next((sort for sort in queries.SORTS if sort == asked), "active")


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
    return pages.render("discussions/open.html", space=found, form=form, preview=_preview(form)), _status(form)


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


def address(discussion: Any) -> str:
    """The path of a discussion's page."""
    return url_for("discussions.show", discussion_id=discussion.id, slug=discussion.slug)


def _preview(form: Any) -> str | None:
    """The text as it would be shown, when a preview was asked for."""
    if not form.is_submitted() or not form.preview.data or not form.body.data:
        return None
    return text.render(form.body.data[: text.MAX_BODY]).html


def _status(form: Any) -> int:
    return 422 if form.is_submitted() and not form.preview.data else 200


@bp.get("/d/<int:discussion_id>")
@bp.get("/d/<int:discussion_id>/<slug>")
def show(discussion_id: int, slug: str | None = None) -> Page:
    """A discussion."""
    found = queries.get_discussion(current_actor(), discussion_id)
    if slug != found.slug:
        query = request.query_string.decode()
        return redirect(address(found) + (f"?{query}" if query else ""), 308)
    form = forms.ReplyForm(current_actor())
    answered = _answered(found)
    if answered is not None:
        form.parent_id.data = answered.id
        if request.args.get("quote"):
            form.body.data = text.quote(answered.body) + "\n\n"
    return _page(found, form, answered)


def _answered(discussion: Discussion) -> Post | None:
    """The post to answer, as the address names it (a made-up one is no error: one answers the discussion)."""
    wanted = request.args.get("reply_to", "")
    if not wanted.isdecimal() or len(wanted) > 15:
        return None
    try:
        post = queries.get_post(current_actor(), int(wanted))
    except NotFound:
        return None
    return post if post.discussion_id == discussion.id else None


def _page(discussion: Discussion, form: forms.ReplyForm, answered: Post | None, status: int = 200) -> tuple[str, int]:
    cursor = outbox.head()  # before the posts: what comes between is told twice rather than not at all
    shown = queries.post_page(current_actor(), discussion.id, request.args.get("from"))
    page = pages.render(
        "discussions/show.html",
        discussion=discussion,
        page=shown,
        voices=queries.voices(current_actor(), discussion.id),
        form=form,
        answered=answered,
        cursor=cursor,
        preview=_preview(form),
    )
    return page, status


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
    return _page(found, form, answered, _status(form))


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


@bp.get("/p/<int:post_id>")
def permalink(post_id: int) -> Response:
    """Lead to the page of a discussion on which a post stands."""
    row = queries.locate(current_actor(), post_id)
    start = queries.start_of(current_actor(), row)
    more: dict[str, Any] = {"from": start} if start else {}
    where = url_for("discussions.show", discussion_id=row.discussion_id, slug=row.slug, **more)
    return redirect(f"{where}#p{post_id}", 303)


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
    page = pages.render("discussions/edit.html", post=post, form=form, newer=newer, preview=_preview(form))
    return page, 409 if newer else _status(form)


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


@bp.get("/p/<int:post_id>/history")
def history(post_id: int) -> str:
    """What a post said before."""
    actor = current_actor()
    post = queries.get_post(actor, post_id)
    require(actor, "post.history", post)
    return pages.render("discussions/history.html", post=post, revisions=queries.revisions(actor, post))


@bp.get("/feeds/<code>.atom")
def space_feed(code: str) -> Response:
    """The newest posts of a space."""
    found = groups.get_space(current_actor(), code)
    rows = queries.newest_posts(current_actor(), space=found)
    return _feed(f"space:{code}", found.title("en"), url_for("discussions.space", code=code), rows)


@bp.get("/feeds/discussion/<int:discussion_id>.atom")
def discussion_feed(discussion_id: int) -> Response:
    """The newest posts of a discussion."""
    found = queries.get_discussion(current_actor(), discussion_id)
    rows = queries.newest_posts(current_actor(), discussion=found)
    return _feed(f"discussion:{found.id}", found.title, address(found), rows)


def _feed(name: str, title: str, path: str, rows: list[Any]) -> Response:
    updated = rows[0].created_at if rows else clock.now()
    body = pages.render("discussions/feed.xml", name=name, title=title, path=path, posts=rows, updated=updated)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every public discussion."""
    return Response(pages.render("discussions/sitemap.xml", discussions=queries.addresses()), content_type="application/xml")


@bp.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read."""
    return Response(pages.render("discussions/robots.txt"), content_type="text/plain; charset=utf-8")


@pages.provide("recent_posts")
def recent_posts(person_id: int | None = None, organization_id: int | None = None) -> Any:
    """What a person or an organization said lately (a section of their page)."""
    rows = queries.recent_posts(current_actor(), person_id=person_id, organization_id=organization_id)
    return pages.markup("discussions/_recent.html", posts=[(row, text.excerpt(text.plain(row.html), 220)) for row in rows])


@bp.get("/d/<int:discussion_id>/-/reply-to/<int:post_id>")
def reply_to(discussion_id: int, post_id: int) -> Response:
    """From a post to the form that answers it (the fragment of a post does not know which page it stands on)."""
    row = queries.locate(current_actor(), post_id)
    quoted: dict[str, Any] = {"quote": "1"} if request.args.get("quote") else {}
    where = url_for("discussions.show", discussion_id=row.discussion_id, slug=row.slug, reply_to=post_id, **quoted)
    return redirect(f"{where}#reply", 303)
