"""Hits of one discussion belong together: the best one speaks for it, and some more are shown below."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.search.engine import Hit

MOST_EACH = 3


def grouped(hits: Sequence[Hit]) -> list[list[Hit]]:
    """The hits by discussion, each at the place of its best hit."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        # A file is a result of its own: it is not read where the discussion is.
        name = f"discussion {hit.discussion_id}" if hit.discussion_id and hit.key[0] == "p" else hit.key
        group = groups.setdefault(name, [])
        if len(group) < MOST_EACH:
            group.append(hit)
    return list(groups.values())
