"""Who of those who listen to a discussion may still see it: asked before every delivery, of the one rule all doors use."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from alliance.core import db
from alliance.discussions.models import Discussion
from alliance.policy import Actor, visible
from alliance.realtime.connections import Connection

GUEST = Actor.guest("socket")


def sees(actor: Actor, discussion_id: int) -> bool:
    """Whether an actor may see a discussion."""
    query = select(Discussion.id).where(Discussion.id == discussion_id, visible(actor, Discussion))
    return db.session().scalar(query) is not None


def refused(discussion_id: int, listeners: Iterable[Connection]) -> list[Connection]:
    """Those who may not see a discussion (any more).

    What guests see everybody sees (`tests/policy` holds the rules to it), so an open discussion costs one question for
    any number of readers; one that is not costs one for each reader who differs in the eyes of the rules.
    """
    waiting = list(listeners)
    if not waiting or sees(GUEST, discussion_id):
        return []
    answers = {actor: sees(actor, discussion_id) for actor in {one.actor for one in waiting}}
    return [one for one in waiting if not answers[one.actor]]
