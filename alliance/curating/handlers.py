"""What summaries do about what happens to the posts they rest on, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import db, outbox
from alliance.curating import summaries
from alliance.discussions import confiding, topics
from alliance.discussions.move_models import Move
from alliance.events import DiscussionConfided, PostHidden, PostRestored, PostsMoved, PostWithdrawn


@outbox.inside(PostHidden, PostWithdrawn, PostRestored)
def can_be_read(events: Sequence[PostHidden | PostWithdrawn | PostRestored]) -> None:
    """A page that says what a post said must not outlive it."""
    for event in events:
        summaries.resting_on(event.post_id)


@outbox.inside(DiscussionConfided)
def closed(events: Sequence[DiscussionConfided]) -> None:
    """What other summaries say of it goes with it, or comes back."""
    for event in events:
        summaries.resting_on_discussion(event.discussion_id)


@outbox.inside(PostsMoved)
def moved(events: Sequence[PostsMoved]) -> None:
    """The summary and the topics of a discussion that was merged go along; one that was split off has the topics of where it comes from."""
    for event in events:
        if confiding.is_closed(event.discussion_id):
            summaries.resting_on_discussion(event.discussion_id)
        if event.whole or event.back:
            summaries.carry(event.source_id, event.discussion_id, back=event.back)
        if event.back:
            topics.take_back(event.source_id, event.discussion_id)
        elif event.whole or db.session().get_one(Move, event.move_id).kind == "split":
            topics.carry(event.source_id, event.discussion_id, whole=event.whole)
