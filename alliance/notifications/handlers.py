"""What notifications listen to."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.events import PostPublished
from alliance.notifications import services


@outbox.listener("notifications", PostPublished)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Tell people of new posts; imported ones are old news."""
    for one in batch:
        if not one.event.imported:
            services.tell_of(one.event.post_id, one.id)
