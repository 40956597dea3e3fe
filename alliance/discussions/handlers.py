"""What discussions do about their own events: quotes of what was taken away are taken away too."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.discussions import retracting
from alliance.events import PostHidden, PostRestored, PostWithdrawn


@outbox.listener("quotes", PostHidden, PostWithdrawn, PostRestored)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Render again what quotes a post that went or came back."""
    for post_id in dict.fromkeys(one.event.post_id for one in batch):
        retracting.note_written_by_hand(post_id)
        for one in retracting.quoting(post_id):
            retracting.render_again(one)
