"""What mail listens to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from alliance.core import db, outbox
from alliance.events import (
    AccountAltered,
    AddressProven,
    ConfirmationRequested,
    DiscussionConfided,
    PasswordResetRequested,
    PersonJudged,
    PersonNotified,
    PostDecided,
    PostHidden,
    PostPublished,
    PostRestored,
    PostsMoved,
    PostWithdrawn,
    RegistrationRepeated,
    WatchersNotified,
)
from alliance.mailing import claiming, decision_letters, letters, services, unfolding

KINDS = {ConfirmationRequested: "confirm", PasswordResetRequested: "reset", RegistrationRepeated: "repeated"}


@outbox.listener(
    "mailing",
    AccountAltered,
    ConfirmationRequested,
    PasswordResetRequested,
    RegistrationRepeated,
    PersonNotified,
    PersonJudged,
    WatchersNotified,
    PostPublished,
)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Note a mail for each; a job sends them."""
    with db.transaction():
        services.note(mail for one in batch for mail in _mails(one))
    services.send_soon.enqueue()


@outbox.listener("claiming", AddressProven)
def on_proven(batch: Sequence[outbox.Recorded]) -> None:
    """What archives have from an address is the posts of whoever proved that it is theirs."""
    for one in batch:
        claiming.claim(one.event.person_id)


@outbox.listener("cuts", PostHidden, PostWithdrawn, PostRestored, PostDecided, PostsMoved, DiscussionConfided)
def on_gone(batch: Sequence[outbox.Recorded]) -> None:
    """What was cut off mails, and repeats what goes or comes back, goes or comes back with it."""
    for one in batch:
        event = one.event
        if isinstance(event, PostsMoved):
            unfolding.show_again(None, {event.discussion_id, event.source_id})
        else:
            unfolding.show_again(getattr(event, "post_id", None), {event.discussion_id})


def _mails(one: outbox.Recorded) -> Iterable[dict[str, Any]]:
    event = one.event
    if isinstance(event, PersonNotified):
        return _of_notification(event, one.id)
    if isinstance(event, PersonJudged):
        return [services.waiting(event.person_id, f"measure-{event.how}-{event.measure_id}-{one.id}", "measure")]
    if isinstance(event, AccountAltered):
        return [services.waiting(event.person_id, f"event-{one.id}", f"new-{event.what}")]
    if isinstance(event, PostPublished):
        return services.waiting_of_list(event.post_id)
    if isinstance(event, WatchersNotified):
        return services.waiting_of_watchers(event.post_id)
    return [services.waiting(event.person_id, f"event-{one.id}", KINDS[type(event)])]


def _of_notification(event: PersonNotified, event_id: int) -> list[dict[str, Any]]:
    """Of a post one mail at most, of what moderators did with it one for each time."""
    if event.kind == "moderation" and event.detail in decision_letters.TOLD:
        return [services.waiting(event.person_id, f"decision-{event_id}-{event.detail}", "moderation", event.post_id)]
    known = event.kind in letters.POST_KINDS
    return [services.waiting(event.person_id, f"post-{event.post_id}", event.kind, event.post_id)] if known else []
