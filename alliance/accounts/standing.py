"""Who may not act, or not write, for a while or for good; why is told by the room that decides it (moderation)."""

from __future__ import annotations

from datetime import datetime

from alliance import events
from alliance.accounts.models import Person
from alliance.accounts.sign_ins import end_all
from alliance.core import clock, outbox


def suspend(person: Person, until: datetime | None = None) -> None:
    """Inside a transaction: end a person's right to act (until a moment, or for good); every session from before ends."""
    person.suspended_at, person.suspended_until = clock.now(), until
    end_all(person)
    outbox.publish(events.PersonChanged(person.id))


def restore(person: Person) -> None:
    """Inside a transaction: give it back; every session from before ends."""
    person.suspended_at = person.suspended_until = None
    end_all(person)
    outbox.publish(events.PersonChanged(person.id))


def silence(person: Person, until: datetime | None) -> None:
    """Inside a transaction: a person may not write until a moment (None: may write again)."""
    person.silenced_until = until
    outbox.publish(events.PersonChanged(person.id))


def expire(person: Person) -> None:
    """Inside a transaction: take off what has ended by itself (who may act is told by the moment; lists and mails ask for this)."""
    if person.suspended_at is not None and not person.suspended:
        person.suspended_at = person.suspended_until = None
        outbox.publish(events.PersonChanged(person.id))
    if person.silenced_until is not None and not person.silenced:
        person.silenced_until = None
        outbox.publish(events.PersonChanged(person.id))
