"""What moderation does about what others do: a post its author withdrew waits for nobody's decision."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.events import PostWithdrawn
from alliance.moderation import desk, kinds, proposals, services

# Imported for what they register: who judges what is written, and what may wait in the queue.
REGISTERED = (desk, kinds, proposals)


@outbox.listener("moderation", PostWithdrawn)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Close what was flagged of posts that are withdrawn."""
    for post_id in dict.fromkeys(one.event.post_id for one in batch):
        services.close_withdrawn(post_id)
