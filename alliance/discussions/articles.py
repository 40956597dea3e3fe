"""Posts as one reader sees them: kept fragments, and between their pieces what is the reader's own."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from alliance.core import i18n
from alliance.discussions import fragments
from alliance.discussions.facts import Spot, spot_of
from alliance.discussions.fragments import Fragment
from alliance.discussions.models import Discussion
from alliance.discussions.tree import segment
from alliance.policy import Actor
from alliance.web import current_actor, outlines, pages

_POST = "@post@"


def articles(actor: Actor, discussion: Discussion, places: Sequence[Row[Any]], site: int) -> dict[int, Markup]:
    """The posts of a page by their ids.

    Args:
        actor: who reads; a guest is shown nothing to press, which would only lead to the sign-in.
        discussion: whose posts they are.
        places: rows of `queries.PLACES`; their depth counts.
        site: the stamp of the site, read not later than the rows.
    """
    found = _shorter(fragments.several(places, site), places)
    if not actor.is_authenticated:
        return {place.id: Markup(found[place.id].at(place.depth).plain) for place in places}  # noqa: S704 - made by templates
    locked = discussion.locked_at is not None
    acts = outlines.several(_acts, found=found, spots=[spot_of(place) for place in places], locked=locked)
    return {place.id: Markup(found[place.id].at(place.depth).around(acts(place.id))) for place in places}  # noqa: S704


def _shorter(found: Mapping[int, Fragment], places: Sequence[Row[Any]]) -> Mapping[int, Fragment]:
    """Without the paths that follow from the number and the post answered (static/js/components/paths.js knows how)."""
    paths = {place.id: place.path for place in places}
    return {
        place.id: found[place.id].without_path(place.path)
        if place.path in {segment(place.number), paths.get(place.parent_id, "~") + segment(place.number)}
        else found[place.id]
        for place in places
    }


def _acts(found: Mapping[int, Fragment], spots: Sequence[Spot], *, locked: bool) -> dict[str, str]:
    """What the reader may do with each post, with their own marks."""
    actor = current_actor()
    marks = fragments.marks_of(actor, spots)
    mine = _for_author(i18n.current_locale(), locked=locked)
    return {
        str(spot.id): found[spot.id].acts(
            mine=mine.replace(_POST, str(spot.id)) if spot.author_id == actor.person_id else None, own=marks[spot.id]
        )
        for spot in spots
    }


@functools.lru_cache(maxsize=32)
def _for_author(_language: str, *, locked: bool) -> str:
    """What the author of any post may do: made once, the number is put in."""
    return pages.fragment("discussions/_mine.html", post_id=_POST, locked=locked)
