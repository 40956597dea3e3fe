"""What came back: for whom, for good or for a while; after too many an address gets nothing more, and its owner is told on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

import structlog

from alliance.accounts import queries as people
from alliance.core import addresses, clock, db
from alliance.mailing import bodies, choices
from alliance.mailing.addressing import Target
from alliance.mailing.models import OutgoingMail, Suppressed

log = structlog.get_logger(__name__)
THRESHOLD = 5
PERMANENT_THRESHOLD = 2
MAX_TEXT = 100_000
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_CODE = re.compile(r"(?:^|[\s:(<\"#])([45])\d\d[\s-]")
_ADDRESS = re.compile(r"[\w.+=%!#$&'*/?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_DELAYED = re.compile(
    r"will (?:keep trying|be retried|continue)|not (?:yet )?been delivered|delayed|warning: message|still being retried|temporar",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """An address a mail could not be delivered to, and whether that is for good."""

    address: str
    permanent: bool
    words: str = ""


def note(message: Message, target: Target) -> list[Failure]:
    """Write down what a bounce says. Only one to the envelope address of a mail of ours counts: anybody can write the others."""
    found = failures(message)
    if target.kind != "bounce":
        return found
    with db.transaction() as session:
        mail = session.get(OutgoingMail, target.number)
        if mail is None or mail.status != "sent":
            return found
        permanent = all(one.permanent for one in found) if found else not _DELAYED.search(_said(message))
        mail.error = "; ".join(one.words for one in found)[:400] or "it came back"
        if permanent:
            mail.status = "bounced"
        if mail.person_id is not None:
            _count(mail.person_id, permanent=permanent)
    return found


def _count(person_id: int, *, permanent: bool) -> None:
    mine, now = choices.of(person_id), clock.now()
    # Several on one day are one: a server that is down for an hour is not so many failures.
    if mine.bounced_at is None or (now - mine.bounced_at).total_seconds() > 6 * 3600:
        mine.bounces, mine.bounced_at = mine.bounces + (2 if permanent else 1), now
    person = people.by_id(person_id)
    if mine.bounces >= (PERMANENT_THRESHOLD * 2 if permanent else THRESHOLD) and mine.stopped_at is None and person is not None:
        mine.stopped_at = now
        suppress(person.email or "", "mail came back")
        log.warning("mail.stopped", person_id=person_id)


def suppress(address: str, reason: str) -> None:
    """Send nothing to an address any more."""
    if address:
        with db.transaction() as session:
            values = {"address": addresses.kept(address)[:320], "reason": reason[:400], "created_at": clock.now()}
            session.execute(db.insert_missing(Suppressed), [values])


def failures(message: Message) -> list[Failure]:
    """The addresses a bounce is about: from its report, else from its words."""
    found = {one.address: one for part in _reports(message) for one in _reported(part)}
    if not found:
        found = {one.address: one for one in _from_words(message)}
    return list(found.values())


def _reports(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number > bodies.MAX_PARTS:
            return
        if part.get_content_type() == "message/delivery-status" and isinstance(part.get_payload(), list):
            yield part


def _reported(part: Message) -> Iterator[Failure]:
    payload = part.get_payload()
    for block in payload if isinstance(payload, list) else []:
        if not isinstance(block, Message):
            continue
        action = str(block.get("action", "")).lower().strip()
        address = str(block.get("original-recipient") or block.get("final-recipient") or "").rpartition(";")[2].strip(" <>")
        if action in {"failed", "delayed", ""} and _ADDRESS.fullmatch(address):
            status = _STATUS.search(str(block.get("status", "")))
            permanent = action != "delayed" and (status is None or status[1] != "4")
            yield Failure(addresses.kept(address), permanent, str(block.get("diagnostic-code", ""))[:200].replace("\n", " "))


def _from_words(message: Message) -> Iterator[Failure]:
    said = _said(message)
    failed = message.get("x-failed-recipients")
    permanent = not _DELAYED.search(said[:4000])
    for address in _ADDRESS.findall(str(failed) if failed else _above_original(said))[:10]:
        if not re.match(r"(?i)(?:postmaster|mailer-daemon|abuse|help|support)@", address):
            yield Failure(addresses.kept(address), permanent)


def _said(message: Message) -> str:
    try:
        return bodies.body(message).text[:MAX_TEXT]
    except (RecursionError, ValueError, TypeError, AttributeError, LookupError, AssertionError):
        return ""


def _above_original(text: str) -> str:
    """The words of the server, without the mail it sends back."""
    return re.split(
        r"(?im)^\W*(?:received:|return-path:|-+.{0,40}(?:original|copy|returned|unsent|below).{0,60}|message header follows|message-id:)",
        text,
    )[0]
