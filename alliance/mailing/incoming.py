"""Mail that comes in, whichever door it came by (LMTP, pipe, IMAP): it becomes a post, waits for a moderator, or is refused.

Every mail has an outcome on record, once per Message-ID and address; the sender is told unless a program wrote it. What is
posted goes through the services the pages use; the record is written in the same transaction as the post.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.utils import getaddresses

import structlog
from sqlalchemy.exc import IntegrityError

from alliance.core import clock, db, i18n, settings
from alliance.mailing import addressing, bounces, deciding, incoming_text, outcomes, senders
from alliance.mailing.addressing import Target
from alliance.mailing.archive import Unreadable
from alliance.mailing.models import IncomingMail
from alliance.mailing.outcomes import Outcome
from alliance.mailing.queries import known_incoming

log = structlog.get_logger(__name__)
_ID = re.compile(r"<\s*([^<>\s]{1,240})\s*>")
_TO = ("x-original-to", "delivered-to", "envelope-to", "to", "cc", "resent-to")
MAX_TARGETS = 5


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mail, for one of our addresses."""

    raw: bytes
    message: Message
    key: str
    target: Target
    sender: senders.Sender
    envelope_from: str | None
    subject: str = ""
    answers: tuple[str, ...] = field(default=())


def receive(raw: bytes, *, envelope_from: str | None = None, recipients: Sequence[str] = ()) -> list[Outcome]:
    """Deal with a mail.

    Args:
        raw: all of it.
        envelope_from: who handed it in, "" for a bounce, None when that is not known.
        recipients: for whom it was handed in; where that is not known, its headers say.

    Returns:
        What became of it, one outcome for each address of ours (the recipients first, in their order).
    """
    try:
        message = incoming_text.parse(raw)
    except Unreadable as reason:
        return [_unreadable(raw, envelope_from, one, str(reason)) for one in recipients or [""]]
    if envelope_from is None and (path := senders.header(message, "return-path")):
        envelope_from = path.strip("<> ").lower()
    found = [addressing.target_of(one) for one in recipients] or _targets(message)
    return [_one(raw, message, envelope_from, target) for target in found[:MAX_TARGETS]]


def _targets(message: Message) -> list[Target]:
    """The addresses of ours a mail names; the one it was delivered to before those it was written to."""
    for name in _TO:
        values = senders.raw_all(message, name)
        ours = [address for _name, address in getaddresses(values[:50]) if addressing.is_ours(address)]
        if ours:
            return [addressing.target_of(one) for one in dict.fromkeys(one.lower() for one in ours)]
    return [Target("", "")]


def _one(raw: bytes, message: Message, envelope_from: str | None, target: Target) -> Outcome:
    arrived = Arrived(
        raw,
        message,
        _key(message, raw),
        target,
        senders.sender_of(message, settings.current().mail_border),
        envelope_from,
        senders.header(message, "subject")[:300],
        answers_of(message),
    )
    if (before := known_incoming(arrived.key, target.address)) is not None:
        return outcomes.again(before)
    outcome = _program(arrived) or _decided(arrived)
    log.info("mail.in", status=outcome.status, reason=outcome.reason, mail_id=outcome.id)
    return outcome


def answers_of(message: Message) -> tuple[str, ...]:
    """The ids of the mails a mail answers, oldest first."""
    return tuple(_ID.findall(" ".join([*senders.raw_all(message, "references"), *senders.raw_all(message, "in-reply-to")])[-20_000:]))


def _key(message: Message, raw: bytes) -> str:
    found = _ID.search(senders.header(message, "message-id"))
    if found:
        return found[1].encode("ascii", "backslashreplace").decode()[:255]
    return "sha256:" + hashlib.sha256(raw.replace(b"\r\n", b"\n").strip()).hexdigest()


def _program(arrived: Arrived) -> Outcome | None:
    """The outcome of what no person wrote: noted, never posted, never answered."""
    message = arrived.message
    if arrived.target.kind == "bounce" or senders.is_bounce(message, arrived.envelope_from):
        bounces.note(message, arrived.target)
        return _record(arrived, "ignored", "bounce")
    if senders.is_spam(message):
        return _record(arrived, "ignored", "spam")
    why = senders.automatic(message, arrived.envelope_from, addressing.domain())
    return _record(arrived, "ignored", why) if why else None


def _decided(arrived: Arrived) -> Outcome:
    person = deciding.person_of(arrived.target, arrived.sender)
    with i18n.use_locale(person.interface_language if person is not None else "en"):
        made = deciding.decide(arrived.message, arrived.target, arrived.sender, arrived.subject, arrived.answers)
        try:
            with db.transaction():
                return outcomes.carry_out(_row(arrived, made.status, made.reason), made, arrived.raw)
        except IntegrityError:
            # Handed in twice at the same moment: the other one has it.
            db.release()
            before = known_incoming(arrived.key, arrived.target.address)
            if before is None:
                raise
            return outcomes.again(before)


def _row(arrived: Arrived, status: str, reason: str) -> IncomingMail:
    return IncomingMail(
        key=arrived.key,
        recipient=arrived.target.address[:320].lower(),
        sender=arrived.sender.address,
        subject=arrived.subject,
        status=status,
        reason=reason,
        created_at=clock.now(),
    )


def _record(arrived: Arrived, status: str, reason: str) -> Outcome:
    with db.transaction() as session:
        row = _row(arrived, status, reason)
        session.add(row)
        session.flush()
        return Outcome(row.id, status, reason)


def _unreadable(raw: bytes, envelope_from: str | None, recipient: str, reason: str) -> Outcome:
    """A mail too large or too deep to be taken apart: who handed it in is told, as far as that is known."""
    key = "sha256:" + hashlib.sha256(raw).hexdigest()
    if (before := known_incoming(key, recipient)) is not None:
        return outcomes.again(before)
    target = addressing.target_of(recipient)
    row = IncomingMail(
        key=key, recipient=recipient[:320].lower(), sender=(envelope_from or "")[:320].lower(), status="refused", reason="unreadable", created_at=clock.now()
    )  # fmt: skip
    sender = senders.Sender(row.sender, "", "none")
    person = deciding.person_of(target, sender)
    with i18n.use_locale(person.interface_language if person is not None else "en"), db.transaction():
        return outcomes.carry_out(row, deciding.unreadable(person, reason), b"")
