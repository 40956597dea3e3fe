"""What happened becomes mail: a row for each, sent by a job."""

from __future__ import annotations

from collections.abc import Sequence

from alliance import events
from alliance.core import db, jobs, outbox
from alliance.core.outbox import Recorded
from alliance.mailing import services

KINDS = {events.ConfirmationRequested: "confirm", events.PasswordResetRequested: "reset", events.RegistrationRepeated: "repeated"}


@outbox.listener("mailing", *KINDS, events.PersonNotified)
def on_events(batch: Sequence[Recorded]) -> None:
    """Ask for the mails of a batch, then have them sent."""
    with db.transaction():
        for record in batch:
            event = record.event
            if isinstance(event, events.PersonNotified):
                services.ask(event.person_id, f"event:{record.id}", event.kind, event.post_id)
            else:
                services.ask(event.person_id, f"event:{record.id}", KINDS[type(event)])
    send_due.enqueue()


@jobs.task()
def send_due() -> None:
    """Send what is due now."""
    services.send_due()


@jobs.periodic("* * * * *")
def send_again() -> None:
    """Send what could not be sent before and is due again."""
    services.send_due()
