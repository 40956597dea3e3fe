"""A space while it changes. Whoever writes in it holds first where they write, and the space last; so does whoever changes it, or each
would wait for the other.

What lies in a space belongs to rooms above: each says once how it is held.
"""

from __future__ import annotations

from collections.abc import Callable

from alliance.core import db
from alliance.groups.models import Space

_before: list[Callable[[int], None]] = []


def before(holds: Callable[[int], None]) -> Callable[[int], None]:
    """Register what holds, inside a transaction, all that lies in a space."""
    _before.append(holds)
    return holds


def hold(space_id: int) -> Space:
    """Inside a transaction: a space as it is now, nobody else writing in it until the end; whoever begins something there waits, and asks then."""
    for holds in _before:
        holds(space_id)
    return db.session().get_one(Space, space_id, with_for_update=True, populate_existing=True)
