"""Lists of discussions: the front page, the newest, a space."""

from __future__ import annotations

from flask import request

from alliance.discussions import queries
from alliance.discussions.views import bp
from alliance.groups import queries as groups
from alliance.web import current_actor, pages


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
