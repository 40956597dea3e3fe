"""What moderation does about what others do: a post its author withdrew waits for nobody's decision; what settings close is logged."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import db, outbox
from alliance.discussions.models import Discussion
from alliance.events import DiscussionConfided, PostWithdrawn
from alliance.moderation import acts, desk, kinds, log, proposals, services
from alliance.policy import Actor

# Imported for what they register: who judges what is written, and what may wait in the queue.
REGISTERED = (desk, kinds, proposals)


@outbox.inside(DiscussionConfided)
def closed_by_settings(events: Sequence[DiscussionConfided]) -> None:
    """Note in the log what a group closed by closing all of its discussions."""
    for event in events:
        if event.settled:
            found = db.session().get_one(Discussion, event.discussion_id)
            why = acts.OF_GROUP if found.space.kind == "group" else acts.OF_LINE
            log.write(Actor.system(), "confide", why, discussion=found)


@outbox.listener("moderation", PostWithdrawn)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Close what was flagged of posts that are withdrawn."""
    for post_id in dict.fromkeys(one.event.post_id for one in batch):
        services.close_withdrawn(post_id)
