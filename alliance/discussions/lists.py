"""Lists of discussions: the front page, all of them, a space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import redirect, request
from markupsafe import Markup

from alliance.core import i18n, vocabulary
from alliance.discussions import listing, queries, topics
from alliance.discussions.views import Page, bp
from alliance.groups import queries as groups
from alliance.groups.models import Space
from alliance.groups.words import LINE_ATTRIBUTIONS
from alliance.web import current_actor, kept, outlines, pages


@bp.get("/")
def home() -> Page:
    """What is going on: active discussions, the spaces, what is open."""
    kept.keep(queries.ALL)
    return _listed(_home)


def _home() -> str:
    actor = current_actor()
    active, following = listing.discussions(actor, limit=15)
    return pages.render("discussions/home.html", discussions=active, next=following, spaces=groups.spaces(actor))


@pages.section("home.open", 30)
def open_now() -> Markup:
    """On the front page: discussions that are closed on a day which was announced."""
    found = listing.closing(current_actor(), 5)
    return pages.markup("discussions/_open.html", discussions=found) if found else Markup()


@bp.get("/latest")
def latest() -> Page:
    """Discussions of all spaces."""
    kept.keep(queries.ALL)
    return _listed(_latest)


def _latest() -> str:
    wanted = _wanted()
    rows, following = listing.discussions(current_actor(), None, wanted, request.args.get("after"))
    return pages.render("discussions/latest.html", discussions=rows, next=following, wanted=wanted)


@bp.get("/action-lines/<code>")
def space(code: str) -> Page:
    """An action line: its discussions. Of a working group they stand on its own page."""
    kept.keep(queries.ALL)
    return _listed(lambda: _space(code))


def _space(code: str) -> Page:
    actor = current_actor()
    found = groups.get_space(actor, code)
    if found.kind == "group":
        return redirect(found.path, 308)
    return pages.render(
        "discussions/space.html", space=found, sub_lines=groups.sub_lines(actor, found), shown_as=LINE_ATTRIBUTIONS, **_of_space(found)
    )


def _of_space(space: Space) -> dict[str, Any]:
    """The list of a space; what is pinned stands above its first page, and not in it (filtered or in another order it is one list)."""
    actor, wanted, after = current_actor(), _wanted(), request.args.get("after")
    above = listing.pinned(actor, space) if wanted.is_plain and not after else []
    rows, following = listing.discussions(actor, space, replace(wanted, apart=wanted.is_plain), after)
    return {"discussions": rows, "next": following, "wanted": wanted, "pinned": above}


@pages.section("group.main", 10)
def of_group(space: Space, **_more: object) -> Markup:
    """The discussions of a working group, whose page has asked who reads."""
    return pages.markup("discussions/_of_group.html", space=space, **_of_space(space))


def _listed(make: Callable[[], Page]) -> Page:
    """A list of discussions; for members of groups, who may see more of them than all of the same rights do, it is made whole."""
    actor = current_actor()
    if not actor.is_authenticated or groups.is_member(actor):
        return make()
    return outlines.page(queries.ALL, None, make)  # type: ignore[no-any-return]


def _wanted() -> listing.Wanted:
    """What the address asks for; what no list knows is not asked for."""
    given = request.args
    sort: listing.Sort = next((one for one in listing.SORTS if one == given.get("sort")), "active")
    language = next((one for one in i18n.LANGUAGES if one == given.get("language")), None)
    kind = next((one for one in vocabulary.STAKEHOLDER_TYPES if one == given.get("type")), None)
    return listing.Wanted(sort, language, kind, topic=topics.by_key(given.get("topic", "")[:40]))
