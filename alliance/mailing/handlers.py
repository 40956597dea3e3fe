"""What mail listens to."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.core import db, outbox
from alliance.events import (
    ConfirmationRequested,
    PasswordResetRequested,
    PersonNotified,
    PostPublished,
    RegistrationRepeated,
    WatchersNotified,
)
from alliance.mailing import letters, services

KINDS = {ConfirmationRequested: "confirm", PasswordResetRequested: "reset", RegistrationRepeated: "repeated"}


@outbox.listener(
    "mailing", ConfirmationRequested, PasswordResetRequested, RegistrationRepeated, PersonNotified, WatchersNotified, PostPublished
)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Note a mail for each; a job sends them."""
    with db.transaction():
        for one in batch:
            event = one.event
            if isinstance(event, PersonNotified):
                if event.kind in letters.POST_KINDS:
                    services.note(event.person_id, f"post-{event.post_id}", event.kind, event.post_id)
            elif isinstance(event, PostPublished):
                services.note_list(event.post_id)
            elif isinstance(event, WatchersNotified):
                services.note_watchers(event.post_id)
            else:
                services.note(event.person_id, f"event-{one.id}", KINDS[type(event)])
    services.send_soon.enqueue()
