"""Closing a discussion with a public summary: what is said in it is for those among whom it is closed, its title and summary for all.

What was written while it was closed was written in confidence, so it never becomes public: the posts go to no open discussion, and a
discussion opens again only as long as nobody else has written in it since. What is counted in public (of a space, of people and
organizations) leaves closed discussions out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Select, func, select, update

from alliance.core import clock, db, outbox
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import recounting
from alliance.discussions.counters import hold
from alliance.discussions.models import Discussion, Post, PostRevision
from alliance.discussions.move_models import Move, MovedPost
from alliance.events import DiscussionChanged, DiscussionConfided
from alliance.groups import changing
from alliance.groups.models import Space

PART = 200
_written_by = func.coalesce(Post.written_by_id, Post.author_id)


def close(discussion_id: int) -> Discussion:
    """Inside a transaction: close a discussion, with all that could be read of it in public.

    Raises:
        Conflict: it is closed already.
    """
    held = hold(db.session(), discussion_id)
    if held.confided_at is not None:
        raise Conflict(_("This discussion is closed already."))
    held.confided_at = clock.now()
    _follow(held)
    return held


def open_again(discussion_id: int, person_id: int | None, answered: Callable[[Discussion], bool]) -> Discussion:
    """Inside a transaction: let a discussion be read by everybody again, in which nobody but this person has written since it was closed,
    nor `answered` in another way (asked once nobody else can any more).

    Raises:
        Conflict: it is not closed, or it stays so.
    """
    held = hold(db.session(), discussion_id)
    if held.confided_at is None:
        raise Conflict(_("This discussion is not closed."))
    if held.space.attribution == "closed":
        if held.space.kind == "action_line":
            raise Conflict(_("All discussions of this action line are closed: the secretariat chooses that."))
        raise Conflict(_("All discussions of this group are closed: this is chosen in the settings of the group."))
    if _spoken_in(held, person_id) or answered(held):
        raise Conflict(
            _(
                "Others have written in this discussion since it was closed, and they wrote in confidence: it stays closed. Say in its "
                "public summary what everybody is to know, or open a new discussion."
            )
        )
    held.confided_at = None
    _follow(held)
    return held


def _spoken_in(held: Discussion, person_id: int | None) -> bool:
    """Whether anybody else wrote something, or changed what they wrote, or anything was moved here, since it is closed."""
    since = held.confided_at
    later = select(Post.id).where(Post.discussion_id == held.id, Post.created_at >= since, _written_by != person_id)
    came = select(Move.id).where(Move.target_id == held.id, Move.created_at >= since, Move.undone_at.is_(None))
    if any(db.session().scalar(query.limit(1)) is not None for query in (later, came)):
        return True
    return since is not None and _changed(select(Post.id).where(Post.discussion_id == held.id), since, person_id)


def _changed(posts: Select[int], since: datetime, person_id: int | None) -> bool:
    """Whether anybody else changed what some posts say since (a change within minutes, of which the page says nothing, is one as well)."""
    edited = select(Post.id).where(Post.id.in_(posts), Post.edited_at >= since, _written_by != person_id)
    replaced = select(PostRevision.id).where(PostRevision.post_id.in_(posts), PostRevision.replaced_at >= since)
    replaced = replaced.where(PostRevision.editor_id != person_id)
    return any(db.session().scalar(query.limit(1)) is not None for query in (edited, replaced))


@changing.before
def hold_all(space_id: int) -> None:
    """Inside a transaction: the discussions of a space, nobody else writing in them until it ends."""
    query = select(Discussion.id).where(Discussion.space_id == space_id).order_by(Discussion.id).with_for_update()
    db.session().execute(query).all()


def close_all(space_id: int) -> None:
    """Inside a transaction: close what is open of a space whose discussions are to be closed from now on; it is counted afterwards, once for all."""
    session = db.session()
    while ids := session.scalars(_open_in(space_id).limit(PART)).all():
        for one in ids:
            held = hold(session, one)
            held.confided_at = clock.now()
            session.flush()
            _tell(held, settled=True)


def since_opened(space_id: int, at: datetime) -> datetime | None:
    """Inside a transaction that has written a discussion: since when it is closed, where all are.

    Asked then, not before: whoever closes a space holds its row, which whoever writes a discussion of it waits for; so either this sees
    that the space is closed, or `close_all` sees the discussion.
    """
    attribution = db.session().scalar(select(Space.attribution).where(Space.id == space_id))
    return at if attribution == "closed" else None


def settle(held: Discussion) -> None:
    """Inside a transaction: a discussion that came to a space whose discussions are all closed is closed, too, as the log says."""
    if held.space.attribution == "closed" and held.confided_at is None:
        held.confided_at = clock.now()
        _follow(held, settled=True)


def _open_in(space_id: int) -> Select[int]:
    return select(Discussion.id).where(Discussion.space_id == space_id, Discussion.confided_at.is_(None)).order_by(Discussion.id)


def _follow(held: Discussion, *, settled: bool = False) -> None:
    """Inside a transaction: counters, kept pages, the index and live rooms follow what became of a discussion."""
    held.version += 1
    db.session().flush()
    _recount(select(Discussion.id).where(Discussion.id == held.id), held.space_id)
    _tell(held, settled=settled)


def _tell(held: Discussion, *, settled: bool) -> None:
    outbox.publish(DiscussionConfided(held.id, held.space_id, settled=settled))
    outbox.publish(DiscussionChanged(held.id, held.space_id))


def _recount(which: Select[int], space_id: int) -> None:
    """Inside a transaction: count in public what can be read in public, after discussions were closed or opened or their space was."""
    rows = db.session().execute(select(Post.author_id, Post.organization_id).where(Post.discussion_id.in_(which)).distinct()).all()
    recounting.recount_people(space_id, sorted({row.author_id for row in rows}))
    recounting.recount_contributions(space_id, (), sorted({row.organization_id for row in rows if row.organization_id is not None}))
    recounting.recount_space(space_id)


def is_closed(discussion_id: int) -> bool:
    """Whether a discussion is closed with a public summary."""
    query = select(Discussion.id).where(Discussion.id == discussion_id, Discussion.confided_at.is_not(None))
    return db.session().scalar(query) is not None


def of_space(space_id: int) -> None:
    """Inside a transaction: who may read a space, or how it shows authors, has changed: what is to be closed is closed, and all is counted."""
    session = db.session()
    space = session.get(Space, space_id)
    if space is None:
        return
    if space.attribution == "closed":
        close_all(space_id)
    closed = select(Discussion.id).where(Discussion.space_id == space_id, Discussion.confided_at.is_not(None))
    more = update(Discussion).where(Discussion.id.in_(closed)).values(version=Discussion.version + 1)
    if session.execute(more.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        _recount(closed, space_id)


def leaks(source: Discussion, target: Discussion) -> bool:
    """Whether what was said in one discussion would be read by others in another one."""
    return source.confided_at is not None and (target.confided_at is None or target.space_id != source.space_id)


def check_back(noted: Move, source: Discussion, target: Discussion, person_id: int | None, answered: Callable[[Move], bool]) -> None:
    """Refuse to put posts back to where others would read what was said in confidence: they come back as they went, or not at all.

    Raises:
        Conflict: where they went was closed since, or others changed them there, or `answered` in another way.
    """
    if not leaks(target, source):
        return
    ids = select(MovedPost.post_id).where(MovedPost.move_id == noted.id)
    was_closed = target.confided_at is not None and target.confided_at <= noted.created_at
    if not was_closed or _changed(ids, noted.created_at, person_id) or answered(noted):
        raise Conflict(_("What was said in a closed discussion stays closed."))


def check_spaces(one: Space, other: Space) -> None:
    """Refuse to move anything from a working group to elsewhere, or to it: who reads what would change.

    Raises:
        Invalid: they are not open to the same people.
    """
    if one.id != other.id and {one.kind, other.kind} != {"action_line"}:
        raise Invalid.field("target", _("What was said in a working group stays in it."))


def check(source: Discussion, target: Discussion) -> None:
    """Refuse to move posts to where they would be read by others.

    Raises:
        Invalid: they would.
    """
    check_spaces(source.space, target.space)
    if leaks(source, target):
        raise Invalid.field(
            "target", _("What was said in a closed discussion stays closed: choose one of the same space that is closed as well.")
        )
