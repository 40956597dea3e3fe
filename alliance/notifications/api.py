"""The API of notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from alliance.notifications import queries, services
from alliance.notifications.models import Notification
from alliance.watching import queries as watching
from alliance.watching import services as choices
from alliance.watching.models import CHANNELS, CHOICES, KINDS
from alliance.web import api, current_actor


class NotificationOut(api.Out):
    """What one was told: kind is reply, mention, watched, thanks or moderation (then `detail` says what was done).

    `author` wrote the post, or thanks for it; the title of a discussion that was hidden since is null.
    """

    id: int
    kind: str
    detail: str
    discussion_id: int
    discussion_title: str | None
    post_id: int
    author: str | None
    read_at: datetime | None
    created_at: datetime


class Marked(api.Out):
    """How many were marked."""

    marked: int


def _who(row: Notification) -> str | None:
    """Who did it, unless that is not told."""
    if row.kind == "moderation" or (row.kind == "thanks" and row.actor is None):
        return None
    return (row.actor or row.post.author).name


def _out(row: Notification) -> NotificationOut:
    return NotificationOut(
        id=row.id,
        kind=row.kind,
        detail=row.detail,
        discussion_id=row.discussion_id,
        discussion_title=row.discussion.title if queries.title_shown(current_actor(), row.discussion) else None,
        post_id=row.post_id,
        author=_who(row),
        read_at=row.read_at,
        created_at=row.created_at,
    )


@api.get("/notifications", query=api.ListQuery, returns=api.Page[NotificationOut])
def notifications(query: api.ListQuery) -> api.Page[NotificationOut]:
    """One's notifications, newest first."""
    rows, following = queries.notifications(api.known(), query.after, query.limit)
    return api.Page(items=[_out(row) for row in rows], next=following)


@api.post("/notifications/read", returns=Marked, status=200)
def read() -> Marked:
    """Mark all of one's notifications as read."""
    return Marked(marked=services.mark_read(current_actor()))


class Wish(api.Schema):
    """Whether one wants to be told of a kind by a channel."""

    kind: Literal["reply", "mention", "watched", "thanks", "moderation", "search", "review"]
    channel: Literal["page", "mail"]
    wanted: bool


class Wishes(api.Schema):
    """All of them; what is left out of a change stays."""

    items: list[Wish] = Field(max_length=20)


@api.get("/notifications/preferences", returns=Wishes)
def preferences() -> Wishes:
    """What one wants to be told, and how."""
    return _wishes(api.own_id())


@api.put("/notifications/preferences", body=Wishes, returns=Wishes, status=200)
def prefer(body: Wishes) -> Wishes:
    """Choose what one wants to be told, and how."""
    person_id = api.own_id()
    wanted = set(watching.wanted(person_id))
    for one in body.items:
        (wanted.add if one.wanted else wanted.discard)((one.kind, one.channel))
    choices.choose_news(current_actor(), wanted)
    return _wishes(person_id)


def _wishes(person_id: int) -> Wishes:
    wanted = watching.wanted(person_id)
    pairs: list[tuple[Any, Any]] = [(kind, channel) for kind in KINDS for channel in CHANNELS if (kind, channel) in CHOICES]
    return Wishes(items=[Wish(kind=kind, channel=channel, wanted=(kind, channel) in wanted) for kind, channel in pairs])
