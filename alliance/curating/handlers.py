"""What summaries do about what happens to the posts they rest on, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.curating import summaries
from alliance.events import PostHidden, PostRestored, PostsMoved, PostWithdrawn


@outbox.inside(PostHidden, PostWithdrawn, PostRestored)
def can_be_read(events: Sequence[PostHidden | PostWithdrawn | PostRestored]) -> None:
    """A page that says what a post said must not outlive it."""
    for event in events:
        summaries.resting_on(event.post_id)


@outbox.inside(PostsMoved)
def moved(events: Sequence[PostsMoved]) -> None:
    """The summary of a discussion that was merged goes along."""
    for event in events:
        if event.whole or event.back:
            summaries.carry(event.source_id, event.discussion_id, back=event.back)
