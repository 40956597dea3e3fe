"""Lists of discussions: the front page, all of them, a space."""

from __future__ import annotations

from flask import redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from alliance.core import i18n, vocabulary
from alliance.discussions import listing, queries
from alliance.discussions.views import bp
from alliance.groups import queries as groups
from alliance.groups.models import Space
from alliance.web import current_actor, kept, pages


@bp.get("/")
def home() -> str:
    """What is going on: active discussions, the spaces, what is open."""
    kept.keep(queries.ALL)
    actor = current_actor()
    active, following = listing.discussions(actor, limit=15)
    return pages.render("discussions/home.html", discussions=active, next=following, spaces=groups.spaces(actor))


@bp.get("/latest")
def latest() -> str:
    """Discussions of all spaces."""
    kept.keep(queries.ALL)
    wanted = _wanted()
    rows, following = listing.discussions(current_actor(), None, wanted, request.args.get("after"))
    return pages.render("discussions/latest.html", discussions=rows, next=following, wanted=wanted)


@bp.get("/action-lines/<code>")
def space(code: str) -> str | Response:
    """An action line: its discussions. Of a working group they stand on its own page."""
    kept.keep(queries.ALL)
    actor = current_actor()
    found = groups.get_space(actor, code)
    if found.kind == "group":
        return redirect(found.path, 308)
    wanted = _wanted()
    rows, following = listing.discussions(actor, found, wanted, request.args.get("after"))
    return pages.render(
        "discussions/space.html", space=found, sub_lines=groups.sub_lines(actor, found), discussions=rows, next=following, wanted=wanted
    )


@pages.section("group.main", 10)
def of_group(space: Space, **_more: object) -> Markup:
    """The discussions of a working group, whose page has asked who reads."""
    wanted = _wanted()
    rows, following = listing.discussions(current_actor(), space, wanted, request.args.get("after"))
    return pages.markup("discussions/_of_group.html", discussions=rows, next=following, wanted=wanted)


def _wanted() -> listing.Wanted:
    """What the address asks for; what no list knows is not asked for."""
    given = request.args
    sort: listing.Sort = next((one for one in listing.SORTS if one == given.get("sort")), "active")
    language = next((one for one in i18n.LANGUAGES if one == given.get("language")), None)
    kind = next((one for one in vocabulary.STAKEHOLDER_TYPES if one == given.get("type")), None)
    return listing.Wanted(sort, language, kind)
