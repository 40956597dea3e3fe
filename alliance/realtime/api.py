"""The event log over HTTP: for catching up, and for whoever cannot hold a socket open."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field
from sqlalchemy import select

from alliance import events
from alliance.core import db, outbox
from alliance.core.outbox import Recorded
from alliance.discussions.models import Discussion
from alliance.policy import visible
from alliance.realtime.payloads import KINDS
from alliance.web import api, current_actor

TOLD = KINDS | {events.DiscussionOpened.__name__: "discussion.opened"}


class EventsQuery(api.Schema):
    """Where to go on, and in which discussion."""

    after: int = Field(default=0, ge=0, lt=2**53)
    limit: int = Field(default=100, ge=1, le=100)
    discussion: int | None = Field(default=None, ge=0, lt=2**53)


class EventOut(api.Out):
    """Something that happened: ids only; what it is now is read from its own address."""

    cursor: int
    event: str
    id: int
    discussion: int
    created_at: datetime


class EventsOut(api.Out):
    """A part of the log. `next` is the cursor to go on from, also when nothing is left."""

    items: list[EventOut]
    next: int


@api.get("/events", query=EventsQuery, returns=EventsOut)
def read_events(query: EventsQuery) -> EventsOut:
    """What happened behind a cursor, oldest first, as far as one may see it."""
    records = outbox.read(query.after, query.limit, TOLD, query.discussion)
    ids = {record.event.discussion_id for record in records}
    seen = set(db.session().scalars(select(Discussion.id).where(Discussion.id.in_(ids), visible(current_actor(), Discussion))))
    items = [_out(record) for record in records if record.event.discussion_id in seen]
    hidden = query.discussion is not None and not seen  # then not even how far it has come: it is as if nothing were there
    return EventsOut(items=items, next=records[-1].id if records and not hidden else query.after)


def _out(record: Recorded) -> EventOut:
    event = record.event
    return EventOut(
        cursor=record.id,
        event=TOLD[type(event).__name__],
        id=getattr(event, "post_id", event.discussion_id),
        discussion=event.discussion_id,
        created_at=record.created_at,
    )
