"""Finding: what a query finds for whoever asks, as results to show.

The engine says which posts match; the database says which of them this actor may read at this moment. What was hidden
or withdrawn a moment ago is gone from the results whether the index has heard of it or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from alliance.core import cursors
from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.core.text import plain
from alliance.discussions.models import Post
from alliance.groups.queries import spaces
from alliance.policy import Actor
from alliance.search import filters, queries, query_language, services
from alliance.search.engine import Hit, IndexUnavailable, Sort
from alliance.search.highlight import Highlighter
from alliance.search.query_language import Query

DEEPEST = 1000  # results nobody pages to: the way on is to say more precisely what is meant
FIRST_LOOK = 100
DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Result:
    """A post found, with its title and the part that answers the query marked."""

    post: Post
    title: Markup
    excerpt: Markup


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results.

    Attributes:
        next: cursor of the next page.
        notes: sentences about the query that have to be said.
        source: "index", or "database" while there is no index.
    """

    results: list[Result]
    next: str | None
    notes: list[str]
    source: str = "index"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: behind this result of that list."""

    list: str
    rank: float
    post_id: int


def ask(actor: Actor, text: str, choices: Mapping[str, str]) -> tuple[Query, dict[str, list[str]]]:
    """The query that was asked, and what is wrong with the choices beside it, by field."""
    form, wrong = filters.chosen(choices)
    query = replace(query_language.parse(text, reader=current_locale()), form=form)
    known = {space.code for space in spaces(actor)} if query.filters.spaces or form.spaces else set()
    strange = [code for code in query.filters.spaces if code not in known]
    if any(code not in known for code in form.spaces):
        wrong["space"] = [_no_space(form.spaces[0])]
        query = replace(query, form=replace(form, spaces=()))
    return replace(query, notes=(*query.notes, *map(_no_space, strange))), wrong


def _no_space(code: str) -> str:
    return _("There is no space with the code “%(code)s”.", code=code[:40])


def find(actor: Actor, query: Query, sort: Sort = "relevance", after: str | None = None, limit: int = 20) -> Found:
    """What the query finds.

    Raises:
        BadCursor: `after` is not a cursor of such a list.
    """
    place = _place(after)
    if query.empty:
        return Found([], None, list(query.notes))
    if not query.wanted:
        sort = "new"
    if place is not None and place.list not in {sort, DATABASE}:  # a cursor of the list in its other order
        place = None
    if place is None or place.list != DATABASE:
        try:
            posts, following = _from_index(actor, query, sort, place, limit)
        except IndexUnavailable:
            services.ask_for_repair()
            place = None
        else:
            return Found(_shown(posts, query), following, list(query.notes))
    posts, following = _from_database(actor, query, place, limit)
    note = _("The search index is being built anew. Until it is ready, words are looked up exactly as written, newest first.")
    return Found(_shown(posts, query), following, [*query.notes, note], DATABASE)


def _place(after: str | None) -> _Place | None:
    if not after:
        return None
    name, rank, post_id = cursors.decode(after, (str, float, int))
    if name not in {"relevance", "new", DATABASE} or not isinstance(rank, float) or not abs(rank) < 1e11 or not isinstance(post_id, int):
        raise cursors.BadCursor
    return _Place(str(name), rank, post_id)


def _from_index(actor: Actor, query: Query, sort: Sort, place: _Place | None, limit: int) -> tuple[list[Post], str | None]:
    """A page from the index: as many candidates as it takes to fill it with what the actor may read."""
    depth = FIRST_LOOK
    while True:
        hits = services.engine().search(query, sort, depth)
        chosen = _readable(actor, _behind(hits, place), limit + 1)
        if len(chosen) > limit or len(hits) < depth or depth >= DEEPEST:
            break
        depth = min(DEEPEST, depth * 4)
    page = chosen[:limit]
    more = len(chosen) > limit
    following = cursors.encode(sort, float(page[-1][0].rank), page[-1][1].id) if more and page else None
    return [post for _hit, post in page], following


def _behind(hits: list[Hit], place: _Place | None) -> list[Hit]:
    """The hits behind a place: behind that very post, or (when it is gone) behind its rank."""
    if place is None:
        return hits
    last = queries.key_of(place.post_id)
    for number, hit in enumerate(hits):
        if hit.key == last:
            return hits[number + 1 :]
    return [hit for hit in hits if hit.rank < place.rank]


def _readable(actor: Actor, hits: list[Hit], wanted: int) -> list[tuple[Hit, Post]]:
    chosen: list[tuple[Hit, Post]] = []
    for part in _parts(hits, wanted + 10):
        posts = queries.readable(actor, [queries.post_of(hit.key) for hit in part])
        chosen.extend((hit, post) for hit in part if (post := posts.get(queries.post_of(hit.key))))
        if len(chosen) >= wanted:
            break
    return chosen[:wanted]


def _parts(hits: list[Hit], size: int) -> Iterator[list[Hit]]:
    for start in range(0, len(hits), size):
        yield hits[start : start + size]


def _from_database(actor: Actor, query: Query, place: _Place | None, limit: int) -> tuple[list[Post], str | None]:
    found = queries.newest(actor, query, (place.rank, place.post_id) if place else None, limit + 1)
    page = found[:limit]
    following = cursors.encode(DATABASE, page[-1].created_at.timestamp(), page[-1].id) if len(found) > limit else None
    return page, following


def _shown(posts: list[Post], query: Query) -> list[Result]:
    marker = Highlighter(query)
    return [
        Result(
            post,
            marker.whole(post.discussion.title, post.discussion.language),
            marker.excerpt(plain(post.html), post.language or post.discussion.language),
        )
        for post in posts
    ]
