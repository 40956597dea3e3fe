"""The API of consensus calls and meetings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from alliance.discussions import queries as discussions
from alliance.groups import queries as groups
from alliance.proceedings import consensus, meetings, queries
from alliance.proceedings.models import ConsensusCall, Meeting
from alliance.web import api, current_actor


class ObjectionOut(api.Out):
    """An objection; whose, is not told. `left`: who made it was a member no more when the call ended."""

    stakeholder_type: str | None
    reason: str
    left: bool = False


class CallOut(api.Out):
    """A consensus call. `answers` (by stakeholder type, "" of none) and `objections` are told when it has closed."""

    id: int
    discussion_id: int
    text: str
    html: str
    language: str | None
    created_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    answered: int
    members: int | None
    answers: dict[str, dict[str, int]] | None
    objections: list[ObjectionOut] | None


class NewCall(api.Schema):
    """A text to be put to the members of the group until a moment."""

    body: str
    closes_at: AwareDatetime


class NewAnswer(api.Schema):
    """One's answer; an objection needs a reason."""

    answer: Literal["agree", "live", "object"]
    reason: str = ""


class MeetingOut(api.Out):
    """A meeting, whose agenda is a discussion."""

    id: int
    discussion_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    minutes: str
    cancelled_at: datetime | None


class NewMeeting(api.Schema):
    """When and where."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place: str = Field(default="", max_length=1000)


class MilestoneOut(api.Out):
    """What a group is to have done by a day."""

    id: int
    title: str
    due_on: date
    state: Literal["planned", "reached", "dropped"]
    reached_on: date | None
    changed_at: datetime


class MilestonesOut(api.Out):
    """All of them: a group has at most two hundred, so `next` is always null."""

    items: list[MilestoneOut]
    next: str | None = None


class CallsOut(api.Out):
    """The newest fifty, so `next` is always null."""

    items: list[CallOut]
    next: str | None = None


class MeetingsOut(api.Out):
    """The newest fifty, so `next` is always null."""

    items: list[MeetingOut]
    next: str | None = None


@api.get("/groups/<slug>/consensus", returns=CallsOut)
def calls(slug: str) -> CallsOut:
    """The consensus calls of a group, the newest first."""
    actor = current_actor()
    return CallsOut(items=[_call(one) for one in queries.calls_in(actor, groups.get_space(actor, slug))])


@api.post("/discussions/<int:discussion_id>/consensus", body=NewCall, returns=CallOut)
def new_call(discussion_id: int, body: NewCall) -> CallOut:
    """Put a text to a consensus call."""
    found = discussions.get_discussion(current_actor(), discussion_id)
    return _call(consensus.call(current_actor(), found, body.body, body.closes_at))


@api.get("/consensus/<int:call_id>", returns=CallOut)
def consensus_call(call_id: int) -> CallOut:
    """A consensus call."""
    return _call(queries.get_call(current_actor(), call_id))


@api.put("/consensus/<int:call_id>/answer", body=NewAnswer)
def answer(call_id: int, body: NewAnswer) -> None:
    """Answer a call, or change one's answer."""
    consensus.answer(current_actor(), call_id, body.answer, body.reason)


@api.get("/groups/<slug>/meetings", returns=MeetingsOut)
def of_group(slug: str) -> MeetingsOut:
    """The meetings of a group, the last first."""
    actor = current_actor()
    return MeetingsOut(items=[_meeting(one) for one in queries.meetings_in(actor, groups.get_space(actor, slug))])


@api.put("/discussions/<int:discussion_id>/meeting", body=NewMeeting, returns=MeetingOut, status=200)
def hold(discussion_id: int, body: NewMeeting) -> MeetingOut:
    """Let a discussion be the agenda of a meeting, or move it; one that was cancelled takes place again."""
    found = discussions.get_discussion(current_actor(), discussion_id)
    return _meeting(meetings.hold(current_actor(), found, body.starts_at, body.ends_at, body.place))


@api.delete("/meetings/<int:meeting_id>")
def cancel(meeting_id: int) -> None:
    """Cancel a meeting; it stays to be seen as cancelled."""
    meetings.cancel(current_actor(), queries.get_meeting(current_actor(), meeting_id))


@api.get("/groups/<slug>/milestones", returns=MilestonesOut)
def milestones_of(slug: str) -> MilestonesOut:
    """The milestones of a group, by their days."""
    actor = current_actor()
    return MilestonesOut(items=[MilestoneOut.model_validate(one) for one in queries.milestones(actor, groups.get_space(actor, slug))])


def _call(found: ConsensusCall) -> CallOut:
    told: dict[str, Any] = found.result if found.closed_at is not None else {}
    return CallOut(
        id=found.id, discussion_id=found.discussion_id, text=found.text, html=found.html, language=found.language, created_at=found.created_at,
        closes_at=found.closes_at, closed_at=found.closed_at, answered=queries.answered(found), members=told.get("members"),
        answers=told.get("answers"), objections=told.get("objections"),
    )  # fmt: skip


def _meeting(found: Meeting) -> MeetingOut:
    return MeetingOut(
        id=found.id, discussion_id=found.discussion_id, title=found.discussion.title, starts_at=found.starts_at, ends_at=found.ends_at,
        place=found.place, minutes=found.minutes, cancelled_at=found.cancelled_at,
    )  # fmt: skip
