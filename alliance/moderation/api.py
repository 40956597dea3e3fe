"""The API of moderation."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from alliance.moderation import queries, services
from alliance.moderation.models import LogEntry
from alliance.policy import require
from alliance.web import api, current_actor

Reason = Literal["off_topic", "disrespectful", "spam", "personal_data", "unlawful", "other"]


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
    """The reason of an act, for the public log."""

    reason: str = Field(min_length=1, max_length=services.MAX_REASON)


class LogEntryOut(api.Out):
    """An act of moderation."""

    act: str
    moderator: str | None
    role: str
    space: str
    discussion_id: int
    post_id: int | None
    reason: str
    created_at: datetime


class QueueItemOut(api.Out):
    """A post in the review queue."""

    post_id: int
    discussion_id: int
    status: str
    flags: list[FlagOut]


@api.post("/posts/<int:post_id>/flags", body=NewFlag, returns=FlagOut)
def flag(post_id: int, body: NewFlag) -> FlagOut:
    """Flag a post."""
    return FlagOut.model_validate(services.flag_post(current_actor(), post_id, body.reason, body.note))


@api.get("/moderation/queue", query=api.ListQuery, returns=api.Page[QueueItemOut])
def queue(query: api.ListQuery) -> api.Page[QueueItemOut]:
    """Posts with open flags, the longest waiting first."""
    require(current_actor(), "moderation.review")
    items, following = queries.queue(current_actor(), query.after, query.limit)
    return api.Page[QueueItemOut](
        items=[
            QueueItemOut(
                post_id=i.post.id,
                discussion_id=i.post.discussion_id,
                status=i.post.status,
                flags=[FlagOut.model_validate(f) for f in i.flags],
            )
            for i in items
        ],
        next=following,
    )


@api.get("/moderation/log", query=api.ListQuery, returns=api.Page[LogEntryOut])
def log(query: api.ListQuery) -> api.Page[LogEntryOut]:
    """The public log, newest first."""
    entries, following = queries.log(current_actor(), query.after, query.limit)
    return api.Page[LogEntryOut](items=[_entry(e) for e in entries], next=following)


def _entry(entry: LogEntry) -> LogEntryOut:
    return LogEntryOut(
        act=entry.act, moderator=entry.moderator.handle if entry.moderator else None, role=entry.role, space=entry.space.code,
        discussion_id=entry.discussion_id, post_id=entry.post_id, reason=entry.reason, created_at=entry.created_at,
    )  # fmt: skip


@api.post("/posts/<int:post_id>/hide", body=ActIn, returns=None, status=204)
def hide(post_id: int, body: ActIn) -> None:
    """Hide a post."""
    services.hide(current_actor(), post_id, body.reason)


@api.post("/posts/<int:post_id>/restore", body=ActIn, returns=None, status=204)
def restore(post_id: int, body: ActIn) -> None:
    """Make a hidden post visible again."""
    services.restore(current_actor(), post_id, body.reason)


@api.post("/posts/<int:post_id>/dismiss", body=ActIn, returns=None, status=204)
def dismiss(post_id: int, body: ActIn) -> None:
    """Decide that the open flags of a post call for nothing."""
    services.dismiss(current_actor(), post_id, body.reason)


@api.post("/discussions/<int:discussion_id>/lock", body=ActIn, returns=None, status=204)
def lock(discussion_id: int, body: ActIn) -> None:
    """Lock a discussion."""
    services.lock(current_actor(), discussion_id, body.reason)


@api.post("/discussions/<int:discussion_id>/unlock", body=ActIn, returns=None, status=204)
def unlock(discussion_id: int, body: ActIn) -> None:
    """Unlock a discussion."""
    services.unlock(current_actor(), discussion_id, body.reason)
