"""What depends on which posts are visible: counters and last posts, written in the same transaction as the change.

The row of the discussion is locked first, always before its space and its people, so that two who write at once wait
in line.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, case, or_, select, update
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.util import identity_key

from alliance.accounts.models import Person
from alliance.core import clock, db, outbox, plain
from alliance.core.errors import NotFound
from alliance.core.text import slugify
from alliance.discussions import voices
from alliance.discussions.models import Discussion, Post
from alliance.events import DiscussionChanged
from alliance.groups.models import Space

# Rules ask for the space. Not where one waits for a row: what was waited for may lie in another space by then, and the rows
# that were joined before would not fit together any more.
_WITH_SPACE = {"sqlite": [joinedload(Discussion.space, innerjoin=True)]}


def hold(session: Session, discussion_id: int) -> Discussion:
    """The discussion as it is now, nobody else writing in it until the transaction ends."""
    loading = _WITH_SPACE.get(db.engine().dialect.name)
    held = session.get(Discussion, discussion_id, options=loading, with_for_update=True, populate_existing=True)
    if held is None:
        raise NotFound
    return held


def hold_where_it_is(session: Session, discussion_id: int) -> Discussion:
    """The discussion in which one is read now: the one it was merged into, or itself; held as above."""
    led = session.scalar(select(Discussion.moved_to_id).where(Discussion.id == discussion_id))
    return hold(session, led or discussion_id)


def is_veiled(discussion: Discussion) -> bool:
    """Whether a discussion is closed where others read: what is counted in public leaves it out."""
    return discussion.confided_at is not None and discussion.space.visibility == "public"


def opened(discussion: Discussion, change: int) -> None:
    """Inside a transaction: its space has one discussion more or less that can be read."""
    if not is_veiled(discussion):
        more = {"discussions_count": Space.discussions_count + change}
        db.session().execute(update(Space).where(Space.id == discussion.space_id).values(more))


def renew(held: Discussion) -> None:
    """Inside a transaction: what is kept rendered of a discussion is made anew, and its readers are told."""
    held.version += 1
    outbox.publish(DiscussionChanged(held.id, held.space_id))


def set_status(post: Post, status: str) -> bool:
    """Inside a transaction: make a post visible, hidden or withdrawn, with all that depends on it.

    The title goes and comes back with the opening post, and a discussion of which nothing visible is left is closed to
    readers until something is. Moderation comes through here too; events about the post are the caller's.

    Returns:
        Whether anything changed.
    """
    session = db.session()
    discussion = hold(session, post.discussion_id)
    held = session.get_one(Post, post.id, populate_existing=True)
    if held.status == status:
        return False
    change = (status == "visible") - (held.status == "visible")
    held.status = status
    held.version += 1
    session.flush()
    discussion.version += 1
    if change:
        count(discussion, held, change)
        find_last(session, discussion)
        if _follow(session, discussion, held):
            outbox.publish(DiscussionChanged(discussion.id, discussion.space_id))
    return True


def _follow(session: Session, discussion: Discussion, post: Post) -> bool:
    """Let the title follow the opening post, and the discussion what is left of it; whether either changed."""
    shown = post.status == "visible"
    changed = post.number == 1 and shown == (discussion.withheld_title is not None)
    if changed:
        title = (discussion.withheld_title or "") if shown else ""
        discussion.withheld_title = None if shown else discussion.title
        discussion.title, discussion.slug = title, slugify(title)
    status = "visible" if discussion.posts_count else "hidden"
    if discussion.status != status:
        discussion.status = status
        opened(discussion, 1 if status == "visible" else -1)
        changed = True
    session.flush()
    session.refresh(discussion, ["title"])  # as it is read from now on
    return changed


def touch(post_id: int) -> Post:
    """Inside a transaction: what the fragment of a post shows has changed (its votes, its files …), or what its page shows.

    Returns:
        The post as it is now; its discussion is held. Events are the caller's.

    Raises:
        NotFound: none such.
    """
    session = db.session()
    post = session.get(Post, post_id)
    if post is None:
        raise NotFound
    discussion = hold(session, post.discussion_id)
    held = session.get_one(Post, post_id, populate_existing=True)
    held.version += 1
    discussion.version += 1
    return held


def set_lock(discussion: Discussion, reason: str | None) -> None:
    """Inside a transaction: let a discussion take no more replies, or (reason None) take them again; events are the caller's."""
    held = hold(db.session(), discussion.id)
    held.locked_at = clock.now() if reason is not None else None
    held.lock_reason = reason or ""
    held.version += 1


def count(discussion: Discussion, post: Post, change: int, *, said: bool = False) -> None:
    """A post more or less to be read, in every counter (of a closed discussion, in its own). `said`: it was only now published, and may be the last of its space."""
    discussion.posts_count += change
    if post.parent_id is not None:
        plain.run(_ANSWERED, {"which": post.parent_id, "more": change})
        if (parent := db.session().identity_map.get(identity_key(Post, post.parent_id))) is not None:
            db.session().expire(parent, ["replies_count", "version"])
    voices.note_voice(discussion, post, change)
    if is_veiled(discussion):
        return
    if said:
        plain.run(_SAID, {"which": post.space_id, "more": change, "at": post.created_at})
    else:
        plain.run(_COUNTED, {"which": post.space_id, "more": change})
    plain.run(_SPOKEN, {"which": post.author_id, "more": change})
    voices.note_contribution(post, change)


def _raised(model: Any, *columns: str) -> Any:
    """An UPDATE of one row, composed once."""
    more = {name: model.__table__.c[name] + bindparam("more") for name in columns}
    return update(model.__table__).where(model.__table__.c.id == bindparam("which")).values(more)


_SPACE = Space.__table__.c
_NEWER = case((or_(_SPACE.last_post_at.is_(None), _SPACE.last_post_at < bindparam("at")), bindparam("at")), else_=_SPACE.last_post_at)
_COUNTED = _raised(Space, "posts_count")
_SAID = _COUNTED.values(last_post_at=_NEWER)
_SPOKEN = _raised(Person, "posts_count")
_ANSWERED = _raised(Post, "replies_count").values(version=Post.__table__.c.version + 1)


def find_last(session: Session, discussion: Discussion) -> None:
    """The newest visible post, after one appeared or went."""
    newest = select(Post.id, Post.created_at).where(Post.discussion_id == discussion.id, Post.status == "visible")
    row = session.execute(newest.order_by(Post.created_at.desc(), Post.id.desc()).limit(1)).first()
    discussion.last_post_id = row.id if row else None
    discussion.last_post_at = row.created_at if row else discussion.created_at


def next_turn(discussion: Discussion, stakeholder_type: str | None) -> int:
    """The `type_rank` of the next post of a stakeholder type in a discussion that is held, which counts it from now on."""
    turn = int(discussion.turns.get(stakeholder_type or "", 0)) + 1
    discussion.turns = {**discussion.turns, stakeholder_type or "": turn}
    return turn
