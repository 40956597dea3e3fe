"""Finding notifications. What one may no longer read is not among them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import cursors, db
from alliance.core.errors import NotFound
from alliance.discussions.models import Discussion, Post
from alliance.notifications.models import MutedDiscussion, Notification
from alliance.policy import Actor, visible

PAGE = 30


def _readable(actor: Actor) -> ColumnElement[bool]:
    """One's own, of posts one may still read."""
    return and_(visible(actor, Notification), Notification.post_id.in_(select(Post.id).where(visible(actor, Post))))


def notifications(actor: Actor, after: str | None = None, limit: int = PAGE) -> tuple[list[Notification], str | None]:
    """One's notifications, newest first, and the cursor of the rest."""
    query = select(Notification).where(_readable(actor)).options(joinedload(Notification.post).joinedload(Post.author))
    query = query.options(joinedload(Notification.discussion))
    if after:
        (last,) = cursors.decode(after, (int,))
        query = query.where(Notification.id < last)
    rows = list(db.session().scalars(query.order_by(Notification.id.desc()).limit(limit + 1)))
    following = cursors.encode(rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


def unread(actor: Actor) -> int:
    """How many notifications one has not read."""
    if actor.person_id is None:
        return 0
    query = select(func.count(Notification.id)).where(_readable(actor), Notification.read_at.is_(None))
    return int(db.session().scalar(query) or 0)


def unread_count(person_id: int) -> int:
    """How many notifications a person has not read."""
    person = db.session().get(Person, person_id)
    return unread(accounts.actor_of(person, "socket")) if person is not None else 0


def post_with_parent(post_id: int) -> Post | None:
    """A post, the one it answers and its discussion; None when there is none."""
    query = select(Post).where(Post.id == post_id).options(joinedload(Post.parent), joinedload(Post.discussion))
    return db.session().scalar(query)


def by_handle(handles: Sequence[str]) -> list[Person]:
    """People by their handles."""
    return list(db.session().scalars(select(Person).where(Person.handle.in_(handles)).order_by(Person.id)))


def may_read(person: Person, post: Post) -> bool:
    """Whether a person may read a post."""
    actor = accounts.actor_of(person, "job")
    return db.session().scalar(select(Post.id).where(Post.id == post.id, visible(actor, Post))) is not None


def is_muted(person_id: int, discussion_id: int) -> bool:
    """Whether a person wants no news of a discussion."""
    query = select(MutedDiscussion.id).where(MutedDiscussion.person_id == person_id, MutedDiscussion.discussion_id == discussion_id)
    return db.session().scalar(query) is not None


def is_told(person_id: int, event_id: int) -> bool:
    """Whether a person has the notification of an event."""
    query = select(Notification.id).where(Notification.person_id == person_id, Notification.event_id == event_id)
    return db.session().scalar(query) is not None


def muted(actor: Actor) -> list[Discussion]:
    """The discussions one has muted, as far as one may read them."""
    query = select(Discussion).join(MutedDiscussion, MutedDiscussion.discussion_id == Discussion.id)
    return list(
        db.session().scalars(
            query.where(MutedDiscussion.person_id == actor.person_id, visible(actor, Discussion)).order_by(MutedDiscussion.id.desc())
        )
    )


def get_discussion(actor: Actor, discussion_id: int) -> Discussion:
    """A discussion one may read.

    Raises:
        NotFound: none such.
    """
    found = db.session().scalar(select(Discussion).where(Discussion.id == discussion_id, visible(actor, Discussion)))
    if found is None:
        raise NotFound
    return found
