"""A discussion seen otherwise than page by page: the whole on one page or as plain text, one branch, a branch folded away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import redirect, request, stream_with_context, url_for
from markupsafe import Markup
from sqlalchemy import Row
from werkzeug.wrappers import Response

from alliance.core import i18n, settings, vocabulary
from alliance.core.i18n import gettext as _
from alliance.discussions import extras, fragments, orders, queries, retracting
from alliance.discussions.articles import articles
from alliance.discussions.models import Discussion
from alliance.discussions.views import address, bp
from alliance.policy import Actor
from alliance.web import current_actor, pages

BATCH = 100
MOST = 2000  # posts on one page; browsers become slow before the server does
_HERE = Markup("<!--posts-->")
RULE = "-" * 72
Reader = Callable[[Actor, int, str | None, int], list[Row[Any]]]


@bp.get("/d/<int:discussion_id>/<slug>/all")
def whole(discussion_id: int, slug: str) -> Response:
    """All posts of a discussion on one page (of a very long one as many as a browser can bear, and a link to the rest)."""
    found = queries.get_discussion(current_actor(), discussion_id)
    if slug != found.slug:
        return redirect(url_for("discussions.whole", discussion_id=found.id, slug=found.slug), 308)
    frame = pages.render("discussions/whole.html", discussion=found, place=_HERE)
    head, _mark, tail = frame.partition(_HERE)
    return Response(stream_with_context(_page(found, head, tail)), content_type="text/html; charset=utf-8")


def _page(discussion: Discussion, head: str, tail: str) -> Iterator[str]:
    yield head
    rest, (_newest, site) = None, queries.now()
    for batch, following in _batches(orders.places_from, discussion.id, request.args.get("from"), MOST):
        found = fragments.several(batch, site)
        yield "".join(found[place.id].plain for place in batch)
        rest = following
    if rest is not None:
        yield pages.render("discussions/_rest.html", discussion=discussion, rest=rest)
    yield tail


def _batches(read: Reader, discussion_id: int, start: str | None, most: int | None) -> Iterator[tuple[list[Row[Any]], str | None]]:
    """Posts in tree order, and the path of the first one behind them."""
    given, path = 0, start if start is None or queries._PATH.fullmatch(start) else None
    while most is None or given < most:
        rows = read(current_actor(), discussion_id, path, BATCH + 1)
        following = rows[BATCH].path if len(rows) > BATCH else None
        yield rows[:BATCH], following
        if following is None:
            return
        given, path = given + BATCH, following


@bp.get("/d/<int:discussion_id>/<slug>.txt")
def as_text(discussion_id: int, slug: str) -> Response:
    """A discussion as plain text, each post as it was written."""
    found = queries.get_discussion(current_actor(), discussion_id)
    if slug != found.slug:
        return redirect(url_for("discussions.as_text", discussion_id=found.id, slug=found.slug), 308)
    return Response(stream_with_context(_text(found)), content_type="text/plain; charset=utf-8")


def _text(found: Discussion) -> Iterator[str]:
    place = f"{found.space.symbol}/{found.id} · {found.space.title(i18n.current_locale())}"
    yield f"{found.title}\n{place}\n{settings.current().base_url}{address(found)}\n\n{extras.heads(found)}"
    for batch, _following in _batches(orders.rows_from, found.id, None, None):
        bodies = retracting.bodies(batch)
        more = extras.texts(batch)
        yield "".join(_post_text(row, f"{bodies[row.id].rstrip()}\n\n{more[row.id]}") for row in batch)


def _post_text(row: Row[Any], body: str) -> str:
    head = [f"#{row.number}"]
    if row.status == "visible":
        head += [row.author_name, _capacity(row), *([_("Key contribution")] if row.key_note is not None else [])]
    head.append(row.created_at.strftime("%Y-%m-%d %H:%M UTC"))
    if row.parent_number is not None and row.parent_number > 1:
        head.append(_("in reply to #%(number)s", number=row.parent_number))
    gone = {"withdrawn": _("The author has withdrawn this post."), "hidden": _("A moderator has hidden this post.")}
    return f"{RULE}\n{' · '.join(part for part in head if part)}\n\n{gone.get(row.status, body).rstrip()}\n\n"


def _capacity(row: Row[Any]) -> str:
    """In which capacity something was said."""
    stated = vocabulary.stakeholder_label(row.stakeholder_type) if row.stakeholder_type else ""
    return ", ".join(part for part in (row.organization or _("in a personal capacity"), stated) if part)


@bp.get("/p/<int:post_id>/branch")
def branch(post_id: int) -> str:
    """A post and what was said below it."""
    _newest, site = queries.now()
    root, shown = orders.branch(current_actor(), post_id, request.args.get("from"))
    found = queries.get_discussion(current_actor(), root.discussion_id)
    made = articles(current_actor(), found, shown.posts, site)
    return pages.render("discussions/branch.html", discussion=found, root=root, page=shown, articles=made)


@bp.get("/p/<int:post_id>/fold")
def fold(post_id: int) -> Response:
    """Without script: lead to the page with one branch more folded away (the fragment does not know which page it stands on)."""
    row = queries.locate(current_actor(), post_id)
    before = urlsplit(request.referrer or "")
    here = url_for("discussions.show", discussion_id=row.discussion_id, slug=row.slug)
    asked = parse_qs(before.query) if before.path == here else {}
    start = asked.get("from", [None])[0] or queries.start_of(current_actor(), row)
    folds = orders.folds_of([*asked.get("fold", []), row.path])
    more: dict[str, Any] = {"from": start} if start else {}
    where = url_for("discussions.show", discussion_id=row.discussion_id, slug=row.slug, fold=list(folds), **more)
    return redirect(f"{where}#p{post_id}", 303)
