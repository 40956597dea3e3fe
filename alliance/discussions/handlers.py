"""What discussions do about their own events: quotes of what was taken away are taken away too."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.discussions import confiding, retracting
from alliance.events import DiscussionConfided, GroupChanged, PostDecided, PostHidden, PostRestored, PostsMoved, PostWithdrawn


@outbox.inside(GroupChanged)
def group_changed(events: Sequence[GroupChanged]) -> None:
    """A group whose discussions are closed closes them all."""
    for event in events:
        confiding.of_space(event.space_id)


@outbox.listener("quotes", PostHidden, PostWithdrawn, PostRestored, PostDecided, GroupChanged, DiscussionConfided, PostsMoved)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Render again what quotes a post that went or came back, or what is more or less open than it was: a group, a discussion."""
    found = [one.event for one in batch]
    confided = [one.discussion_id for one in found if isinstance(one, DiscussionConfided)]
    moved = [one for one in found if isinstance(one, PostsMoved)]
    came = [one.discussion_id for one in moved if any(confiding.is_closed(place) for place in (one.discussion_id, one.source_id))]
    for discussion_id in dict.fromkeys([*confided, *came]):
        for other in retracting.quoting_discussion(discussion_id):
            retracting.render_again(other)
    for space_id in dict.fromkeys(one.space_id for one in found if isinstance(one, GroupChanged)):
        for other in retracting.quoting_space(space_id):
            retracting.render_again(other)
    for post_id in dict.fromkeys(one.post_id for one in found if not isinstance(one, GroupChanged | DiscussionConfided | PostsMoved)):
        retracting.note_written_by_hand(post_id)
        for other in retracting.quoting(post_id):
            retracting.render_again(other)
