"""What this room does about events: archives that were asked for are made."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.events import ArchiveAsked
from alliance.privacy import services


@outbox.listener("archives", ArchiveAsked)
def on_asked(batch: Sequence[outbox.Recorded]) -> None:
    """One after the other; what was made is not made again."""
    for one in batch:
        services.make(one.event.archive_id)
