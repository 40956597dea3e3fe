"""Where a post stands in its discussion: paths that compare as bytes the way the tree reads (see models.Post)."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.discussions.models import MAX_PATH_DEPTH

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
AFTER_ALL = "~"  # greater than every character of a path: "everything below" is path < p < p + AFTER_ALL


@dataclass(frozen=True, slots=True)
class Place:
    """The path and depth of a post."""

    path: str
    depth: int


def segment(number: int) -> str:
    """A post's number as part of a path: how many base-36 digits follow, then those digits."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return f"{len(digits)}{digits}"


def segments(path: str) -> list[str]:
    """The parts of a path, from the root down."""
    parts: list[str] = []
    position = 0
    while position < len(path):
        end = position + 1 + int(path[position])
        parts.append(path[position:end])
        position = end
    return parts


def place(number: int, parent: Place | None) -> Place:
    """Where post `number` goes that answers a post at `parent` (None: the discussion itself).

    Below MAX_PATH_DEPTH it stands as if the ancestor at that depth had been answered.
    """
    if parent is None:
        return Place(segment(number), 0)
    above = parent.path
    if parent.depth > MAX_PATH_DEPTH:
        above = "".join(segments(above)[: MAX_PATH_DEPTH + 1])
    return Place(above + segment(number), parent.depth + 1)
