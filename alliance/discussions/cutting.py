"""Where pages of posts are cut: at so many posts, and at so many bytes of text; thirty long posts in Russian or Arabic are twice as many
bytes as in English, and a page is to come over the slowest link in a second.

A page holds posts from its beginning on until one more would be too many. Walking back from a place by the same rule leads to where the
page before it begins, so that nothing is left out between two pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, case

from alliance.core.octets import Octets
from alliance.discussions.models import Post

PAGE = 30
CONTEXT = 5  # posts shown above the one a permalink leads to
BYTES = 24_000  # of rendered text, before it is packed; a longer post stands alone

SIZE = case((Post.status == "visible", Octets(Post.html)), else_=0).label("size")


def fitting(rows: Sequence[Row[Any]], most: int = PAGE, used: int = 0) -> int:
    """How many of the rows, from the first on, fit on a page of which `used` bytes are taken; alone on it, one always fits."""
    count = 0
    for row in rows[:most]:
        used += row.size
        if used > BYTES and (count or used > row.size):
            break
        count += 1
    return count


def start(before: Sequence[Row[Any]], place: Row[Any]) -> Row[Any] | None:
    """The first post of the page on which a post is shown below a few others; None is the first page.

    Args:
        before: up to PAGE posts before it, nearest first.
        place: the post.
    """
    if len(before) < PAGE and fitting(before, used=place.size) == len(before):
        return None
    above = fitting(before, CONTEXT, place.size)
    return before[above - 1] if above else place
