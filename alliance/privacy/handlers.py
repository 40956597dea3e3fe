"""What this room does about events: archives that were asked for are made, and closed accounts leave nothing behind."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import outbox
from alliance.events import AccountClosed, ArchiveAsked
from alliance.privacy import closing, services


@outbox.listener("archives", ArchiveAsked)
def on_asked(batch: Sequence[outbox.Recorded]) -> None:
    """One after the other; what was made is not made again."""
    for one in batch:
        services.make(one.event.archive_id)


@outbox.listener("closing", AccountClosed)
def on_closed(batch: Sequence[outbox.Recorded]) -> None:
    """One after the other."""
    for one in batch:
        closing.clear(one.event.person_id)
