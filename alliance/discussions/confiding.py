"""Closing a discussion with a public summary: what is said in it is for those among whom it is closed, its title and summary for all.

What was written while it was closed was written in confidence, so it never becomes public: the posts go to no open discussion, and a
discussion opens again only as long as nobody else has written in it since. What is counted in public (of a space, of people and
organizations) leaves closed discussions out.
"""

from __future__ import annotations

from sqlalchemy import Select, func, or_, select, update

from alliance.core import clock, db, outbox
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import recounting
from alliance.discussions.counters import hold
from alliance.discussions.models import Discussion, Post
from alliance.discussions.move_models import Move
from alliance.events import DiscussionChanged, DiscussionConfided
from alliance.groups.models import Space

PART = 200


def close(discussion_id: int, *, settled: bool = False) -> Discussion:
    """Inside a transaction: close a discussion, with all that could be read of it in public (`settled`: by the settings of its group).

    Raises:
        Conflict: it is closed already.
    """
    held = hold(db.session(), discussion_id)
    if held.confided_at is not None:
        raise Conflict(_("This discussion is closed already."))
    held.confided_at = clock.now()
    _follow(held, settled=settled)
    return held


def open_again(discussion_id: int, person_id: int | None) -> Discussion:
    """Inside a transaction: let a discussion be read by everybody again, in which nobody but this person has written since it was closed.

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
    if _spoken_in(held, person_id):
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
    session, since = db.session(), held.confided_at
    writer = func.coalesce(Post.written_by_id, Post.author_id)
    later = select(Post.id).where(Post.discussion_id == held.id, or_(Post.created_at >= since, Post.edited_at >= since))
    came = select(Move.id).where(Move.target_id == held.id, Move.created_at >= since, Move.undone_at.is_(None))
    return any(session.scalar(query.limit(1)) is not None for query in (later.where(writer != person_id), came))


def close_all(space_id: int) -> None:
    """Inside a transaction: close what is open of a space whose discussions are to be closed from now on."""
    session = db.session()
    while ids := session.scalars(_open_in(space_id).limit(PART)).all():
        for one in ids:
            close(one, settled=True)


def _open_in(space_id: int) -> Select[int]:
    return select(Discussion.id).where(Discussion.space_id == space_id, Discussion.confided_at.is_(None)).order_by(Discussion.id)


def _follow(held: Discussion, *, settled: bool = False) -> None:
    """Inside a transaction: counters, kept pages, the index and live rooms follow what became of a discussion."""
    held.version += 1
    db.session().flush()
    recount([held.id], held.space_id)
    outbox.publish(DiscussionConfided(held.id, held.space_id, settled=settled))
    outbox.publish(DiscussionChanged(held.id, held.space_id))


def recount(discussion_ids: list[int], space_id: int) -> None:
    """Inside a transaction: count in public what can be read in public, after discussions were closed or opened or their space was."""
    session = db.session()
    columns = Post.author_id, Post.organization_id
    rows = session.execute(select(*columns).where(Post.discussion_id.in_(discussion_ids)).distinct()).all()
    recounting.recount_people(space_id, sorted({row.author_id for row in rows}))
    recounting.recount_contributions(space_id, (), sorted({row.organization_id for row in rows if row.organization_id is not None}))
    recounting.recount_space(space_id)


def closed_in(space_id: int) -> list[int]:
    """The ids of the discussions of a space that are closed."""
    query = select(Discussion.id).where(Discussion.space_id == space_id, Discussion.confided_at.is_not(None))
    return list(db.session().scalars(query.order_by(Discussion.id)))


def of_space(space_id: int) -> None:
    """Inside a transaction: who may read a space, or how it shows authors, has changed: what is to be closed is closed, and all is counted."""
    session = db.session()
    space = session.get(Space, space_id)
    if space is None:
        return
    if space.attribution == "closed":
        close_all(space_id)
    ids = closed_in(space_id)
    for start in range(0, len(ids), PART):
        recount(ids[start : start + PART], space_id)
    if ids:
        more = {"version": Discussion.version + 1}
        session.execute(update(Discussion).where(Discussion.id.in_(ids)).values(more).execution_options(synchronize_session=False))


def leaks(source: Discussion, target: Discussion) -> bool:
    """Whether what was said in one discussion would be read by others in another one."""
    return source.confided_at is not None and (target.confided_at is None or target.space_id != source.space_id)


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
