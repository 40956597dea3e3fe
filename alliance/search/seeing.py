"""What somebody may see, said so that an engine can apply it before anything is counted.

Spaces are asked of the database with every query, so that a change of rights shows at once. What was hidden or
withdrawn since the index was last written (a second ago, as a rule) is read from the event log and left out as well.
"""

from __future__ import annotations

from sqlalchemy import select

from alliance import events
from alliance.core import db, outbox
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.policy.space import inside
from alliance.search import concerned, services
from alliance.search.engine import Sight

_TAKEN = ("PostHidden", "PostWithdrawn", "DiscussionChanged")
_MOST = 1000


def sight(actor: Actor, kinds: tuple[str, ...] | None = None) -> Sight:
    """What of the index an actor may see at this moment.

    Raises:
        IndexUnavailable: there is none.
    """
    spaces, public = _spaces(actor), _spaces(Actor.guest())
    posts: set[int] = set()
    discussions: set[int] = set()
    cursor = services.engine().position()
    while part := outbox.read(cursor, _MOST, _TAKEN):
        cursor = part[-1].id
        for one in part:
            if isinstance(one.event, events.DiscussionChanged):
                discussions.add(one.event.discussion_id)
            else:
                posts.add(one.event.post_id)
    if discussions:
        open_ = select(Discussion.id).where(Discussion.id.in_(discussions), visible(actor, Discussion), Discussion.status == "visible")
        discussions -= set(db.session().scalars(open_))
    return Sight(spaces, frozenset(concerned.with_files(posts)) if posts else frozenset(), frozenset(discussions), kinds, public=public)


def _spaces(actor: Actor) -> frozenset[int]:
    """The spaces an actor may read; negative, those in which also what is closed to others."""
    rows = db.session().execute(select(Space.id, inside(actor, Space).label("inside")).where(visible(actor, Space))).all()
    return frozenset([row.id for row in rows] + [-row.id for row in rows if row.inside])
