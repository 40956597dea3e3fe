"""Closing a discussion with a public summary, and opening it again: by whoever may say how it shows its authors; with its entry in the log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, or_, select

from alliance.core import db
from alliance.discussions import confiding
from alliance.discussions.models import Discussion, Post
from alliance.moderation import log, queries, reasons
from alliance.policy import Actor, require
from alliance.polls.models import Poll, PollVote
from alliance.proceedings.models import ConsensusAnswer, ConsensusCall, Meeting
from alliance.signals.models import Signal


def close(actor: Actor, discussion_id: int, reason: str, code: str = "") -> Discussion:
    """Close a discussion: from now on only members read it, everybody else its public summary.

    Raises:
        NotFound, Refused, Invalid: nothing is changed.
        Conflict: it is closed already.
    """
    with db.transaction():
        line = _checked(actor, discussion_id, reason, code)
        held = confiding.close(discussion_id)
        log.write(actor, "confide", line, code=code, discussion=held)
        return held


def open_again(actor: Actor, discussion_id: int, reason: str, code: str = "") -> Discussion:
    """Let everybody read a closed discussion again, in which nobody else has written since.

    Raises:
        NotFound, Refused, Invalid: nothing is changed.
        Conflict: it is not closed, or others have written in confidence.
    """
    with db.transaction():
        line = _checked(actor, discussion_id, reason, code)
        held = confiding.open_again(discussion_id, actor.person_id, lambda found: _answered(found, actor.person_id))
        log.write(actor, "unconfide", line, code=code, discussion=held)
        return held


def _answered(held: Discussion, person_id: int | None) -> bool:
    posts = select(Post.id).where(Post.discussion_id == held.id)
    places = select(Discussion.id).where(or_(Discussion.id == held.id, Discussion.moved_to_id == held.id))
    return held.confided_at is None or answered(posts, places, held.confided_at, person_id)


def answered(posts: Select[int], places: Select[int], since: datetime, person_id: int | None) -> bool:
    """Whether anybody else took a position, thanked or voted at some posts since, or answered a call in some discussions, or anything was
    minuted there.
    """
    session = db.session()
    calls = ConsensusCall.discussion_id.in_(places)
    ways = (
        select(Signal.id).where(Signal.post_id.in_(posts), Signal.changed_at >= since, Signal.person_id != person_id),
        select(PollVote.id).join(Poll, Poll.id == PollVote.poll_id)
        .where(Poll.post_id.in_(posts), PollVote.changed_at >= since, PollVote.person_id != person_id),
        select(ConsensusCall.id).where(calls, ConsensusCall.created_at >= since, ConsensusCall.called_by_id != person_id),
        select(ConsensusAnswer.id).join(ConsensusCall, ConsensusCall.id == ConsensusAnswer.call_id)
        .where(calls, ConsensusAnswer.answered_at >= since, ConsensusAnswer.person_id != person_id),
        select(Meeting.id).where(Meeting.discussion_id.in_(places), Meeting.minutes != "", Meeting.changed_at >= since),
    )  # fmt: skip
    return any(session.scalar(query.limit(1)) is not None for query in ways)


def _checked(actor: Actor, discussion_id: int, reason: str, code: str) -> str:
    require(actor, "discussion.attribute", queries.discussion(actor, discussion_id))
    return log.checked(reason, needed=not reasons.checked(code))
