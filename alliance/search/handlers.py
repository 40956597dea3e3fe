"""What happened, taken into the index: one batch, one commit, one writer."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.search import services


@outbox.listener(services.LISTENER, *services.EVENTS)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Index anew whatever these events touched."""
    services.take(batch)
