"""What stays true of a discussion as long as its version is the same: for what is put into kept pages behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Facts:
    """A discussion, without its database."""

    id: int
    slug: str
    space_id: int
    status: str
    locked_at: datetime | None
    next_number: int
    writer_id: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A post, without its database."""

    id: int
    number: int
    discussion_id: int
    author_id: int
    status: str
    version: int


def facts_of(discussion: Any) -> Facts:
    """The facts of a discussion."""
    return Facts(
        discussion.id,
        discussion.slug,
        discussion.space_id,
        discussion.status,
        discussion.locked_at,
        discussion.next_number,
        discussion.writer_id,
    )


def spot_of(place: Any) -> Spot:
    """The spot of a row of `queries.PLACES`."""
    return Spot(place.id, place.number, place.discussion_id, place.author_id, place.status, place.version)
