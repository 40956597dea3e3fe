"""Telling people: who answered them, who named them; never of their own posts, never twice of one."""

from __future__ import annotations

import re

from sqlalchemy import delete, update

from alliance.accounts.models import Person
from alliance.core import clock, db, outbox
from alliance.discussions.models import Post
from alliance.events import PersonNotified
from alliance.notifications import queries
from alliance.notifications.models import MutedDiscussion, Notification
from alliance.policy import Actor, visible

MAX_MENTIONS = 20
_MENTION = re.compile(r"(?<![\w@/.-])@([a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)(?![\w@])", re.IGNORECASE)
_NOT_SAID = re.compile(r"^(?:```|~~~)[\s\S]*?(?:^(?:```|~~~)|\Z)|^ {0,3}>.*$|^(?: {4}|\t).*$|`[^`\n]+`", re.MULTILINE)


def mentioned(body: str) -> list[str]:
    """The handles a text names with @, outside of quotes and code."""
    found = dict.fromkeys(match[1].lower() for match in _MENTION.finditer(_NOT_SAID.sub(" ", body)))
    return list(found)[:MAX_MENTIONS]


def tell_of(post_id: int, event_id: int) -> None:
    """Notify whoever a new post concerns; asked again for the same event, only those not told yet."""
    with db.transaction():
        post = queries.post_with_parent(post_id)
        if post is None or post.imported or post.status != "visible":
            return
        for person, kind in _concerned(post):
            if _is_to_be_told(person, post, event_id):
                _tell(person, kind, post, event_id)


def _concerned(post: Post) -> list[tuple[Person, str]]:
    """Who a post concerns, and why: whom it answers, whose discussion it is, whom it names."""
    found: dict[int, tuple[Person, str]] = {}
    if post.parent is not None:
        found[post.parent.author_id] = (post.parent.author, "reply")
    found.setdefault(post.discussion.author_id, (post.discussion.author, "reply"))
    for person in queries.by_handle(mentioned(post.body)):
        found.setdefault(person.id, (person, "mention"))
    found.pop(post.author_id, None)
    return list(found.values())


def _is_to_be_told(person: Person, post: Post, event_id: int) -> bool:
    if not person.claimed or person.confirmed_at is None or person.suspended_at is not None:
        return False
    if queries.is_muted(person.id, post.discussion_id) or queries.is_told(person.id, event_id):
        return False
    return queries.may_read(person, post)


def _tell(person: Person, kind: str, post: Post, event_id: int) -> None:
    session = db.session()
    row = Notification(
        person_id=person.id, event_id=event_id, kind=kind, post_id=post.id, discussion_id=post.discussion_id, created_at=clock.now()
    )
    session.add(row)
    session.flush()
    outbox.publish(PersonNotified(row.id, person.id, post.id, kind))


def mark_read(actor: Actor, notification_id: int | None = None) -> int:
    """Mark one of one's notifications as read, or all; returns how many were unread."""
    with db.transaction() as session:
        query = update(Notification).where(visible(actor, Notification), Notification.read_at.is_(None))
        if notification_id is not None:
            query = query.where(Notification.id == notification_id)
        return int(session.execute(query.values(read_at=clock.now())).rowcount)  # type: ignore[attr-defined]


def mute(actor: Actor, discussion_id: int, *, muted: bool) -> None:
    """Want no news of a discussion any more, or want them again.

    Raises:
        NotFound: one cannot see such a discussion.
    """
    with db.transaction() as session:
        discussion = queries.get_discussion(actor, discussion_id)
        mine = (MutedDiscussion.person_id == actor.person_id) & (MutedDiscussion.discussion_id == discussion.id)
        if not muted:
            session.execute(delete(MutedDiscussion).where(mine))
        elif actor.person_id is not None and not queries.is_muted(actor.person_id, discussion.id):
            session.add(MutedDiscussion(person_id=actor.person_id, discussion_id=discussion.id, created_at=clock.now()))
