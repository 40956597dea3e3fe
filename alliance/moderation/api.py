"""The API of moderation."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from alliance.moderation import acts, items, queries, services
from alliance.moderation.models import LogEntry
from alliance.policy import can, require
from alliance.web import api, current_actor

Reason = Literal["off_topic", "disrespectful", "spam", "personal_data", "unlawful", "other"]
Code = Field(default="", max_length=40)


class NewFlag(api.Schema):
    """What is wrong with a post."""

    reason: Reason
    note: str = Field(default="", max_length=services.MAX_NOTE)


class FlagOut(api.Out):
    """A flag one has put."""

    post_id: int
    reason: str
    note: str
    status: str
    created_at: datetime


class ActIn(api.Schema):
    """The reason of an act, for the public log: in words, of the list (`code`), or both."""

    reason: str = Field(default="", max_length=services.MAX_REASON)
    code: str = Code


class DecisionIn(ActIn):
    """What is decided about an entry of the queue."""

    decision: str = Field(min_length=1, max_length=20)


class LogEntryOut(api.Out):
    """An act of moderation. `moderator` is told to moderators only."""

    id: int
    act: str
    moderator: str | None
    role: str
    space: str | None
    discussion_id: int | None
    post_id: int | None
    reason_code: str
    reason: str
    created_at: datetime
    hash: str


class QueueItemOut(api.Out):
    """Something in the review queue; `flags` are the newest few, for a flagged post."""

    id: int
    kind: str
    status: str
    subject_id: int
    post_id: int | None
    discussion_id: int | None
    title: str
    rule: str
    language: str | None
    claimed_by: str | None
    claimed_until: datetime | None
    decision: str
    created_at: datetime
    flags: list[FlagOut]


class QueueQuery(api.ListQuery):
    """What waits (or was decided), of a kind, in a language."""

    status: Literal["open", "decided"] = "open"
    kind: str | None = Field(default=None, max_length=20)
    language: str | None = Field(default=None, max_length=8)


@api.post("/posts/<int:post_id>/flags", body=NewFlag, returns=FlagOut)
def flag(post_id: int, body: NewFlag) -> FlagOut:
    """Flag a post."""
    return FlagOut.model_validate(services.flag_post(current_actor(), post_id, body.reason, body.note))


@api.get("/moderation/queue", query=QueueQuery, returns=api.Page[QueueItemOut])
def queue(query: QueueQuery) -> api.Page[QueueItemOut]:
    """What waits for a decision, the longest waiting first; or what was decided, newest first."""
    require(current_actor(), "moderation.review", queries.is_responsible(current_actor()))
    wanted = queries.Wanted(kind=query.kind, language=query.language, status=query.status)
    found, following = queries.queue(current_actor(), query.after, query.limit, wanted)
    return api.Page[QueueItemOut](items=[_item(one) for one in found], next=following)


def _item(one: queries.QueueItem) -> QueueItemOut:
    item = one.item
    return QueueItemOut(
        id=item.id, kind=item.kind, status=item.status, subject_id=item.subject_id, post_id=item.post_id,
        discussion_id=item.post.discussion_id if item.post else None, title=one.shown.title if one.shown else "", rule=item.rule,
        language=item.language, claimed_by=item.claimed_by.handle if item.claimed_by else None, claimed_until=item.claimed_until,
        decision=item.decision, created_at=item.created_at, flags=[FlagOut.model_validate(flag) for flag in one.flags],
    )  # fmt: skip


@api.post("/moderation/queue/<int:item_id>/claim", returns=None, status=204, act="moderation.decide")
def claim(item_id: int) -> None:
    """Say that one is at it, for half an hour."""
    items.claim(current_actor(), item_id)


@api.post("/moderation/queue/<int:item_id>/decide", body=DecisionIn, returns=None, status=204, act="moderation.decide")
def decide(item_id: int, body: DecisionIn) -> None:
    """Decide about an entry; 409 when somebody else was faster."""
    items.decide(current_actor(), item_id, body.decision, body.code, body.reason)


@api.post("/moderation/queue/<int:item_id>/undo", returns=None, status=204, act="moderation.decide")
def undo(item_id: int) -> None:
    """Take a decision back within a day."""
    items.undo(current_actor(), item_id)


@api.get("/moderation/log", query=api.ListQuery, returns=api.Page[LogEntryOut])
def log(query: api.ListQuery) -> api.Page[LogEntryOut]:
    """The public log, newest first."""
    entries, following = queries.log(current_actor(), query.after, query.limit)
    return api.Page[LogEntryOut](items=[_entry(e) for e in entries], next=following)


def _entry(entry: LogEntry) -> LogEntryOut:
    named = entry.moderator is not None and can(current_actor(), "moderation.names", entry)
    return LogEntryOut(
        id=entry.id, act=entry.act, moderator=entry.moderator.handle if entry.moderator and named else None, role=entry.role,
        space=entry.space.code if entry.space else None, discussion_id=entry.discussion_id, post_id=entry.post_id,
        reason_code=entry.reason_code, reason=acts.reason(entry), created_at=entry.created_at, hash=entry.hash,
    )  # fmt: skip


@api.post("/posts/<int:post_id>/hide", body=ActIn, returns=None, status=204, act="post.hide")
def hide(post_id: int, body: ActIn) -> None:
    """Hide a post."""
    services.hide(current_actor(), post_id, body.reason, body.code)


@api.post("/posts/<int:post_id>/restore", body=ActIn, returns=None, status=204, act="post.hide")
def restore(post_id: int, body: ActIn) -> None:
    """Make a hidden post visible again."""
    services.restore(current_actor(), post_id, body.reason, body.code)


@api.post("/posts/<int:post_id>/dismiss", body=ActIn, returns=None, status=204, act="post.hide")
def dismiss(post_id: int, body: ActIn) -> None:
    """Decide that the open flags of a post call for nothing."""
    services.dismiss(current_actor(), post_id, body.reason, body.code)


@api.post("/discussions/<int:discussion_id>/lock", body=ActIn, returns=None, status=204, act="discussion.lock")
def lock(discussion_id: int, body: ActIn) -> None:
    """Lock a discussion."""
    services.lock(current_actor(), discussion_id, body.reason, body.code)


@api.post("/discussions/<int:discussion_id>/unlock", body=ActIn, returns=None, status=204, act="discussion.lock")
def unlock(discussion_id: int, body: ActIn) -> None:
    """Unlock a discussion."""
    services.unlock(current_actor(), discussion_id, body.reason, body.code)
