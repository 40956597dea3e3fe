"""Finding consensus calls and meetings: what one may not see is not found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from alliance.core import clock, db
from alliance.core.errors import NotFound
from alliance.discussions.models import Discussion
from alliance.groups.models import Membership, Space
from alliance.policy import Actor, visible
from alliance.proceedings.models import ANSWERS, ConsensusAnswer, ConsensusCall, Meeting, Milestone

MOST = 50
MOST_MILESTONES = 200


def get_call(actor: Actor, call_id: int, *, fresh: bool = False) -> ConsensusCall:
    """A consensus call.

    Raises:
        NotFound: none such, or not one the actor may see.
    """
    query = select(ConsensusCall).where(ConsensusCall.id == call_id, visible(actor, ConsensusCall))
    found = db.session().scalar(query.options(joinedload(ConsensusCall.discussion)).execution_options(populate_existing=fresh))
    if found is None:
        raise NotFound
    return found


def calls_of(discussion: Discussion) -> Sequence[ConsensusCall]:
    """The calls of a discussion the reader is known to see, and of those that were merged into it, oldest first."""
    query = select(ConsensusCall).join(ConsensusCall.discussion).where(ConsensusCall.space_id == discussion.space_id, _part_of(discussion))
    return db.session().scalars(query.options(contains_eager(ConsensusCall.discussion)).order_by(ConsensusCall.id).limit(MOST)).all()


def _part_of(discussion: Discussion) -> ColumnElement[bool]:
    """Asked of what stands in a group: whether it belongs to a discussion, or to one that was merged into it."""
    return or_(Discussion.id == discussion.id, Discussion.moved_to_id == discussion.id)


def calls_in(actor: Actor, space: Space, limit: int = MOST) -> Sequence[ConsensusCall]:
    """The calls of a group, the newest first."""
    query = select(ConsensusCall).where(ConsensusCall.space_id == space.id, visible(actor, ConsensusCall))
    query = query.options(joinedload(ConsensusCall.discussion))
    return db.session().scalars(query.order_by(ConsensusCall.id.desc()).limit(limit)).all()


def own_answer(call_id: int, person_id: int | None) -> ConsensusAnswer | None:
    """What somebody answered."""
    return db.session().scalar(select(ConsensusAnswer).where(ConsensusAnswer.call_id == call_id, ConsensusAnswer.person_id == person_id))


def at_hand(actor: Actor, limit: int) -> tuple[Sequence[ConsensusCall], ConsensusCall | None]:
    """Of the calls one may see, wherever they are: those that can still be answered, the next to end first; and the one that ended last."""
    ended = select(ConsensusCall.id).where(ConsensusCall.closed_at.is_not(None), visible(actor, ConsensusCall))
    last = ended.order_by(ConsensusCall.closed_at.desc(), ConsensusCall.id.desc()).limit(1).scalar_subquery()
    still = and_(ConsensusCall.closed_at.is_(None), ConsensusCall.closes_at > clock.now(), visible(actor, ConsensusCall))
    loading = (joinedload(ConsensusCall.discussion), joinedload(ConsensusCall.space), joinedload(ConsensusCall.called_by))
    query = select(ConsensusCall).where(or_(still, ConsensusCall.id == last)).options(*loading)
    found = db.session().scalars(query.order_by(ConsensusCall.closes_at, ConsensusCall.id).limit(limit + 1)).all()
    return [one for one in found if one.closed_at is None][:limit], next((one for one in found if one.closed_at is not None), None)


def due(now: datetime) -> Sequence[int]:
    """Calls that have ended and whose result is not written yet."""
    query = select(ConsensusCall.id).where(ConsensusCall.closed_at.is_(None), ConsensusCall.closes_at <= now)
    return db.session().scalars(query.order_by(ConsensusCall.closes_at)).all()


def count(call: ConsensusCall) -> dict[str, Any]:
    """The result: the answers of those who are members now, and every objection, also of somebody who is a member no more."""
    query = select(ConsensusAnswer, _is_member(call.space_id)).where(ConsensusAnswer.call_id == call.id).order_by(ConsensusAnswer.id)
    rows = db.session().execute(query).all()
    counted = {one: Counter(row.stakeholder_type or "" for row, within in rows if within and row.answer == one) for one in ANSWERS}
    members = db.session().scalar(select(func.count(Membership.id)).where(Membership.space_id == call.space_id)) or 0
    return {
        "members": members,
        "answers": {one: dict(sorted(found.items())) for one, found in counted.items()},
        "objections": [
            {"stakeholder_type": row.stakeholder_type, "reason": row.reason, "left": not within}
            for row, within in rows
            if row.answer == "object"
        ],
    }


def _is_member(space_id: int) -> ColumnElement[bool]:
    """Whether who gave an answer belongs to the group now."""
    mine = select(Membership.id).where(Membership.space_id == space_id, Membership.person_id == ConsensusAnswer.person_id)
    return mine.correlate(ConsensusAnswer).exists()


def answered(call: ConsensusCall) -> int:
    """How many of the members have answered by now."""
    query = select(func.count(ConsensusAnswer.id)).where(ConsensusAnswer.call_id == call.id, _is_member(call.space_id))
    return db.session().scalar(query) or 0


def get_meeting(actor: Actor, meeting_id: int) -> Meeting:
    """A meeting.

    Raises:
        NotFound: none such, or not one the actor may see.
    """
    query = select(Meeting).where(Meeting.id == meeting_id, visible(actor, Meeting)).options(joinedload(Meeting.discussion))
    found = db.session().scalar(query)
    if found is None:
        raise NotFound
    return found


def meeting_of(discussion_id: int) -> Meeting | None:
    """The meeting a discussion is the agenda of."""
    return db.session().scalar(select(Meeting).where(Meeting.discussion_id == discussion_id).options(joinedload(Meeting.discussion)))


def meetings_of(discussion: Discussion) -> Sequence[Meeting]:
    """The meeting a discussion is the agenda of, and those whose agendas were merged into it, by their days."""
    query = select(Meeting).join(Meeting.discussion).where(Meeting.space_id == discussion.space_id, _part_of(discussion))
    return db.session().scalars(query.options(contains_eager(Meeting.discussion)).order_by(Meeting.starts_at, Meeting.id).limit(MOST)).all()


def meetings_in(actor: Actor, space: Space, *, coming: bool | None = None, limit: int = MOST) -> Sequence[Meeting]:
    """Meetings of a group: those to come (the next first), those that were (the last first), or all (for calendars)."""
    query = select(Meeting).where(Meeting.space_id == space.id, visible(actor, Meeting)).options(joinedload(Meeting.discussion))
    if coming is not None:
        query = query.where(Meeting.ends_at > clock.now() if coming else Meeting.ends_at <= clock.now())
    order = Meeting.starts_at if coming else Meeting.starts_at.desc()
    return db.session().scalars(query.order_by(order, Meeting.id).limit(limit)).all()


def closed_between(begin: datetime, until: datetime, space_id: int | None = None) -> list[int]:
    """The calls everybody may read that ended in a period, oldest first: what a digest is offered."""
    query = select(ConsensusCall.id).where(ConsensusCall.closed_at >= begin, ConsensusCall.closed_at < until)
    query = query.where(visible(Actor.guest(), ConsensusCall))
    if space_id is not None:
        query = query.where(ConsensusCall.space_id == space_id)
    return list(db.session().scalars(query.order_by(ConsensusCall.closed_at, ConsensusCall.id)))


def public_calls(call_ids: Sequence[int]) -> Sequence[ConsensusCall]:
    """Of some calls those that everybody may (still) read, oldest first."""
    query = select(ConsensusCall).where(ConsensusCall.id.in_(call_ids), visible(Actor.guest(), ConsensusCall))
    query = query.options(joinedload(ConsensusCall.discussion).joinedload(Discussion.space))
    return db.session().scalars(query.order_by(ConsensusCall.closed_at, ConsensusCall.id)).all()


def get_milestone(actor: Actor, space: Space, milestone_id: int, *, fresh: bool = False) -> Milestone:
    """A milestone of a group.

    Raises:
        NotFound: none such in it, or not one the actor may see.
    """
    query = select(Milestone).where(Milestone.id == milestone_id, Milestone.space_id == space.id, visible(actor, Milestone))
    found = db.session().scalar(query.execution_options(populate_existing=fresh))
    if found is None:
        raise NotFound
    return found


def milestones(actor: Actor, space: Space) -> Sequence[Milestone]:
    """The milestones of a group by their days (a group has a bounded number of them)."""
    query = select(Milestone).where(Milestone.space_id == space.id, visible(actor, Milestone))
    return db.session().scalars(query.order_by(Milestone.due_on, Milestone.id).limit(MOST_MILESTONES)).all()


def next_milestones(actor: Actor, space: Space, limit: int) -> Sequence[Milestone]:
    """Those still to be reached, the next first."""
    query = select(Milestone).where(Milestone.space_id == space.id, Milestone.state == "planned", visible(actor, Milestone))
    return db.session().scalars(query.order_by(Milestone.due_on, Milestone.id).limit(limit)).all()


def count_milestones(space_id: int) -> int:
    """How many milestones a group has."""
    return db.session().scalar(select(func.count(Milestone.id)).where(Milestone.space_id == space_id)) or 0
