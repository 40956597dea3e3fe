"""Finding spaces."""

from __future__ import annotations

from sqlalchemy import select

from alliance.core import db
from alliance.core.errors import NotFound
from alliance.groups.models import Space
from alliance.policy import Actor, visible


def spaces(actor: Actor) -> list[Space]:
    """Every space the actor may see, in official order (sub-lines behind their action line)."""
    return list(db.session().scalars(select(Space).where(visible(actor, Space)).order_by(Space.position, Space.id)))


def get_space(actor: Actor, code: str) -> Space:
    """A space by its code.

    Raises:
        NotFound: none such, or not one the actor may see.
    """
    found = db.session().scalar(select(Space).where(Space.code == code, visible(actor, Space)))
    if found is None:
        raise NotFound
    return found


def sub_lines(actor: Actor, space: Space) -> list[Space]:
    """The sub-lines of an action line."""
    query = select(Space).where(Space.parent_id == space.id, visible(actor, Space))
    return list(db.session().scalars(query.order_by(Space.position)))
