"""The author's side: what became of a post, why, by which rule, where it stands in the queue; and writing it anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from alliance import events
from alliance.core import db, outbox
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import holding, masks
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.moderation import items, log, places, queries
from alliance.moderation.models import LogEntry, ReviewItem
from alliance.policy import Actor, visible
from alliance.policy.post import answerable_for
from alliance.policy.space import told, within_readable

MOST = 50
TOLD = ("hide", "hide_until_reviewed", "refuse", "rephrase", "refuse_edit", "edit")  # a post that is read again needs no explanation


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a post of one's own stands.

    Attributes:
        post: with its whole text.
        waits: what a moderator has to decide about it, if anything.
        place: how many things are decided before it, and it.
        median_wait: how many seconds a decision took of late.
        last: the newest act about it, with rule and reason.
        proposed: the new text that waits, where an edit does.
    """

    post: Post
    waits: ReviewItem | None
    place: int
    median_wait: int | None
    last: LogEntry | None
    proposed: str | None


def standing(actor: Actor, post_id: int) -> Standing:
    """Where a post of one's own stands that waits, was hidden, or of which a new text waits.

    Raises:
        NotFound: none such.
    """
    post = _own(actor, post_id)
    last = log.standing_act(post.id, TOLD)
    # Whoever was answered waits for nobody to look at the flags as well: they are of what was written before.
    answered = last is not None and last.act == "rephrase"
    kinds = {"held_post", "held_edit", "held_mail", *([] if answered else ["flag"])}
    waits = next((item for item in queries.items_about(post.id) if item.status == "open" and item.kind in kinds), None)
    proposed = str(waits.data["body"]) if waits is not None and waits.kind == "held_edit" else None
    place = places.place_in_queue(waits) if waits is not None else 0
    return Standing(post, waits, place, places.median_wait(places.beside(waits)) if waits is not None else None, last, proposed)


def _own(actor: Actor, post_id: int) -> Post:
    edits = select(ReviewItem.id).where(ReviewItem.post_id == Post.id, ReviewItem.kind == "held_edit", ReviewItem.status == "open")
    mine = masks.written_by(actor.person_id)
    query = select(Post).options(joinedload(Post.discussion), joinedload(Post.space))
    shown = mine & (Post.status == "visible") & edits.exists() & within_readable(actor, Post) & told(actor, Post)
    query = query.where(Post.id == post_id, or_(answerable_for(actor, Post), shown))
    found = db.session().scalar(query) if actor.person_id is not None else None
    if found is None:
        raise NotFound
    return found


def rewrite(actor: Actor, post_id: int, body: str) -> Post:
    """Write a post of one's own anew that waits or was hidden: a moderator looks at the new text.

    Raises:
        NotFound, Invalid, Conflict, Refused: nothing is changed.
    """
    with db.transaction():
        post = _own(actor, post_id)
        was = post.status
        rewritten = holding.rewrite(actor, post, body)
        if queries.open_item("held_post", post.id) is None:
            items.ask("held_post", post.id, post=rewritten, rule="again", data={"was": was})
            outbox.publish(events.PostHeld(post.id, post.discussion_id, post.space_id))
        return rewritten


def mine(actor: Actor) -> list[Any]:
    """One's posts that wait or were hidden, and edits that wait, newest first."""
    edits = select(ReviewItem.post_id).where(
        ReviewItem.person_id == actor.person_id, ReviewItem.kind == "held_edit", ReviewItem.status == "open"
    )
    mine_there = masks.written_by(actor.person_id) & Post.id.in_(edits) & within_readable(actor, Post) & told(actor, Post)
    query = select(Post).options(joinedload(Post.discussion)).where(or_(answerable_for(actor, Post), mine_there))
    return list(db.session().scalars(query.order_by(Post.id.desc()).limit(MOST))) if actor.person_id is not None else []


def titles(actor: Actor, posts: Iterable[Post]) -> Callable[[Discussion], str]:
    """The titles of discussions, for the author of posts in them; not told to a member of a closed group who is suspended."""
    spaces = {post.space_id for post in posts}
    readable = set(db.session().scalars(select(Space.id).where(Space.id.in_(spaces), visible(actor, Space))))

    def title(discussion: Discussion) -> str:
        known = discussion.space_id in readable
        return (discussion.withheld_title or discussion.title) if known else _("A discussion of a working group")

    return title
