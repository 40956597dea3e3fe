"""Marking posts as read, and as unread again; from several devices at once without losing any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from alliance.accounts.models import Person
from alliance.core import clock, db, plain
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import orders
from alliance.discussions import queries as discussions
from alliance.discussions.models import Discussion, Post
from alliance.policy import Actor, require
from alliance.reading.models import ReadMark
from alliance.reading.numbers import Numbers, after

MAX_RUNS = 1000  # in one request; a page shows thirty posts


def mark_read(actor: Actor, discussion_id: int, numbers: Numbers | None = None) -> None:
    """Note that posts were read (None: all there are). Numbers no post has are passed over.

    Raises:
        NotFound: one cannot see such a discussion.
        Refused: the actor has no marks.
        Invalid: more than anybody reads at once.
    """
    if numbers is not None and len(numbers.runs) > MAX_RUNS:
        raise Invalid.field("numbers", _("At most %(most)s runs of numbers at once.", most=MAX_RUNS))

    def more(read: Numbers, last: int) -> Numbers:
        there = Numbers.upto(last)
        return read | (there if numbers is None else numbers & there)

    _change(actor, discussion_id, more)


def mark_unread(actor: Actor, discussion_id: int, number: int) -> None:
    """Note that the post of a number, and all that were said after it, are unread again.

    Raises:
        NotFound: one cannot see such a discussion.
        Refused: the actor has no marks.
    """
    _change(actor, discussion_id, lambda read, last: read & Numbers.upto(min(number - 1, last)))


def note_said(post: Post) -> None:
    """Inside the transaction that publishes a post: its author has read it."""
    mine = {"person_id": post.writer_id, "discussion_id": post.discussion_id}
    found = plain.run(_HELD, mine)
    longer = after(found[0][1], post.number) if found else None
    if longer is None:
        _merge(post.writer_id, post.discussion_id, lambda read: read | Numbers.of([post.number]))
    else:  # the newest of all, as nearly always: however much of it one has read
        plain.run(_CHANGED, {"which": found[0][0], "numbers": longer, "read_count": found[0][2] + 1, "updated_at": clock.now()})


def carry(source_id: int, target_id: int, went: Mapping[int, int]) -> None:
    """Inside the transaction that moves posts: what was read of them stays read, under the numbers they have now."""
    session, moved = db.session(), Numbers.of(went)
    query = select(ReadMark).order_by(ReadMark.person_id).with_for_update().execution_options(populate_existing=True)
    there = {mark.person_id: mark for mark in session.scalars(query.where(ReadMark.discussion_id == target_id))}
    for mark in session.scalars(query.where(ReadMark.discussion_id == source_id)).all():
        read = Numbers.parse(mark.numbers)
        taken = read & moved
        if not taken.runs:
            continue
        _keep(mark, read - moved)
        other = there.get(mark.person_id) or ReadMark(person_id=mark.person_id, discussion_id=target_id, numbers="", read_count=0)
        _keep(other, Numbers.parse(other.numbers) | Numbers.of(went[number] for number in taken))
        session.add(other)
    session.flush()


def _keep(mark: ReadMark, read: Numbers) -> None:
    mark.numbers, mark.read_count, mark.updated_at = str(read), len(read), clock.now()


def choose_order(actor: Actor, order: str) -> None:
    """Remember the order in which a person reads discussions.

    Raises:
        Invalid: there is no such order.
        Refused: it is nobody's.
    """
    if order not in orders.ORDERS:
        raise Invalid.field("order", _("There is no such order."))
    require(actor, "reading.mark")
    with db.transaction() as session:
        session.get_one(Person, actor.person_id).reading_order = order


def _change(actor: Actor, discussion_id: int, change: Callable[[Numbers, int], Numbers]) -> None:
    require(actor, "reading.mark")
    with db.transaction():
        last = discussions.get_discussion(actor, discussion_id).next_number - 1
        person_id = actor.person_id
        if person_id is not None:
            _merge(person_id, discussion_id, lambda read: change(read, last))


_MARKS: Any = ReadMark.__table__
_HELD = select(_MARKS.c.id, _MARKS.c.numbers, _MARKS.c.read_count).with_for_update()
_HELD = _HELD.where(_MARKS.c.person_id == bindparam("person_id"), _MARKS.c.discussion_id == bindparam("discussion_id"))
_CHANGED = update(_MARKS).where(_MARKS.c.id == bindparam("which"))
_FIRST = insert(_MARKS)


def _merge(person_id: int, discussion_id: int, change: Callable[[Numbers], Numbers]) -> None:
    """Change a set, nobody else changing it until the transaction ends."""
    session, mine = db.session(), {"person_id": person_id, "discussion_id": discussion_id}
    found = plain.run(_HELD, mine)
    if not found:
        # The discussion first, as whoever writes in it holds it: two who make the row at once wait in line here.
        session.execute(select(Discussion.id).where(Discussion.id == discussion_id).with_for_update(key_share=True))
        found = plain.run(_HELD, mine)
    old = Numbers.parse(found[0][1]) if found else Numbers()
    new = change(old)
    values = {"numbers": str(new), "read_count": len(new), "updated_at": clock.now()}
    if not found:
        plain.run(_FIRST, {**mine, **values})
    elif new != old:
        plain.run(_CHANGED, {"which": found[0][0], **values})
