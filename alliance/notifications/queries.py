"""Finding notifications. What one may no longer read is not among them."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import cursors, db
from alliance.core.prepared import Prepared, among
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Membership, Space
from alliance.moderation.models import Flag, LogEntry
from alliance.notifications.models import Notification
from alliance.policy import Actor, visible
from alliance.policy.post import readers
from alliance.policy.space import among as among_insiders
from alliance.policy.space import members, told, within_readable

PAGE = 30
GROUPS = 15  # discussions on a page
SHOWN = 5  # notifications of each
HORIZON = 1000  # the page by discussion goes back as far; the API to the first
MOST = 100  # nobody counts further than "99+"


@dataclass(frozen=True, slots=True)
class Group:
    """What one was told of a discussion: the newest few, how many there are, how many unread. `title`: None when it may not be shown."""

    discussion: Discussion
    title: str | None
    rows: list[Notification]
    total: int
    unread: int


def _readable(actor: Actor, model: Any = Notification) -> ColumnElement[bool]:
    """One's own, of posts one may still read; what moderators did needs the space only (the post may be hidden: that is the news)."""
    post = aliased(Post)
    seen = or_(visible(actor, post), and_(model.kind == "moderation", within_readable(actor, post), told(actor, post)))
    return and_(visible(actor, model), select(post.id).where(post.id == model.post_id, seen).exists())


