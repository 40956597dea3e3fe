"""Groups nobody runs any more, for the secretariat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import joinedload

from alliance.accounts.models import ApiToken, Person, SignIn
from alliance.core import clock, db
from alliance.discussions.models import Post
from alliance.groups.models import Group, Membership
from alliance.policy import Actor, visible

AWAY = timedelta(days=30)
MOST = 200


@dataclass(frozen=True, slots=True)
class Unattended:
    """A group, and its chairs, none of whom has been seen for thirty days."""

    group: Group
    chairs: list[Person]


def unattended(actor: Actor) -> list[Unattended]:
    """Groups at work, older than thirty days, without a chair who signed in, used a token or wrote something since then; and those
    with members and without any chair (the last has left, or closed their account)."""
    since = clock.now() - AWAY
    chair = select(Membership.person_id).join(Person, Person.id == Membership.person_id)
    chair = chair.where(Membership.space_id == Group.space_id, Membership.role == "chair", Person.suspended_at.is_(None))
    seen = or_(
        Membership.joined_at > since,
        exists().where(SignIn.person_id == Membership.person_id, SignIn.begun_at > since),
        exists().where(ApiToken.person_id == Membership.person_id, ApiToken.last_used_at > since),
        exists().where(or_(Post.author_id == Membership.person_id, Post.written_by_id == Membership.person_id), Post.created_at > since),
    )
    left = and_(Group.members_count > 0, ~chair.exists())
    query = select(Group).where(visible(actor, Group), Group.status == "active", ~chair.where(seen).exists())
    query = query.where(or_(Group.created_at <= since, left))
    found = db.session().scalars(query.options(joinedload(Group.space)).order_by(Group.id).limit(MOST)).all()
    chairs = _chairs([one.space_id for one in found])
    return [Unattended(one, chairs.get(one.space_id, [])) for one in found]


def _chairs(space_ids: Sequence[int]) -> dict[int, list[Person]]:
    query = select(Membership).where(Membership.space_id.in_(space_ids), Membership.role == "chair").options(joinedload(Membership.person))
    found: dict[int, list[Person]] = {}
    for one in db.session().scalars(query.order_by(Membership.id)):
        found.setdefault(one.space_id, []).append(one.person)
    return found
