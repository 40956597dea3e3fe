"""Mail out: one row per person and thing, written and checked anew when it is sent, in order, retried with back-off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import delete

from alliance.core import clock, db, i18n, locks, settings, transports
from alliance.core.mail import Draft, PermanentFailure, TemporaryFailure, compose
from alliance.mailing import queries, writing
from alliance.mailing.models import OutgoingMail, Unsubscription

log = structlog.get_logger(__name__)
BATCH = 50
FIRST_DELAY = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=3)


def ask(person_id: int, key: str, kind: str, post_id: int | None = None) -> None:
    """Have a mail sent (inside a transaction); asking twice under one key sends one."""
    if not queries.known_mail(person_id, key):
        now = clock.now()
        db.session().add(
            OutgoingMail(
                person_id=person_id, key=key, kind=kind, post_id=post_id, status="waiting", attempts=0, next_at=now, created_at=now
            )
        )


def send_due() -> int:
    """Send what is due; returns how many left. One process at a time does it.

    A crash between handing a mail over and noting it sends that one mail again, under the same Message-ID.
    """
    sent = 0
    with locks.exclusive("mail") as mine:
        if not mine:
            return 0
        while batch := queries.due(clock.now(), BATCH):
            with transports.connect(settings.current()) as transport:
                sent += sum(_send(mail_id, transport) for mail_id in batch)
    return sent


def _send(mail_id: int, transport: transports.Transport) -> bool:
    """Send one mail; whatever becomes of it is noted before the next."""
    mail = db.session().get_one(OutgoingMail, mail_id)
    try:
        with i18n.use_locale(mail.person.interface_language):
            draft = writing.draft(mail)
        if draft is None:
            _note(mail_id, lambda row: _close(row, "dropped"))
            return False
        _hand_over(draft, transport)
    except TemporaryFailure as error:
        problem = str(error)
        _note(mail_id, lambda row: _later(row, problem))
    except PermanentFailure as error:
        problem = str(error)
        _note(mail_id, lambda row: _close(row, "failed", problem))
    else:
        _note(mail_id, lambda row: _close(row, "sent"))
        return True
    return False


def _hand_over(draft: Draft, transport: transports.Transport) -> None:
    message = compose(draft, settings.current())
    db.release()  # no transaction stays open while the network answers
    transport.send(message)


def _note(mail_id: int, change: Callable[[OutgoingMail], None]) -> None:
    with db.transaction() as session:
        change(session.get_one(OutgoingMail, mail_id))


def _close(row: OutgoingMail, status: str, problem: str = "") -> None:
    row.status, row.error, row.next_at = status, problem, None
    row.attempts += 1
    row.sent_at = clock.now() if status == "sent" else None
    if status == "failed":
        log.warning("mail.failed", mail_id=row.id, error=problem)


def _later(row: OutgoingMail, problem: str) -> None:
    """Try again after 1, 4, 16 … minutes (at most six hours apart), for three days."""
    row.attempts += 1
    row.error = problem
    row.next_at = clock.now() + min(FIRST_DELAY * 4 ** (row.attempts - 1), timedelta(hours=6))
    if clock.now() - row.created_at > GIVE_UP_AFTER:
        _close(row, "failed", problem)


def unsubscribe(person_id: int, list_name: str) -> None:
    """Send a person no more mail of a list."""
    with db.transaction() as session:
        if not queries.unsubscribed(person_id, [list_name]):
            session.add(Unsubscription(person_id=person_id, list_name=list_name, created_at=clock.now()))


def subscribe(person_id: int, list_name: str) -> None:
    """Send a person mail of a list again."""
    with db.transaction() as session:
        session.execute(delete(Unsubscription).where(Unsubscription.person_id == person_id, Unsubscription.list_name == list_name))
