"""One post as HTML, the same for every reader: what the page shows and what sockets bring."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core import i18n
from alliance.discussions import queries
from alliance.web import pages


@dataclass(frozen=True, slots=True)
class Fragment:
    """An <article>, and the post it answers."""

    html: str
    parent_id: int | None


def post_fragment(post_id: int, language: str) -> Fragment | None:
    """A post as everybody sees it (the text of a hidden or withdrawn one is not in it), with labels in a language."""
    row = queries.post_row(post_id)
    if row is None:
        return None
    with i18n.use_locale(language):
        return Fragment(pages.fragment("discussions/_post.html", post=row, mine=False), row.parent_id)
