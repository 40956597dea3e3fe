"""What flags weigh. Who was right before weighs more, who was wrong less; flags of one side alone do not hide a verified author's post.

In tenths: 10 is a flag by somebody without a record. Of a record both answers count as two to begin with, so that one lucky
or unlucky flag changes little; nobody weighs more than two or less than a fifth of a flag. A moderator's own flag weighs as two.
"""

from __future__ import annotations

from sqlalchemy import func, select

from alliance.accounts.models import Person
from alliance.core import db
from alliance.discussions.models import Post
from alliance.moderation import options
from alliance.moderation.models import Flag
from alliance.policy import Actor
from alliance.stakeholders.models import Affiliation

PLAIN, LEAST, MOST = 10, 2, 20


def weight(upheld: int, dismissed: int) -> int:
    """The weight of a flag by somebody of whose flags so many were upheld and dismissed."""
    return max(LEAST, min(MOST, round(2 * PLAIN * (upheld + 2) / (upheld + dismissed + 4))))


def of(actor: Actor) -> int:
    """The weight of the flag an actor puts now."""
    if actor.is_moderator:
        return MOST
    query = select(Flag.status, func.count()).where(Flag.person_id == actor.person_id, Flag.status.in_(("upheld", "dismissed")))
    found = {row[0]: int(row[1]) for row in db.session().execute(query.group_by(Flag.status))}
    return weight(found.get("upheld", 0), found.get("dismissed", 0))


def hides(post: Post) -> bool:
    """Whether the open flags of a post are enough to hide it until somebody has looked."""
    query = select(Flag.weight, Person.stakeholder_type).join(Person, Person.id == Flag.person_id)
    rows = db.session().execute(query.where(Flag.post_id == post.id, Flag.status == "open")).all()
    if sum(row[0] for row in rows) < options.current().hide_weight:
        return False
    return len({row[1] for row in rows if row[1]}) > 1 or not is_verified(post.writer_id)


def rule(post: Post) -> str:
    """The rule that most of the open flags of a post name, by weight: its author is told. "" where most say something of their own."""
    heaviest = func.sum(Flag.weight).desc()
    query = select(Flag.reason).where(Flag.post_id == post.id, Flag.status == "open").group_by(Flag.reason)
    found = db.session().scalar(query.order_by(heaviest, Flag.reason).limit(1)) or "other"
    return "" if found == "other" else found


def is_verified(person_id: int) -> bool:
    """Whether a person speaks for somebody, verified by the secretariat."""
    query = select(Affiliation.id).where(
        Affiliation.person_id == person_id, Affiliation.status == "verified", Affiliation.ended_on.is_(None)
    )
    return db.session().scalar(query.limit(1)) is not None
