"""What discussions do about their own events: quotes of what was taken away are taken away too."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.discussions import retracting
from alliance.events import GroupChanged, PostDecided, PostHidden, PostRestored, PostWithdrawn


@outbox.listener("quotes", PostHidden, PostWithdrawn, PostRestored, PostDecided, GroupChanged)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Render again what quotes a post that went or came back, or a group that is more or less open than it was."""
    found = [one.event for one in batch]
    for space_id in dict.fromkeys(one.space_id for one in found if isinstance(one, GroupChanged)):
        for other in retracting.quoting_space(space_id):
            retracting.render_again(other)
    for post_id in dict.fromkeys(one.post_id for one in found if not isinstance(one, GroupChanged)):
        retracting.note_written_by_hand(post_id)
        for other in retracting.quoting(post_id):
            retracting.render_again(other)
