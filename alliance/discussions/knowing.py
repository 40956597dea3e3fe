"""Discussions of which one may know without reading them: closed ones, of which title and public summary are told."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.util import identity_key

from alliance.core import db
from alliance.core.errors import Moved, NotFound
from alliance.discussions import queries
from alliance.discussions.models import Discussion
from alliance.policy import Actor
from alliance.policy.discussion import known


def get_known(actor: Actor, discussion_id: int) -> Discussion:
    """A discussion of which the actor may know, though perhaps not read it: where it is closed, its title and its public summary.

    Raises:
        NotFound: none such.
    """
    led = select(Discussion.moved_to_id).where(Discussion.id == discussion_id).scalar_subquery()
    query = select(Discussion).options(joinedload(Discussion.space, innerjoin=True))
    found = db.session().scalar(query.where(Discussion.id == func.coalesce(led, discussion_id), known(actor, Discussion)))
    if found is None:
        raise NotFound
    return found


def get_summarized(actor: Actor, discussion_id: int) -> tuple[Discussion, bool]:
    """A discussion whose summary the actor may read, and whether they may read what it rests on, too.

    Raises:
        NotFound: none such.
    """
    try:
        return queries.get_discussion(actor, discussion_id), True
    except Moved:
        raise
    except NotFound:
        return get_known(actor, discussion_id), False


def at_hand(actor: Actor, discussion_id: int) -> Discussion | None:
    """A discussion whose page is being made, for what one may do with its posts: pages of groups are made anew for their members, so it is in
    memory; nobody else's page costs a query.
    """
    return db.session().identity_map.get(identity_key(Discussion, discussion_id)) if actor.may_act else None
