"""The door for those without a mail server of their own: a mailbox is looked into by IMAP; what has an outcome leaves the inbox.

A message is marked as seen only after its outcome is on record, so a crash brings it again, and its Message-ID says that it
was there.
"""

from __future__ import annotations

import imaplib
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import structlog

from alliance.core import db, jobs, settings
from alliance.core.errors import AllianceError
from alliance.mailing import incoming
from alliance.mailing.archive import MAX_MESSAGE

log = structlog.get_logger(__name__)
TIMEOUT = 30
MOST = 100


class MailboxAway(AllianceError):
    """The mailbox cannot be looked into; the argument says why."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where ALLIANCE_MAIL_IMAP_URL points."""

    host: str
    port: int
    secure: bool
    user: str
    password: str
    folder: str

    @classmethod
    def parse(cls, url: str) -> Box:
        """Read the URL."""
        parts = urlsplit(url)
        secure = parts.scheme == "imaps"
        folder = unquote(parts.path.strip("/")) or "INBOX"
        return cls(
            parts.hostname or "",
            parts.port or (993 if secure else 143),
            secure,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            folder,
        )


@jobs.periodic("* * * * *")
def look() -> None:
    """Fetch what is new, every minute, when a mailbox is set."""
    if settings.current().mail_imap_url:
        try:
            fetch(Box.parse(settings.current().mail_imap_url))
        except MailboxAway as error:
            log.warning("mail.imap_away", error=str(error))


def fetch(box: Box) -> int:
    """Deal with every unseen message; returns how many there were.

    Raises:
        MailboxAway: see there.
    """
    try:
        client = _open(box)
        try:
            return _fetch(client, box.folder)
        finally:
            client.logout()
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxAway(f"the mailbox cannot be looked into ({type(error).__name__}: {str(error)[:200]})") from error


def _open(box: Box) -> imaplib.IMAP4:
    if box.secure:
        client: imaplib.IMAP4 = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
    else:
        client = imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT)
    client.login(box.user, box.password)
    return client


def _fetch(client: imaplib.IMAP4, folder: str) -> int:
    client.select(f'"{folder}"')
    _status, found = client.uid("SEARCH", "UNSEEN")
    numbers = (found[0] or b"").split()[:MOST]
    for number in numbers:
        uid = number.decode()
        _status, parts = client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MAX_MESSAGE + 1}>)")
        raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
        if _dealt(raw):
            client.uid("STORE", uid, "+FLAGS", "(\\Seen)")
    return len(numbers)


def _dealt(raw: bytes) -> bool:
    """Whether a message has an outcome; one that has none stays unseen, and holds up no other."""
    try:
        if raw:
            incoming.receive(raw)
    except Exception:
        log.exception("mail.in_broken")
        return False
    finally:
        db.release()
    return True
