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
    if any(isinstance(one.event, PostPublished) for one in batch):
        saving.tell_at_once.enqueue()
