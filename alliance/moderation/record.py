"""A person's record, beside what a moderator decides: posts, flags against them, what was decided before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from alliance.accounts.models import Person
from alliance.core import db
from alliance.discussions import masks
from alliance.discussions.models import Post
from alliance.moderation.models import Flag, LogEntry, ReviewItem
from alliance.policy import Actor, visible
from alliance.policy.post import reviewable
from alliance.policy.space import within_moderated
from alliance.stakeholders import queries as stakeholders
from alliance.stakeholders.models import Affiliation

RECENT = 5
NEWEST = 20


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of somebody: posts that can be read and not, flags of theirs and against them by outcome, acts about them, who they speak for."""

    person: Person
    posts: int
    hidden: int
    held: int
    flagged: dict[str, int]
    flags: dict[str, int]
    acts: Sequence[LogEntry]
    affiliations: Sequence[Affiliation]


def posts_of(actor: Actor, person: Person) -> Sequence[Post]:
    """A person's newest posts, hidden ones and those that wait too, as far as the moderator may see them."""
    query = select(Post).options(joinedload(Post.discussion)).where(Post.author_id == person.id, reviewable(actor, Post))
    return db.session().scalars(query.order_by(Post.created_at.desc(), Post.id.desc()).limit(NEWEST)).all()


def items_of(actor: Actor, person: Person) -> Sequence[ReviewItem]:
    """What waits and what was decided about a person and their posts, newest first."""
    query = (
        select(ReviewItem).options(joinedload(ReviewItem.decided_by)).where(ReviewItem.person_id == person.id, visible(actor, ReviewItem))
    )
    return db.session().scalars(query.order_by(ReviewItem.id.desc()).limit(NEWEST)).all()


def readable_posts(actor: Actor, person: Person) -> int:
    """How many posts a removal would hide, as far as the moderator may know of them."""
    query = select(func.count(Post.id)).where(masks.written_by(person.id), Post.status.in_(("visible", "held")))
    return int(db.session().scalar(query.where(within_moderated(actor, Post))) or 0)


def of(actor: Actor, person: Person) -> Record:
    """The record of a person, as far as the moderator may see it."""
    session = db.session()
    mine, seen = masks.written_by(person.id), within_moderated(actor, Post)
    states = {row[0]: int(row[1]) for row in session.execute(select(Post.status, func.count()).where(mine, seen).group_by(Post.status))}
    flags = select(Flag.status, func.count()).join(Post, Post.id == Flag.post_id).where(seen).group_by(Flag.status)
    against, own = flags.where(mine), flags.where(Flag.person_id == person.id)
    posts = select(Post.id).where(masks.written_by(person.id))
    acts = select(LogEntry).options(joinedload(LogEntry.post), joinedload(LogEntry.moderator)).where(visible(actor, LogEntry))
    acts = acts.where(or_(LogEntry.person_id == person.id, LogEntry.post_id.in_(posts))).order_by(LogEntry.id.desc()).limit(RECENT)
    return Record(
        person,
        states.get("visible", 0),
        states.get("hidden", 0),
        states.get("held", 0),
        {row[0]: int(row[1]) for row in session.execute(against)},
        {row[0]: int(row[1]) for row in session.execute(own)},
        list(session.scalars(acts)),
        stakeholders.affiliations_of(actor, person),
    )
