"""To whom a mail is to go about belonging to a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from alliance import events
from alliance.core import clock, db, outbox
from alliance.groups.models import Group, Invitation, JoinRequest, Membership
from alliance.mailing import group_letters, services
from alliance.mailing.models import OutgoingMail

GROUPS = (events.InvitationMade, events.JoinRequested, events.JoinDecided, events.GroupDecided, events.MeetingCancelled)


@outbox.listener("group-mail", *GROUPS)
def on_events(batch: Sequence[outbox.Recorded]) -> None:
    """Note the mails of each; a job sends them."""
    with db.transaction():
        for one in batch:
            _note(one.event, one.id)
    services.send_soon.enqueue()


def _note(event: Any, event_id: int) -> None:
    session = db.session()
    if isinstance(event, events.InvitationMade):
        made = session.get_one(Invitation, event.invitation_id)
        if made.person_id is not None:
            _to(made.person_id, f"invitation-{made.id}", "invitation")
        elif made.email:
            _note_address(made.email, f"invitation-{made.id}", "invitation")
    elif isinstance(event, events.JoinRequested):
        for person_id in group_letters.recipients_of_request(event.request_id):
            _to(person_id, f"join-requested-{event_id}-{event.request_id}", "join-requested")
    elif isinstance(event, events.JoinDecided):
        asker = session.get_one(JoinRequest, event.request_id).person_id
        _to(asker, f"join-decided-{event_id}-{event.request_id}", "join-decided")
    elif isinstance(event, events.MeetingCancelled):
        kind = "meeting-again" if event.again else "meeting-cancelled"
        mine = select(Membership.person_id).where(Membership.space_id == event.space_id, Membership.person_id != event.by_id)
        found = session.scalars(mine.order_by(Membership.person_id)).all()
        services.note(services.waiting(person_id, f"{kind}-{event_id}-{event.meeting_id}", kind) for person_id in found)
    elif (proposer := session.get_one(Group, event.group_id).proposed_by_id) is not None:
        _to(proposer, f"group-decided-{event_id}-{event.group_id}", "group-decided")


def _note_address(address: str, key: str, kind: str) -> None:
    """A mail is to go to an address that is no person's; noted once."""
    session, now = db.session(), clock.now()
    if session.scalar(select(OutgoingMail.id).where(OutgoingMail.address == address, OutgoingMail.key == key)) is None:
        session.add(OutgoingMail(address=address, key=key, kind=kind, status="waiting", next_at=now, created_at=now))


def _to(person_id: int, key: str, kind: str) -> None:
    """A mail is to go to a person; noted once."""
    services.note([services.waiting(person_id, key, kind)])