def notifications(
    actor: Actor, after: str | None = None, limit: int = PAGE, kinds: Sequence[str] = (), *, unread_only: bool = False
) -> tuple[list[Notification], str | None]:
    """One's notifications, newest first, and the cursor of the rest."""
    query = select(Notification).where(_readable(actor)).options(*_LOADING)
    if kinds:
        query = query.where(Notification.kind.in_(kinds))
    if unread_only:
        query = query.where(Notification.read_at.is_(None))
    if after:
        (last,) = cursors.decode(after, (int,))
        query = query.where(Notification.id < last)
    rows = list(db.session().scalars(query.order_by(Notification.id.desc()).limit(limit + 1)))
    following = cursors.encode(rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


_LOADING = (
    joinedload(Notification.post).joinedload(Post.author),
    joinedload(Notification.discussion),
    joinedload(Notification.actor),
)


def groups(actor: Actor, after: str | None = None, limit: int = GROUPS) -> tuple[list[Group], str | None]:
    """One's notifications by discussion, that with the newest first, and the cursor of the rest."""
    newer = aliased(Notification)
    later = select(newer.id).where(
        newer.person_id == Notification.person_id,
        newer.discussion_id == Notification.discussion_id,
        newer.id > Notification.id,
        _readable(actor, newer),
    )
    query = select(Notification.id, Notification.discussion_id).where(_recent(actor), _readable(actor), ~later.exists())
    if after:
        (last,) = cursors.decode(after, (int,))
        query = query.where(Notification.id < last)
    heads = db.session().execute(query.order_by(Notification.id.desc()).limit(limit + 1)).all()
    following = cursors.encode(heads[limit - 1].id) if len(heads) > limit else None
    return _groups(actor, [row.discussion_id for row in heads[:limit]]), following


def _recent(actor: Actor) -> ColumnElement[bool]:
    """One's newest thousand, so that grouping costs no more for somebody who is told much."""
    one = aliased(Notification)
    last = select(one.id).where(visible(actor, one)).order_by(one.id.desc()).offset(HORIZON).limit(1).scalar_subquery()
    return Notification.id > func.coalesce(last, 0)


def _groups(actor: Actor, discussion_ids: list[int]) -> list[Group]:
    within = and_(_recent(actor), _readable(actor), Notification.discussion_id.in_(discussion_ids))
    place = func.row_number().over(partition_by=Notification.discussion_id, order_by=Notification.id.desc()).label("place")
    ranked = select(Notification.id, place).where(within).subquery()
    newest = select(ranked.c.id).where(ranked.c.place <= SHOWN)
    rows = db.session().scalars(select(Notification).where(Notification.id.in_(newest)).options(*_LOADING).order_by(Notification.id.desc()))
    by_discussion: dict[int, list[Notification]] = {discussion_id: [] for discussion_id in discussion_ids}
    for row in rows:
        by_discussion[row.discussion_id].append(row)
    counts = select(Notification.discussion_id, func.count(), func.count().filter(Notification.read_at.is_(None)))
    counted = {row[0]: (row[1], row[2]) for row in db.session().execute(counts.where(within).group_by(Notification.discussion_id))}
    return [_group(actor, found, *counted[key]) for key, found in by_discussion.items() if found]


def _group(actor: Actor, rows: list[Notification], total: int, unread: int) -> Group:
    discussion = rows[0].discussion
    return Group(discussion, discussion.title if title_shown(actor, discussion) else None, rows, total, unread)


def title_shown(actor: Actor, discussion: Discussion) -> bool:
    """Whether the title of a discussion may be shown: a hidden one's only to moderators and whoever wrote it."""
    return discussion.status == "visible" or actor.is_moderator or actor.person_id in {discussion.author_id, discussion.written_by_id}


def unread(actor: Actor) -> int:
    """How many notifications one has not read (100 stand for all that are more)."""
    if actor.person_id is None:
        return 0
    return int(_UNREAD.rows(actor.kind_of, actor.person_id)[0][0])


def _unread(actor: Actor) -> Select[Any]:
    found = select(Notification.id).where(_readable(actor), Notification.read_at.is_(None)).limit(MOST).subquery()
    return select(func.count()).select_from(found)


_UNREAD = Prepared(_unread)


def unread_count(person_id: int) -> int:
    """How many notifications a person has not read."""
    person = db.session().get(Person, person_id)
    return unread(accounts.actor_of(person, "socket")) if person is not None else 0


def unread_counts(event_id: int, person_ids: Collection[int]) -> dict[int, int]:
    """How many unread notifications those of some people have who were told of an event; one query for all."""
    told = select(Notification.person_id).where(Notification.event_id == event_id, Notification.person_id.in_(person_ids))
    query = select(Notification.person_id, func.count()).join(Person, Person.id == Notification.person_id)
    query = query.join(Post, Post.id == Notification.post_id).where(Notification.person_id.in_(told), Notification.read_at.is_(None))
    moderated = and_(Notification.kind == "moderation", Post.space.has(or_(Space.visibility == "public", members(Space, Person))))
    moderated = and_(moderated, Post.discussion.has(among_insiders(Discussion, Person)))
    query = query.where(or_(moderated, readers(Post, Person))).group_by(Notification.person_id)
    return {row[0]: min(row[1], MOST) for row in db.session().execute(query)}


def unread_of(actor: Actor, post_ids: Collection[int]) -> list[int]:
    """The ids of one's unread notifications about some posts."""
    return [row[0] for row in _UNREAD_OF.rows(actor.kind_of, actor.person_id, posts=post_ids)]


def _unread_of(actor: Actor) -> Select[Any]:
    return select(Notification.id).where(among(Notification.post_id, "posts"), visible(actor, Notification), Notification.read_at.is_(None))


_UNREAD_OF = Prepared(_unread_of)


def posts_with_parents(post_ids: Sequence[int]) -> dict[int, Post]:
    """Posts by their ids, with the ones they answer, their discussions, and whoever wrote those."""
    loading = (joinedload(Post.parent).joinedload(Post.author), joinedload(Post.discussion, innerjoin=True).joinedload(Discussion.author))
    return {post.id: post for post in db.session().scalars(select(Post).where(Post.id.in_(post_ids)).options(*loading))}


def by_handle(handles: Sequence[str]) -> list[Person]:
    """People by their handles."""
    return list(db.session().scalars(select(Person).where(Person.handle.in_(handles)).order_by(Person.id))) if handles else []


def groups_by_slug(slugs: Sequence[str], member_id: int) -> list[int]:
    """The working groups of these slugs that a person is a member of; a handle of the same spelling is the person's."""
    query = select(Space.id).join(Space.memberships).where(Membership.person_id == member_id, Space.kind == "group", Space.code.in_(slugs))
    return list(db.session().scalars(query.where(Space.code.not_in(select(Person.handle).where(Person.handle.in_(slugs))))))


def members_after(groups: Sequence[int], after: int, limit: int) -> list[Person]:
    """The next members of some groups, by their ids."""
    mine = select(Membership.person_id).where(Membership.space_id.in_(groups))
    return list(db.session().scalars(select(Person).where(Person.id.in_(mine), Person.id > after).order_by(Person.id).limit(limit)))


def may_read(person: Person, post: Post) -> bool:
    """Whether a person may read a post."""
    actor = accounts.actor_of(person, "job")
    return db.session().connection().execute(_readable_post(actor), {"which": post.id}).first() is not None


@functools.lru_cache(maxsize=128)
def _readable_post(actor: Actor) -> Select[Any]:
    return select(Post.id).where(Post.id == bindparam("which"), visible(actor, Post))


def may_read_space(person: Person, post: Post) -> bool:
    """Whether a person may read where a post stands (which itself may be hidden)."""
    actor = accounts.actor_of(person, "job")
    return db.session().scalar(select(Post.id).where(Post.id == post.id, within_readable(actor, Post), told(actor, Post))) is not None


def is_told_of(person_id: int, post_id: int) -> bool:
    """Whether somebody was told of a post, for whatever reason."""
    query = select(Notification.id).where(Notification.person_id == person_id, Notification.post_id == post_id)
    return db.session().scalar(query.limit(1)) is not None


_TOLD = select(Notification.id).where(Notification.person_id == bindparam("person"), Notification.event_id == bindparam("event"))


def is_told(person_id: int, event_id: int) -> bool:
    """Whether a person has the notification of an event."""
    return db.session().connection().execute(_TOLD, {"person": person_id, "event": event_id}).first() is not None


def is_thanked(person_id: int, post_id: int, by: int) -> bool:
    """Whether a person was told already that somebody thanks for a post."""
    mine = and_(Notification.post_id == post_id, Notification.person_id == person_id)
    return db.session().scalar(select(Notification.id).where(mine, Notification.kind == "thanks", Notification.actor_id == by)) is not None


def last_moderator(post_id: int) -> int | None:
    """Who last did something about a post as a moderator."""
    query = select(LogEntry.moderator_id).where(LogEntry.post_id == post_id)
    return db.session().scalar(query.order_by(LogEntry.id.desc()).limit(1))


def flaggers(post_id: int) -> list[Person]:
    """Those whose flags of a post were decided and who were not told so yet (one flags a post once)."""
    told = select(Notification.id).where(
        Notification.post_id == post_id, Notification.person_id == Person.id, Notification.detail == "decided"
    )
    query = select(Person).join(Flag, Flag.person_id == Person.id).where(Flag.post_id == post_id, Flag.status != "open")
    return list(db.session().scalars(query.where(~told.exists()).order_by(Person.id)))
