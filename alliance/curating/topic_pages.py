"""Pages of topics: the list, as the secretariat keeps it, and the topics of a discussion."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import gettext as _
from alliance.curating import topic_forms, topics
from alliance.curating.views import Page, bp
from alliance.discussions import queries as discussions
from alliance.discussions import topics as known
from alliance.policy import require
from alliance.web import current_actor, pages
from alliance.web.access import signed_in


@bp.get("/topics")
def listed() -> str:
    """The topics one may choose from."""
    return pages.render("curating/topics.html", topics=known.every())


@bp.get("/admin/topics")
@signed_in
def kept() -> str:
    """The list as the secretariat keeps it."""
    require(current_actor(), "topic.edit")
    return pages.render("curating/topics_kept.html", topics=known.every(retired=True))


@bp.route("/admin/topics/new", methods=["GET", "POST"], defaults={"key": None})
@bp.route("/admin/topics/<key>", methods=["GET", "POST"])
@signed_in
def topic(key: str | None) -> Page:
    """Add a topic, word one anew, give it another place, retire it or bring it back."""
    actor = current_actor()
    require(actor, "topic.edit")
    found = known.by_key(key)
    if key is not None and found is None:
        raise NotFound
    given = {"position": found.position, "retired": found.retired_at is not None, **found.labels} if found else {}
    form = topic_forms.TopicForm(data=given)
    if form.validate_on_submit():
        try:
            topics.save(actor, key, form.labels, position=form.position.data, retired=form.retired.data)
        except Invalid as error:
            form.take(error)
        except Conflict as full:
            form.form_errors.append(str(full))
        else:
            flash(_("Saved. It holds from now on."), "success")
            return redirect("/admin/topics", 303)
    page = pages.render("curating/topic.html", form=form, topic=found, languages=LANGUAGES)
    return page, 422 if request.method == "POST" else 200


@bp.route("/moderation/discussions/<int:discussion_id>/topics", methods=["GET", "POST"])
@signed_in
def tags(discussion_id: int) -> Page:
    """Say which topics a discussion has."""
    actor = current_actor()
    found = discussions.get_discussion(actor, discussion_id)
    require(actor, "discussion.tag", found)
    path, now = f"/d/{found.id}/{found.slug}", known.of([found.id]).get(found.id, [])
    form = topic_forms.TagForm(known.choices(now), data={"topics": [one.key for one in now]})
    if form.validate_on_submit():
        try:
            topics.tag(actor, discussion_id, form.topics.data or [])
        except Invalid as error:
            form.take(error)
        else:
            return _noted(path)
    return pages.render("curating/tags.html", form=form, discussion=found), 422 if request.method == "POST" else 200


def _noted(path: str) -> Response:
    flash(_("Done, and noted in the public log."), "success")
    return redirect(path, 303)
