"""Finding: what a query finds for whoever asks, as results to show.

The engine says which posts match; the database says which of them this actor may read at this moment. What was hidden
or withdrawn a moment ago is gone from the results whether the index has heard of it or not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from alliance.core import cursors
from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.discussions import topics
from alliance.discussions.models import Post
from alliance.groups.queries import spaces
from alliance.policy import Actor
from alliance.search import filters, grouping, queries, query_language, results, seeing, services, showing, spelt
from alliance.search.engine import Hit, IndexUnavailable, Sort
from alliance.search.query_language import Query
from alliance.search.showing import Result as Result

_KEY = re.compile(r"[a-z][0-9]{1,15}")
DEEPEST = 1000  # results nobody pages to: the way on is to say more precisely what is meant
FIRST_LOOK = 100
DATABASE = "database"
POSTS = ("post", "discussion")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results.

    Attributes:
        next: cursor of the next page.
        notes: sentences about the query that have to be said.
        source: "index", or "database" while there is no index.
        total: how many there are in all; None when they were not counted.
        facets: how many of which value, by column; spaces by their code.
        meant: the query with words that may have been meant, when some stand nowhere.
    """

    results: list[Result]
    next: str | None
    notes: list[str]
    source: str = "index"
    total: int | None = None
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """How results are wanted: posts alone and one by one, or all kinds, posts grouped by their discussions; with facets."""

    sort: Sort = "relevance"
    after: str | None = None
    limit: int = 20
    kinds: tuple[str, ...] | None = POSTS
    grouped: bool = False
    facets: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: behind this result of that list."""

    list: str
    rank: float
    key: str


def ask(actor: Actor, text: str, choices: Mapping[str, str]) -> tuple[Query, dict[str, list[str]]]:
    """The query that was asked, and what is wrong with the choices beside it, by field."""
    form, wrong = filters.chosen(choices)
    query = replace(query_language.parse(text, reader=current_locale()), form=form)
    query, wrong = _with_topics(query, wrong)
    form = query.form
    known = {space.code for space in spaces(actor)} if query.filters.spaces or form.spaces else set()
    strange = [code for code in query.filters.spaces if code not in known]
    if any(code not in known for code in form.spaces):
        wrong["space"] = [_no_space(form.spaces[0])]
        query = replace(query, form=replace(form, spaces=()))
    return replace(query, notes=(*query.notes, *map(_no_space, strange))), wrong


def _with_topics(query: Query, wrong: dict[str, list[str]]) -> tuple[Query, dict[str, list[str]]]:
    """The query with the keys of the topics that are meant, by key or by what they are called in any language."""
    given = (query.filters, query.excluded, query.form)
    if not any(one.topics for one in given):
        return query, wrong
    listed = topics.every(retired=True)
    called = {str(label).lower(): one.key for one in listed for label in one.labels.values()} | {one.key: one.key for one in listed}
    notes = [_no_topic(name) for one in given[:2] for name in one.topics if name not in called]
    here, without, form = (replace(one, topics=tuple(called.get(name, name) for name in one.topics)) for one in given)
    if any(name not in called for name in query.form.topics):
        wrong = {**wrong, "topic": [_no_topic(query.form.topics[0])]}
        form = replace(form, topics=())
    return replace(query, filters=here, excluded=without, form=form, notes=(*query.notes, *notes)), wrong


def _no_topic(name: str) -> str:
    return _("There is no topic “%(name)s” in the list.", name=name[:40])


def _no_space(code: str) -> str:
    return _("There is no space with the code “%(code)s”.", code=code[:40])


def find(actor: Actor, query: Query, sort: Sort = "relevance", after: str | None = None, limit: int = 20) -> Found:
    """The posts a query finds, one by one.

    Raises:
        BadCursor: `after` is not a cursor of such a list.
    """
    return look(actor, query, Wish(sort, after, limit))


def look(actor: Actor, query: Query, wish: Wish) -> Found:
    """What the query finds, as it is wanted.

    Raises:
        BadCursor: `wish.after` is not a cursor of such a list.
    """
    place = _place(wish.after)
    if query.empty:
        return Found([], None, list(query.notes))
    if not query.wanted and wish.sort == "relevance":
        wish = replace(wish, sort="new")
    if place is not None and place.list not in {wish.sort, DATABASE}:  # a cursor of the list in its other order
        place = None
    if place is None or place.list != DATABASE:
        try:
            return _from_index(actor, query, wish, place)
        except IndexUnavailable:
            services.ask_for_repair()
            place = None
    posts, following = _from_database(actor, query, place, wish.limit)
    note = _("The search index is being built anew. Until it is ready, words are looked up exactly as written, newest first.")
    return Found(showing.posts(posts, query), following, [*query.notes, note], DATABASE)


def _place(after: str | None) -> _Place | None:
    if not after:
        return None
    name, rank, key = cursors.decode(after, (str, float, str))
    fits = name in {"relevance", "new", "supported", DATABASE} and isinstance(rank, float) and abs(rank) < 1e11
    if not fits or not _KEY.fullmatch(str(key)):
        raise cursors.BadCursor
    return _Place(str(name), float(str(rank)), str(key))


def _from_index(actor: Actor, query: Query, wish: Wish, place: _Place | None) -> Found:
    """A page from the index: as many candidates as it takes to fill it with what the actor may read."""
    sight = seeing.sight(actor, wish.kinds)
    if wish.facets:
        sight = replace(sight, topics=tuple(one.key for one in topics.every(retired=True)))
    depth = FIRST_LOOK
    while True:
        answer = services.engine().search(query, wish.sort, depth, sight, facets=wish.facets)
        groups = _behind(grouping.grouped(answer.hits) if wish.grouped else [[hit] for hit in answer.hits], place)
        chosen = _readable(actor, groups, wish.limit + 1)
        if len(chosen) > wish.limit or len(answer.hits) < depth or depth >= DEEPEST:
            break
        depth = min(DEEPEST, depth * 4)
    page, more = chosen[: wish.limit], len(chosen) > wish.limit
    following = cursors.encode(wish.sort, float(page[-1][0][0].rank), page[-1][0][0].key) if more and page else None
    results = showing.groups([[(hit.key, thing) for hit, thing in group] for group in page], query)
    meant = "" if place else spelt.meant(query, sight)
    return Found(results, following, list(query.notes), "index", answer.total, _by_code(answer.facets), meant)


def _by_code(facets: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Facets with spaces by their code."""
    if not facets.get("space"):
        return facets
    codes = queries.codes([int(number) for number in facets["space"]])
    named = {codes[int(number)]: count for number, count in facets["space"].items() if int(number) in codes}
    return {**facets, "space": named}


