"""The API of spaces."""

from __future__ import annotations

from datetime import datetime

from alliance.groups import queries
from alliance.groups.models import Space
from alliance.web import api, current_actor


class SpaceOut(api.Out):
    """A space; texts by language. `attribution`: authors are named, shown by stakeholder `type` only, or it is `closed` with public summaries."""

    code: str
    kind: str
    parent: str | None
    titles: dict[str, str]
    descriptions: dict[str, str]
    facilitators: list[str]
    attribution: str
    discussions_count: int
    posts_count: int
    last_post_at: datetime | None


class SpacesOut(api.Out):
    """Every space one may see; there are few, so `next` is always null."""

    items: list[SpaceOut]
    next: str | None = None


@api.get("/spaces", returns=SpacesOut)
def spaces() -> SpacesOut:
    """Every space, in official order."""
    found = queries.spaces(current_actor())
    codes = {space.id: space.code for space in found}
    return SpacesOut(items=[_out(space, codes.get(space.parent_id or 0)) for space in found])


@api.get("/spaces/<code>", returns=SpaceOut)
def space(code: str) -> SpaceOut:
    """A space."""
    found = queries.get_space(current_actor(), code)
    return _out(found, found.parent.code if found.parent else None)


def _out(space: Space, parent: str | None) -> SpaceOut:
    return SpaceOut(
        code=space.code,
        kind=space.kind,
        parent=parent,
        titles=space.titles,
        descriptions=space.descriptions,
        facilitators=space.facilitators,
        attribution=space.attribution,
        discussions_count=space.discussions_count,
        posts_count=space.posts_count,
        last_post_at=space.last_post_at,
    )
