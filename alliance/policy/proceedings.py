"""Consensus calls and meetings of working groups: as open as the discussion they belong to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from alliance.policy.actor import Actor
from alliance.policy.discussion import readable
from alliance.policy.sheet import action, sees
from alliance.policy.space import is_open, role, within_readable


@sees("ConsensusCall")
def _calls(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Consensus calls in discussions the actor may see, wherever those were merged into."""
    return _of_readable(actor, model)


@sees("Meeting")
def _meetings(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Meetings whose agenda the actor may see, wherever it was merged into."""
    return _of_readable(actor, model)


def _of_readable(actor: Actor, model: Any) -> ColumnElement[bool]:
    discussion = model.discussion.property.mapper.class_
    there = aliased(discussion)
    led = select(there.id).where(there.id == discussion.moved_to_id, readable(actor, there)).correlate(discussion).exists()
    clause: ColumnElement[bool] = model.discussion.has(or_(readable(actor, discussion), led))
    return clause


@sees("Milestone")
def _milestones(actor: Actor, model: Any) -> ColumnElement[bool]:
    """Milestones of the groups one may read."""
    return within_readable(actor, model)


@action("milestone.set")
def milestone(actor: Actor, space: Any) -> bool:
    """Only a chair of a working group may set its milestones."""
    return actor.may_act and is_open(space) and role(actor, space) == "chair"


@action("consensus.call")
def call(actor: Actor, discussion: Any) -> bool:
    """Only a chair of a working group may put a text to a consensus call there."""
    return _chairs(actor, discussion)


@action("consensus.answer")
def answer(actor: Actor, call: Any) -> bool:
    """Only members of the working group may answer a consensus call, until it ends."""
    space = call.discussion.space
    member = actor.is_authenticated and actor.may_act and role(actor, space) is not None
    return member and is_open(space) and call.is_open


@action("meeting.hold")
def hold(actor: Actor, discussion: Any) -> bool:
    """Only a chair of a working group may give its discussions the date of a meeting."""
    return _chairs(actor, discussion)


@action("meeting.cancel")
def cancel(actor: Actor, meeting: Any) -> bool:
    """Only a chair of a working group may cancel its meetings, and let them take place after all."""
    space = meeting.discussion.space
    return actor.may_act and is_open(space) and role(actor, space) == "chair"


@action("meeting.record")
def record(actor: Actor, meeting: Any) -> bool:
    """Only chairs and rapporteurs of a working group may write the minutes of its meetings."""
    space = meeting.discussion.space
    return actor.may_act and is_open(space) and role(actor, space) in {"chair", "rapporteur"}


def _chairs(actor: Actor, discussion: Any) -> bool:
    space = discussion.space
    return actor.may_act and discussion.status == "visible" and is_open(space) and role(actor, space) == "chair"
