"""Marking posts as read, and as unread again; from several devices at once without losing any."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.accounts.models import Person
from alliance.core import clock, db
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import orders
from alliance.discussions import queries as discussions
from alliance.discussions.models import Discussion, Post
from alliance.policy import Actor, require
from alliance.reading.models import ReadMark
from alliance.reading.numbers import Numbers

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
    _merge(db.session(), post.author_id, post.discussion_id, lambda read: read | Numbers.of([post.number]))


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
    with db.transaction() as session:
        last = discussions.get_discussion(actor, discussion_id).next_number - 1
        person_id = actor.person_id
        if person_id is not None:
            _merge(session, person_id, discussion_id, lambda read: change(read, last))


def _merge(session: Session, person_id: int, discussion_id: int, change: Callable[[Numbers], Numbers]) -> None:
    """Change a set, nobody else changing it until the transaction ends."""
    mark = _held(session, person_id, discussion_id)
    if mark is None:
        # The discussion first, as whoever writes in it holds it: two who make the row at once wait in line here.
        session.execute(select(Discussion.id).where(Discussion.id == discussion_id).with_for_update(key_share=True))
        mark = _held(session, person_id, discussion_id)
    if mark is None:
        mark = ReadMark(person_id=person_id, discussion_id=discussion_id, numbers="", read_count=0, updated_at=clock.now())
        session.add(mark)
    old = Numbers.parse(mark.numbers)
    new = change(old)
    if new != old:
        mark.numbers, mark.read_count, mark.updated_at = str(new), len(new), clock.now()
    session.flush()


def _held(session: Session, person_id: int, discussion_id: int) -> ReadMark | None:
    query = select(ReadMark).where(ReadMark.person_id == person_id, ReadMark.discussion_id == discussion_id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))
