"""The orders in which one discussion may be read.

*tree* is the order of the conversation: a reply stands below what it answers. *time* is the order of arrival, flat.
*balanced* lets the stakeholder types take turns: first the first post of each type in order of arrival, then the second
of each, and so on; who stated no type takes turns as one type more. The turn is kept with the post (`type_rank`), and a
post taken back leaves its turn empty. Every order is a range of an index, so that a page costs the same anywhere in a
discussion of any length. A place in the tree is a path; in the other orders it is the number of a post.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, select, tuple_

from alliance.core import cursors, db
from alliance.core.errors import NotFound
from alliance.discussions import cutting, queries
from alliance.discussions.cutting import PAGE, SIZE
from alliance.discussions.models import Post
from alliance.discussions.queries import PostPage
from alliance.discussions.tree import AFTER_ALL
from alliance.policy import Actor, visible

Order = Literal["tree", "time", "balanced"]
ORDERS: tuple[Order, ...] = ("tree", "time", "balanced")
MAX_FOLDS = 20

_KEYS: dict[Order, tuple[Any, ...]] = {
    "tree": (Post.path,),
    "time": (Post.created_at, Post.id),
    "balanced": (Post.type_rank, Post.number),
}


@dataclass(frozen=True, slots=True)
class OrderedPage(PostPage):
    """A page in some order. `folds`: how many posts are folded away behind a post, by its path."""

    order: Order = "tree"
    folds: dict[str, int] = field(default_factory=dict)


def key(order: Order) -> tuple[Any, ...]:
    """The columns an order sorts by."""
    return _KEYS[order]


def order_of(value: str | None) -> Order | None:
    """An order by its name; None for anything else."""
    return next((order for order in ORDERS if order == value), None)


def beside(
    query: Select[*tuple[Any, ...]], discussion_id: int, order: Order, number: int, *, backward: bool = False
) -> Select[*tuple[Any, ...]]:
    """A query of posts, of those behind (or before) the post of a number in an order."""
    columns = key(order)
    place = db.session().execute(select(*columns).where(Post.discussion_id == discussion_id, Post.number == number)).first()
    if place is None:
        return query
    here, there = tuple_(*columns), tuple_(*place)
    return query.where(here < there if backward else here > there)


def page(actor: Actor, discussion_id: int, order: Order, start: str | None = None, folds: tuple[str, ...] = ()) -> OrderedPage:
    """Posts in an order from a place on (made up: from the beginning), without what is folded away."""
    shown = and_(queries._shown(actor, discussion_id), *(not_(_below(path)) for path in folds))
    columns, begin = key(order), _place(discussion_id, order, start)
    query = queries.places(answered=order != "tree").add_columns(SIZE).where(shown).order_by(*columns).limit(PAGE + 1)
    rows = list(db.session().execute(query.where(tuple_(*columns) >= tuple_(*begin)) if begin else query))
    before = _before(shown, order, begin, PAGE) if begin else []
    held = cutting.fitting(rows)
    later = _token(order, rows[held]) if len(rows) > held else None
    earlier = _token(order, before[cutting.fitting(before) - 1]) if before else None
    return OrderedPage(rows[:held], not before, earlier, later, order, {path: count_below(actor, discussion_id, path) for path in folds})


def start_of(actor: Actor, discussion_id: int, order: Order, number: int) -> str | None:
    """Where the page begins on which a post is shown below a few others; None is the first page."""
    same = (Post.discussion_id == discussion_id, Post.number == number)
    place = db.session().execute(select(Post.number, Post.path, SIZE).where(*same)).first()
    if place is None:
        return None
    before = _before(queries._shown(actor, discussion_id), order, _place_of(discussion_id, order, number), PAGE)
    first = cutting.start(before, place)
    return None if first is None else _token(order, first)


def last_start(actor: Actor, discussion_id: int, order: Order) -> str | None:
    """Where the last page begins; None is the first page."""
    found = _before(queries._shown(actor, discussion_id), order, None, PAGE + 1)
    held = cutting.fitting(found)
    return None if held == len(found) else _token(order, found[held - 1])


def _before(shown: Any, order: Order, place: Any, limit: int) -> list[Row[Any]]:
    """Up to `limit` posts before a place (None: the end), nearest first."""
    columns = key(order)
    query = select(Post.number, Post.path, SIZE).where(shown).order_by(*(column.desc() for column in columns)).limit(limit)
    return list(db.session().execute(query.where(tuple_(*columns) < tuple_(*place)) if place else query))


def _token(order: Order, row: Row[Any]) -> str:
    return str(row.path if order == "tree" else row.number)


def _place(discussion_id: int, order: Order, start: str | None) -> Any:
    """The sort values of a place; None where there is no such place."""
    if start is None:
        return None
    if order == "tree":
        return (start,) if queries._PATH.fullmatch(start) else None
    return _place_of(discussion_id, order, int(start)) if start.isdecimal() and len(start) < 10 else None


def _place_of(discussion_id: int, order: Order, number: int) -> Any:
    return db.session().execute(select(*key(order)).where(Post.discussion_id == discussion_id, Post.number == number)).first()


def _below(path: str) -> ColumnElement[bool]:
    """Everything in the branch of a post except itself."""
    return and_(Post.path > path, Post.path < path + AFTER_ALL)


def count_below(actor: Actor, discussion_id: int, path: str) -> int:
    """How many readable posts stand in the branch of a post, itself not counted."""
    query = select(func.count(Post.id)).where(Post.discussion_id == discussion_id, _below(path), visible(actor, Post))
    return int(db.session().scalar(query) or 0)


def folds_of(given: list[str]) -> tuple[str, ...]:
    """The branches to fold away, as an address names them; what is no path is passed over."""
    return tuple(dict.fromkeys(path for path in given if queries._PATH.fullmatch(path)))[:MAX_FOLDS]


def branch(actor: Actor, post_id: int, start: str | None = None) -> tuple[Row[Any], PostPage]:
    """A post and what was said below it, from a path on; depths are counted from the post.

    Raises:
        NotFound: the post is not shown to this actor.
    """
    root = queries.locate(actor, post_id)
    depth = db.session().scalar(select(Post.depth).where(Post.id == post_id)) or 0
    columns = [(Post.depth - depth).label("depth") if column is Post.depth else column for column in queries.PLACES]
    shown = and_(queries._shown(actor, root.discussion_id), Post.path >= root.path, Post.path < root.path + AFTER_ALL)
    query = select(*columns, SIZE).where(shown).order_by(Post.path).limit(PAGE + 1)
    begin = start if start is not None and queries._PATH.fullmatch(start) else None
    rows: list[Row[Any]] = list(db.session().execute(query.where(Post.path >= begin) if begin else query))
    before = _before(shown, "tree", (begin,), PAGE) if begin else []
    if not rows and not before:
        raise NotFound
    held = cutting.fitting(rows)
    earlier = before[cutting.fitting(before) - 1].path if before else None
    return root, PostPage(rows[:held], not before, earlier, rows[held].path if len(rows) > held else None)


def rows_from(actor: Actor, discussion_id: int, start: str | None, limit: int) -> list[Row[Any]]:
    """Posts in tree order from a path on (for a whole discussion, batch by batch)."""
    return _from(queries._posts(), actor, discussion_id, start, limit)


def places_from(actor: Actor, discussion_id: int, start: str | None, limit: int) -> list[Row[Any]]:
    """The places of posts in tree order from a path on."""
    return _from(queries.places(), actor, discussion_id, start, limit)


def _from(query: Select[*tuple[Any, ...]], actor: Actor, discussion_id: int, start: str | None, limit: int) -> list[Row[Any]]:
    query = query.where(queries._shown(actor, discussion_id)).order_by(Post.path).limit(limit)
    return list(db.session().execute(query.where(Post.path >= start) if start else query))


def flat_posts(actor: Actor, discussion_id: int, order: Order, after: str | None, limit: int) -> tuple[list[Row[Any]], str | None]:
    """Readable posts in an order by cursor (API)."""
    if order == "tree":
        return queries.flat_posts(actor, discussion_id, after, limit)
    query = queries._posts().where(Post.discussion_id == discussion_id, visible(actor, Post))
    if after:
        (number,) = cursors.decode(after, (int,))
        query = beside(query, discussion_id, order, int(str(number)))
    rows = list(db.session().execute(query.order_by(*key(order)).limit(limit + 1)))
    return rows[:limit], cursors.encode(rows[limit - 1].number) if len(rows) > limit else None
