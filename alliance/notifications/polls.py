"""Telling those who voted in a poll that it is closed: in the page, not by mail."""

from __future__ import annotations

from alliance.accounts.models import Person
from alliance.core import clock, db, outbox
from alliance.core.db import insert_missing
from alliance.discussions.models import Post
from alliance.events import PersonNotified
from alliance.notifications import queries
from alliance.notifications.models import Notification
from alliance.polls import queries as polls
from alliance.watching import queries as watching

BATCH = 200


def tell_of_poll(post_id: int, event_id: int) -> None:
    """Notify the author of a poll and those who voted in it, but for who has muted it or reads it no longer."""
    found: list[int] | None = None
    while found is None or len(found) == BATCH:
        with db.transaction():
            post = queries.posts_with_parents([post_id]).get(post_id)
            if post is None or post.status != "visible":
                return
            after = found[-1] if found else 0
            first = [post.writer_id] if found is None else []
            found = polls.voters(post_id, after, BATCH)
            _tell(post, list(dict.fromkeys([*first, *found])), event_id)


def _tell(post: Post, person_ids: list[int], event_id: int) -> None:
    levels, wanted = watching.levels(person_ids, post.discussion), watching.wanted_by(person_ids)
    session = db.session()
    for person_id in person_ids:
        person = session.get_one(Person, person_id)
        listens = levels[person_id] != "mute" and ("watched", "page") in wanted[person_id] and person.suspended_at is None
        if not listens or queries.is_told(person_id, event_id) or not queries.may_read(person, post):
            continue
        row = {"person_id": person_id, "event_id": event_id, "kind": "watched", "detail": "poll", "post_id": post.id}
        session.execute(insert_missing(Notification).values(**row, discussion_id=post.discussion_id, created_at=clock.now()))
        # Of a kind of its own, for which mail writes no letter: only open pages learn of it.
        outbox.publish(PersonNotified(0, person_id, post.id, "poll"))
