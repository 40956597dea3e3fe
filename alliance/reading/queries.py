"""What is unread. The rule: a visible post whose number is not among those one has read.

Nobody counts posts for it: a discussion knows how many are visible and which numbers it has given out, the mark knows
how many were read; only what was read and taken away since (few, with an index of their own) has to be looked at.
Sums of spaces are of the discussions one has opened, so that they grow with what one reads, not with what there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, starmap
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, literal_column, or_, select
from sqlalchemy.orm import aliased

from alliance.core import db
from alliance.core.prepared import ANYBODY, Prepared, among, value
from alliance.discussions import orders
from alliance.discussions.models import Discussion, Post
from alliance.policy import Actor, visible
from alliance.reading.models import ReadMark
from alliance.reading.numbers import Numbers

# A literal, not a parameter: SQLite uses the index of what is gone only when it sees that this is what is asked for.
_gone = aliased(Post)
_IS_GONE = _gone.status != literal_column("'visible'")
FEW = 200  # as many unread posts are looked for by number; of more, the first one in order comes soon
MAX_RANGES = 100
MAX_NUMBERS = 20_000


@dataclass(frozen=True, slots=True)
class State:
    """What a person has read of a discussion (`opened`: anything at all), and how much is unread."""

    discussion_id: int
    space_id: int
    opened: bool
    last: int
    read: Numbers
    gone: Numbers
    unread: int

    @property
    def unread_numbers(self) -> Numbers:
        """The numbers of the unread posts."""
        return Numbers.upto(self.last) - self.read - self.gone


class _Row(NamedTuple):
    """A discussion with its mark; a row for each post that is gone."""

    id: int
    space_id: int
    posts_count: int
    next_number: int
    numbers: str | None
    read_count: int | None
    gone: int | None


def _marks(person_id: int | None) -> Select[*tuple[Any, ...]]:
    columns = (Discussion.id, Discussion.space_id, Discussion.posts_count, Discussion.next_number)
    mine = and_(ReadMark.discussion_id == Discussion.id, ReadMark.person_id == person_id)
    query: Select[*tuple[Any, ...]] = select(*columns, ReadMark.numbers, ReadMark.read_count, _gone.number.label("gone"))
    return query.outerjoin(ReadMark, mine).outerjoin(_gone, and_(_gone.discussion_id == Discussion.id, _IS_GONE))


def _states(rows: Iterable[_Row]) -> dict[int, State]:
    first: dict[int, _Row] = {}
    gone: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        first.setdefault(row.id, row)
        if row.gone is not None:
            gone[row.id].append(row.gone)
    return {key: _state(row, Numbers.of(gone[key])) for key, row in first.items()}


def _state(row: _Row, gone: Numbers) -> State:
    read = Numbers.parse(row.numbers or "")
    unread = row.posts_count - (row.read_count or 0) + len(read & gone)
    return State(row.id, row.space_id, row.numbers is not None, row.next_number - 1, read, gone, max(0, unread))


def states(actor: Actor, discussion_ids: Sequence[int]) -> dict[int, State]:
    """What the actor has read of some discussions, by id, in one query."""
    if actor.person_id is None or not discussion_ids:
        return {}
    return _states(starmap(_Row, _STATES.rows(None, actor.person_id, discussions=discussion_ids)))


_STATES = Prepared(lambda _kind: _marks(ANYBODY).where(among(Discussion.id, "discussions")))


def state(actor: Actor, discussion_id: int) -> State | None:
    """What the actor has read of a discussion; None for a guest."""
    return states(actor, [discussion_id]).get(discussion_id)


def by_space(actor: Actor, space_id: int | None = None) -> dict[int, int]:
    """Unread posts by space, of the discussions the actor has opened and may still read."""
    if actor.person_id is None:
        return {}
    rows = (
        _OPENED.rows(actor.kind_of, actor.person_id)
        if space_id is None
        else _OPENED_IN.rows(actor.kind_of, actor.person_id, space=space_id)
    )
    found: dict[int, int] = defaultdict(int)
    for one in _states(starmap(_Row, rows)).values():
        found[one.space_id] += one.unread
    return {key: number for key, number in found.items() if number}


def _opened(actor: Actor) -> Select[*tuple[Any, ...]]:
    maybe = or_(Discussion.posts_count > ReadMark.read_count, Discussion.next_number > Discussion.posts_count + 1)
    return _marks(actor.person_id).where(ReadMark.id.is_not(None), maybe, visible(actor, Discussion))


_OPENED = Prepared(_opened)
_OPENED_IN = Prepared(lambda actor: _opened(actor).where(Discussion.space_id == value("space")))


def unread_post(state: State, order: orders.Order, *, after: int | None = None, before: int | None = None) -> Row[Any] | None:
    """The first unread post in an order, or the next one behind (the last one before) the post of a number."""
    wanted, columns = state.unread_numbers, orders.key(order)
    if not wanted.runs:
        return None
    backward = before is not None and after is None
    query: Select[*tuple[Any, ...]] = select(Post.id, Post.discussion_id, Post.number, *columns)
    query = query.where(Post.discussion_id == state.discussion_id, Post.status == "visible", _among(wanted))
    place = before if backward else after
    if place is not None:
        query = orders.beside(query, state.discussion_id, order, place, backward=backward)
    if len(wanted) <= FEW:
        # Few are fetched by their numbers, and the first is found here: a scan in order might pass thousands before one.
        return (max if backward else min)(db.session().execute(query), key=lambda row: tuple(row)[3:], default=None)
    return db.session().execute(query.order_by(*(column.desc() for column in columns) if backward else columns).limit(1)).first()


def _among(wanted: Numbers) -> ColumnElement[bool]:
    """Posts with these numbers: as ranges while they are few, else one by one (both databases bound what a statement may hold)."""
    if len(wanted.runs) > MAX_RANGES or len(wanted) <= FEW:
        return Post.number.in_(list(islice(wanted, MAX_NUMBERS)))
    return or_(*(Post.number.between(low, high) for low, high in wanted.runs))
