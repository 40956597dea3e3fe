"""What depends on which posts are visible: counters and last posts, written in the same transaction as the change.

The row of the discussion is locked first, always before its space and its people, so that two who write at once wait
in line.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alliance.accounts.models import Person
from alliance.core import clock, db, outbox
from alliance.core.errors import NotFound
from alliance.core.text import slugify
from alliance.discussions import voices
from alliance.discussions.models import Discussion, Post
from alliance.events import DiscussionChanged
from alliance.groups.models import Space


def hold(session: Session, discussion_id: int) -> Discussion:
    """The discussion as it is now, nobody else writing in it until the transaction ends."""
    held = session.get(Discussion, discussion_id, with_for_update=True, populate_existing=True)
    if held is None:
        raise NotFound
    return held


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
        count(session, discussion, held, change)
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
        more = 1 if status == "visible" else -1
        session.execute(update(Space).where(Space.id == discussion.space_id).values(discussions_count=Space.discussions_count + more))
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


def count(session: Session, discussion: Discussion, post: Post, change: int) -> None:
    """A post more or less to be read, in every counter."""
    discussion.posts_count += change
    if post.parent_id is not None:
        session.execute(
            update(Post).where(Post.id == post.parent_id).values(replies_count=Post.replies_count + change, version=Post.version + 1)
        )
    session.execute(update(Space).where(Space.id == post.space_id).values(posts_count=Space.posts_count + change))
    session.execute(update(Person).where(Person.id == post.author_id).values(posts_count=Person.posts_count + change))
    voices.note(session, discussion, post, change)


def note_last_of_space(session: Session, post: Post) -> None:
    """Let the space know when something was last said in it."""
    newer = (Space.id == post.space_id) & (Space.last_post_at.is_(None) | (Space.last_post_at < post.created_at))
    session.execute(update(Space).where(newer).values(last_post_at=post.created_at))


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
