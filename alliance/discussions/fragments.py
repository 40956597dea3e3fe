"""One post as HTML, the same for every reader: what the page shows and what sockets bring.

Rooms above add to it in two ways, without this room knowing them. A *part* is the same for every reader and stands in
the fragment (the thanks and positions of a post, a poll, attachments). A *mark* is of one reader and stands on the page
only (an unread mark, one's own vote); what sockets bring has none.

Fragments are kept in memory under everything they are made from: the post, its version, the stamp of the site's names
and the language. A changed post has another version; nothing is ever taken out.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from alliance.core import db, i18n, stamps
from alliance.core.i18n import gettext as _
from alliance.discussions import queries
from alliance.discussions.facts import Spot
from alliance.policy import Actor
from alliance.web import pages

Part = Callable[[Sequence[Row[Any]]], Mapping[int, Markup]]
Mark = Callable[[Actor, Sequence[Spot]], Mapping[int, Markup]]
Acts = Callable[[Actor, Sequence[Spot]], Mapping[int, Sequence[Markup]]]
Key = tuple[int, int, int, str]
KEPT = 12_000
DEEPEST = 5  # deeper posts are not indented further
_DEPTH = re.compile(r"depth-\d")
OWN = "\x02"  # no text holds it: bodies are rendered without control characters
_parts: dict[str, tuple[int, Part]] = {}
_marks: dict[str, tuple[int, Mark]] = {}
_acts: dict[str, tuple[int, Acts]] = {}


@dataclass(frozen=True, slots=True)
class Fragment:
    """An <article> in pieces, between which the page may put what is a reader's own.

    Attributes:
        head: the post itself.
        actions: what everybody may do who is signed in.
        others: what those may do who did not write it.
        close: the end of what one may do.
        tail: the end of the post.
    """

    head: str
    actions: str
    others: str
    close: str
    tail: str

    @property
    def html(self) -> str:
        """As sockets bring it, to whoever."""
        return self.head + self.actions + self.others + self.close + self.tail

    @property
    def plain(self) -> str:
        """As guests get it, with nothing to press."""
        return self.head + self.tail

    def around(self, middle: str) -> str:
        """With something in the place of what one may do."""
        # Joined, not added: what is added to Markup is escaped.
        return "".join((self.head, middle, self.tail))

    def acts(self, *, mine: str | None, own: str) -> str:
        """What one reader may do.

        Args:
            mine: what its author may do, None for others.
            own: marks.
        """
        return "".join((self.actions, self.others if mine is None else mine, own, self.close))

    def without_path(self, path: str) -> Fragment:
        """The same, its path left out."""
        return replace(self, head=self.head.replace(f' data-path="{path}"', "", 1))

    def at(self, depth: int) -> Fragment:
        """The same, indented otherwise than where it stands in the whole discussion."""
        wanted = f"depth-{min(depth, DEEPEST)}"
        found = _DEPTH.search(self.head)
        if found is None or found.group() == wanted:
            return self
        return replace(self, head=_DEPTH.sub(wanted, self.head, count=1))


class _Kept:
    """The newest used fragments."""

    def __init__(self) -> None:
        self._found: OrderedDict[Key, Fragment] = OrderedDict()
        self._lock = threading.Lock()

    def several(self, keys: Sequence[Key]) -> dict[int, Fragment]:
        """Those that are there, by post."""
        with self._lock:
            found = {key[0]: self._found[key] for key in keys if key in self._found}
            for key in keys:
                if key in self._found:
                    self._found.move_to_end(key)
        return found

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._found.clear()

    def put(self, key: Key, fragment: Fragment) -> None:
        """Keep one."""
        with self._lock:
            self._found[key] = fragment
            while len(self._found) > KEPT:
                self._found.popitem(last=False)


_kept = _Kept()
db.when_replaced(_kept.clear)


def part(name: str, order: int) -> Callable[[Part], Part]:
    """Decorator: `part(posts) -> {post id: HTML}`, the same for every reader, in the present language.

    Asked once for all posts of a page. Whoever changes what it shows calls `counters.touch(post_id)` in the same
    transaction, from which every kept fragment learns that it is old.
    """

    def register(function: Part) -> Part:
        _parts[name] = (order, function)
        return function

    return register


def mark(name: str, order: int) -> Callable[[Mark], Mark]:
    """Decorator: `mark(actor, posts) -> {post id: HTML}` of what is this reader's own, for people who are signed in.

    The posts are spots (id, number, author_id, status …), not whole ones.
    """

    def register(function: Mark) -> Mark:
        _marks[name] = (order, function)
        return function

    return register


def acts(name: str, order: int) -> Callable[[Acts], Acts]:
    """Decorator: `acts(actor, posts) -> {post id: links}`, what those may do with a post who keep order; one menu holds them all."""

    def register(function: Acts) -> Acts:
        _acts[name] = (order, function)
        return function

    return register


def _menus(actor: Actor, posts: Sequence[Spot]) -> dict[int, Markup]:
    """The menu of each post; an act that is alone needs none."""
    links: dict[int, list[Markup]] = {}
    for _order, function in sorted(_acts.values(), key=lambda one: one[0]):
        for post_id, some in function(actor, posts).items():
            links.setdefault(post_id, []).extend(some)
    label = _("Moderate")
    return {post_id: _menu(label, tuple(some)) if len(some) > 1 else some[0] for post_id, some in links.items() if some}


def _menu(label: str, links: Sequence[Markup]) -> Markup:
    entries = Markup("").join(Markup("<li>{}</li>").format(link) for link in links)
    return Markup('<details class="menu post-moderation" name="menu"><summary>{}</summary><ul class="menu-list">{}</ul></details>').format(
        label, entries
    )


def marks_of(actor: Actor, posts: Sequence[Spot]) -> dict[int, Markup]:
    """What the rooms above add to posts for one reader."""
    if not actor.is_authenticated:
        return {}
    found = [function(actor, posts) for _order, function in sorted(_marks.values(), key=lambda one: one[0])]
    return _joined([*found, _menus(actor, posts)], posts)


def _joined(found: Sequence[Mapping[int, Markup]], posts: Sequence[Any]) -> dict[int, Markup]:
    # Joined as texts: all of them are Markup, and would be looked at once more.
    return {post.id: Markup("".join([str(one[post.id]) for one in found if post.id in one])) for post in posts}  # noqa: S704


def several(places: Sequence[Row[Any]], site: int) -> dict[int, Fragment]:
    """The fragments of posts in the present language; what is not kept is read and rendered, all in one go.

    Args:
        places: rows with id and version.
        site: the stamp of the site (`core.stamps`), read not later than the rows.
    """
    language = i18n.current_locale()
    found = _kept.several([(place.id, place.version, site, language) for place in places])
    missing = [place.id for place in places if place.id not in found]
    for row, fragment in _rendered(missing) if missing else ():
        _kept.put((row.id, row.version, site, language), fragment)
        found[row.id] = fragment
    return found


def _rendered(post_ids: Sequence[int]) -> list[tuple[Row[Any], Fragment]]:
    rows = queries.post_rows(post_ids)
    found = [function(rows) for _order, function in sorted(_parts.values(), key=lambda one: one[0])]
    parts = _joined(found, rows)
    return [(row, _cut(pages.fragment("discussions/_post.html", post=row, part=parts[row.id], OWN=OWN))) for row in rows]


def _cut(html: str) -> Fragment:
    pieces = html.split(OWN)
    return Fragment(*pieces) if len(pieces) == 5 else Fragment(html, "", "", "", "")


def post_fragment(post_id: int, language: str) -> tuple[str, int | None] | None:
    """A post as everybody sees it, with labels in a language, and the post it answers; None when there is none.

    The text of a hidden or withdrawn one is not in it.
    """
    site = stamps.site()
    place = queries.place_of(post_id)
    if place is None:
        return None
    with i18n.use_locale(language):
        fragment = several([place], site).get(post_id)
    return (fragment.html, place.parent_id) if fragment else None
