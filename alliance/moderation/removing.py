"""All posts of somebody who spams, hidden in one act, with their thanks, positions, votes and answers; and exactly those back again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select

from alliance import events
from alliance.core import db, outbox
from alliance.discussions import masks
from alliance.discussions.counters import set_status
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.moderation import items, queries, services
from alliance.moderation.models import Flag, ReviewItem
from alliance.policy import Actor
from alliance.polls import services as polls
from alliance.proceedings import consensus
from alliance.signals import services as signals

# What somebody said without writing a post.
COUNTED: dict[str, Any] = {"signals": signals, "votes": polls, "answers": consensus}


def hide_all(actor: Actor, person_id: int, code: str, line: str) -> dict[str, Any]:
    """Inside a transaction: hide every post of a person that is read or waits, those without their name too, and count nothing else they said; what has to be known to bring it back.

    Discussions are held in one order, whoever else does the same. What waits about the posts is decided with them.
    """
    session = db.session()
    mine = select(Post).where(masks.written_by(person_id), Post.status.in_(("visible", "held")))
    posts = list(session.scalars(mine.order_by(Post.discussion_id, Post.id)))
    public = and_(Post.space.has(Space.visibility == "public"), Post.discussion.has(Discussion.confided_at.is_(None)))
    known: dict[str, Any] = {"posts": [[post.id, post.status] for post in posts], "flags": [], "items": []}
    known["public"] = session.scalar(select(func.count()).select_from(mine.where(public).subquery())) or 0  # the log tells how many
    waits = select(ReviewItem).where(
        ReviewItem.person_id == person_id, ReviewItem.status == "open", ReviewItem.kind.in_(services.ABOUT_POSTS)
    )
    for item in session.scalars(waits.order_by(ReviewItem.id)):
        items.settle(item, actor, "remove", code, line)
        known["items"].append(item.id)
    flagged = select(Flag.post_id).where(Flag.status == "open", Flag.post_id.in_(select(Post.id).where(masks.written_by(person_id))))
    for post_id in session.scalars(flagged.distinct()).all():
        known["flags"] += services.decide_flags(actor, session.get_one(Post, post_id), "upheld")
    for post in posts:
        set_status(post, "hidden")
        outbox.publish(events.PostHidden(post.id, post.discussion_id, post.space_id))
    known |= {name: room.take_away(person_id) for name, room in COUNTED.items()}
    return known


def bring_back(person_id: int, known: dict[str, Any]) -> int:
    """Inside a transaction: what `hide_all` hid and is still hidden is as it was; how many posts that are."""
    session, done = db.session(), 0
    was = {int(post_id): status for post_id, status in known.get("posts", [])}
    for number in range(0, len(was), 500):
        part = list(was)[number : number + 500]
        for post in session.scalars(select(Post).where(Post.id.in_(part), Post.status == "hidden").order_by(Post.discussion_id, Post.id)):
            done += set_status(post, was[post.id])
            if was[post.id] == "visible":
                outbox.publish(events.PostRestored(post.id, post.discussion_id, post.space_id))
    for name, room in COUNTED.items():
        room.give_back(person_id, known.get(name, []))
    services.open_again(known.get("flags", []))
    for item in session.scalars(select(ReviewItem).where(ReviewItem.id.in_(known.get("items", [])), ReviewItem.status == "decided")):
        if item.decision == "remove" and queries.open_item(item.kind, item.subject_id) is None:
            items.reopen(item)
    return done
