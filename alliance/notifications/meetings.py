"""Telling the members of a group that a meeting does not take place, or does after all: in the page; mail writes its own letter."""

from __future__ import annotations

from sqlalchemy import select

from alliance.core import clock, db, outbox
from alliance.core.db import insert_missing
from alliance.discussions.models import Post
from alliance.events import MeetingCancelled, PersonNotified
from alliance.notifications import queries
from alliance.notifications.models import Notification
from alliance.watching import queries as watching

BATCH = 200


def tell_of_meeting(happened: MeetingCancelled, event_id: int) -> None:
    """Notify the members of the group, but for who decided it, who has muted the discussion or reads it no longer."""
    members = [0]
    while members:
        with db.transaction():
            opening = select(Post.id).where(Post.discussion_id == happened.discussion_id, Post.number == 1)
            post_id = db.session().scalar(opening)
            post = queries.posts_with_parents([post_id]).get(post_id) if post_id is not None else None
            people = queries.members_after([happened.space_id], members[-1], BATCH) if post is not None else []
            members = [person.id for person in people]
            levels, wanted = (
                (watching.levels(members, post.discussion), watching.wanted_by(members)) if post is not None and people else ({}, {})
            )
            for person in people:
                listens = levels[person.id] != "mute" and ("watched", "page") in wanted[person.id] and person.suspended_at is None
                if post is not None and listens and person.id != happened.by_id and queries.may_read(person, post):
                    _tell(person.id, post, event_id, "meeting_again" if happened.again else "meeting_cancelled")


def _tell(person_id: int, post: Post, event_id: int, detail: str) -> None:
    if queries.is_told(person_id, event_id):
        return
    row = {"person_id": person_id, "event_id": event_id, "kind": "watched", "detail": detail, "post_id": post.id}
    db.session().execute(insert_missing(Notification).values(**row, discussion_id=post.discussion_id, created_at=clock.now()))
    outbox.publish(PersonNotified(0, person_id, post.id, "meeting"))
