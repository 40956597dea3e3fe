"""What happened, taken into the index: one batch, one commit, one writer."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.events import PostPublished
from alliance.search import saving, services

REST = 0.3  # seconds between two batches where much is written: what is published is found within two seconds


@outbox.listener(services.LISTENER, *services.EVENTS, rest=REST)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Index anew whatever these events touched."""
    services.take(batch)
    new = {one.event.post_id: one.created_at for one in batch if isinstance(one.event, PostPublished) and not one.event.imported}
    if new:
        saving.tell_at_once.enqueue()
    if waited := saving.late(new):
        saving.tell_of_late.enqueue(waited)