def _behind(groups: list[list[Hit]], place: _Place | None) -> list[list[Hit]]:
    """The groups behind a place: behind that very document, or (when it is gone) behind its rank."""
    if place is None:
        return groups
    for number, group in enumerate(groups):
        if group[0].key == place.key:
            return groups[number + 1 :]
    return [group for group in groups if group[0].rank < place.rank]


Shown = list[tuple[Hit, Any]]


def _readable(actor: Actor, groups: list[list[Hit]], wanted: int) -> list[Shown]:
    """Groups with their rows, without what the actor may not read at this moment."""
    chosen: list[Shown] = []
    for start in range(0, len(groups), wanted + 10):
        part = groups[start : start + wanted + 10]
        rows = results.rows(actor, [hit.key for group in part for hit in group])
        for group in part:
            if found := [(hit, rows[hit.key]) for hit in group if hit.key in rows]:
                chosen.append(found)
        if len(chosen) >= wanted:
            break
    return chosen[:wanted]


def _from_database(actor: Actor, query: Query, place: _Place | None, limit: int) -> tuple[list[Post], str | None]:
    after = (place.rank, int(place.key[1:])) if place and place.key[0] == "p" else None
    found = queries.newest(actor, query, after, limit + 1)
    page = found[:limit]
    following = cursors.encode(DATABASE, page[-1].created_at.timestamp(), f"p{page[-1].id}") if len(found) > limit else None
    return page, following
