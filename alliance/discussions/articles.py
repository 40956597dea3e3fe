"""Posts as one reader sees them: kept fragments, and between their pieces what is the reader's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from alliance.discussions import fragments
from alliance.discussions.models import Discussion
from alliance.policy import Actor
from alliance.web import pages


def articles(actor: Actor, discussion: Discussion, places: Sequence[Row[Any]], site: int) -> dict[int, Markup]:
    """The posts of a page by their ids.

    Args:
        actor: who reads; a guest is shown nothing to press, which would only lead to the sign-in.
        discussion: whose posts they are.
        places: rows of `queries.PLACES`; their depth counts.
        site: the stamp of the site, read not later than the rows.
    """
    found = fragments.several(places, site)
    if not actor.is_authenticated:
        return {place.id: Markup(found[place.id].at(place.depth).plain) for place in places}  # noqa: S704 - made by templates
    marks = fragments.marks_of(actor, places)
    mine = {place.id: _for_author(place.id, discussion) for place in places if place.author_id == actor.person_id}
    return {
        place.id: Markup(found[place.id].at(place.depth).for_reader(mine=mine.get(place.id), own=marks[place.id]))  # noqa: S704
        for place in places
    }


def _for_author(post_id: int, discussion: Discussion) -> Markup:
    return pages.markup("discussions/_mine.html", post_id=post_id, locked=discussion.locked_at is not None)
