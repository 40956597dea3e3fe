"""What somebody may see, said so that an engine can apply it before anything is counted.

Spaces are asked of the database with every query, so that a change of rights shows at once. What was hidden or
withdrawn since the index was last written (a second ago, as a rule) is read from the event log and left out as well.
"""

from __future__ import annotations

from sqlalchemy import select

from alliance import events
from alliance.attachments.models import Attachment
from alliance.core import db, outbox
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.policy.space import inside
from alliance.search import concerned, services
from alliance.search.engine import Sight

_TAKEN = ("PostHidden", "PostWithdrawn", "DiscussionChanged", "AttachmentDropped")
_MOST = 1000


def sight(actor: Actor, kinds: tuple[str, ...] | None = None) -> Sight:
    """What of the index an actor may see at this moment.

    Raises:
        IndexUnavailable: there is none.
    """
    spaces, public = _spaces(actor), _spaces(Actor.guest())
    posts: set[int] = set()
    files: set[int] = set()
    discussions: set[int] = set()
    cursor = services.engine().position()
    while part := outbox.read(cursor, _MOST, _TAKEN):
        cursor = part[-1].id
        for one in part:
            if isinstance(one.event, events.DiscussionChanged):
                discussions.add(one.event.discussion_id)
            elif isinstance(one.event, events.AttachmentDropped):
                files.add(one.event.attachment_id)
            else:
                posts.add(one.event.post_id)
    return Sight(spaces, _without(posts, files), _closed(actor, discussions), kinds, public=public)


def _without(posts: set[int], files: set[int]) -> frozenset[str]:
    """The keys of what was taken away: posts with their files, and files that are in no post any more."""
    dropped = select(Attachment.id).where(Attachment.id.in_(files), Attachment.post_id.is_not(None))
    attached = set(db.session().scalars(dropped)) if files else set()  # in another post by now
    return frozenset({f"a{one}" for one in files - attached} | (concerned.with_files(posts) if posts else set()))


def _closed(actor: Actor, discussions: set[int]) -> frozenset[int]:
    """Which of some discussions may not be seen now."""
    if not discussions:
        return frozenset()
    open_ = select(Discussion.id).where(Discussion.id.in_(discussions), visible(actor, Discussion), Discussion.status == "visible")
    return frozenset(discussions - set(db.session().scalars(open_)))


def _spaces(actor: Actor) -> frozenset[int]:
    """The spaces an actor may read; negative, those in which also what is closed to others."""
    rows = db.session().execute(select(Space.id, inside(actor, Space).label("inside")).where(visible(actor, Space))).all()
    return frozenset([row.id for row in rows] + [-row.id for row in rows if row.inside])
