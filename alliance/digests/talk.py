"""Pages around a digest in the making: its versions, and what is said about its paragraphs."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core import ids
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.digests import commenting, editing, queries, versions
from alliance.digests.forms import CommentForm
from alliance.digests.models import Digest
from alliance.digests.views import bp
from alliance.policy import require
from alliance.web import current_actor, limits, once, pages


@bp.get("/digests/<int:digest_id>/versions")
def history(digest_id: int) -> str:
    """Everything that was done to a digest."""
    actor = current_actor()
    digest = queries.get_digest(actor, digest_id)
    require(actor, "digest.history", digest)
    return pages.render("digests/history.html", digest=digest, labels=_labels())


@bp.get("/digests/<int:digest_id>/versions/<int:number>")
def version(digest_id: int, number: int) -> str:
    """A version, and what it changed."""
    actor = current_actor()
    digest = queries.get_digest(actor, digest_id)
    require(actor, "digest.history", digest)
    found = versions.get_version(digest, number)
    before = versions.get_version(digest, number - 1).content if number > 1 else []
    seen = queries.still_visible(versions.posts_of(found.content) | versions.posts_of(before))
    texts = [" ".join(versions.text_of(sentence, seen) for sentence in one["sentences"]) for one in found.content]
    changed = versions.differences(before, found.content, seen) if number > 1 else []
    return pages.render(
        "digests/version.html", digest=digest, version=found, changed=changed, texts=texts, labels=_labels(), kinds=_kinds()
    )


def _labels() -> dict[str, str]:
    return {
        "compiled": _("Compiled"), "edited": _("Edited"), "submitted": _("Submitted for review"), "returned": _("Returned with comments"),
        "signed": _("Signed"), "transmitted": _("Transmitted"), "withdrawn": _("Withdrawn"), "superseded": _("Superseded"),
    }  # fmt: skip


def _kinds() -> dict[str, str]:
    return {"added": _("Added"), "dropped": _("Dropped"), "changed": _("Changed"), "moved": _("Moved")}


@bp.route("/digests/<int:digest_id>/comment", methods=["GET", "POST"])
@limits.limit("60/hour")
def comment(digest_id: int) -> tuple[str, int] | Response:
    """Say something about a paragraph (`?point=`), or about all of it."""
    actor = current_actor()
    digest = queries.get_digest(actor, digest_id)
    require(actor, "digest.comment", digest)
    point_id = ids.given(request.args.get("point"))
    form = CommentForm()
    if form.validate_on_submit():
        return once.redirect_once(actor, form.nonce.data, lambda: _comment(digest, point_id, form.text.data or ""))
    status = 422 if request.method == "POST" else 200
    return pages.render("digests/comment.html", digest=digest, form=form, said=_said(digest, point_id)), status


def _said(digest: Digest, point_id: int | None) -> str:
    """How the paragraph reads that is commented on, as far as it may still be read."""
    if point_id is None:
        return ""
    kept = versions.kept(editing.find(digest, point_id))
    seen = queries.still_visible(versions.posts_of([kept]))
    return " ".join(versions.text_of(sentence, seen) for sentence in kept["sentences"])


def _comment(digest: Digest, point_id: int | None, text: str) -> str:
    made = commenting.comment(current_actor(), digest, point_id, text)
    return url_for("digests.show", digest_id=digest.id, _anchor=f"comment-{made.id}")


@bp.post("/digests/<int:digest_id>/comments/<int:comment_id>/settle")
def settle(digest_id: int, comment_id: int) -> Response:
    """A comment was taken care of."""
    actor = current_actor()
    digest = queries.get_digest(actor, digest_id)
    for one in queries.comments(digest):
        if one.id == comment_id:
            commenting.settle(actor, digest, one)
            return redirect(url_for("digests.show", digest_id=digest_id, _anchor=f"comment-{comment_id}"), 303)
    raise NotFound
