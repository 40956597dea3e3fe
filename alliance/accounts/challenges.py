"""What keys are asked to sign: kept here, good once and for five minutes; and where they are good, which is told by the settings alone."""

from __future__ import annotations

import base64
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import and_, delete

from alliance.accounts.models import KeyChallenge
from alliance.core import clock, db, settings
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _

GOOD_FOR = timedelta(minutes=5)
ADD, ALONE, STEP = "add", "alone", "step"


def b64(data: bytes) -> str:
    """Bytes as browsers write them in what they say of keys."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """What `b64` made a text of.

    Raises:
        ValueError: it is none of those.
    """
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True, slots=True)
class Place:
    """Where keys are good: the name they are tied to, and the address pages have."""

    name: str
    origin: str


def place() -> Place | None:
    """That of this installation; None where browsers let no key be used: without TLS (but on localhost), or at a number instead of a name."""
    parts = urlsplit(settings.current().base_url)
    try:
        name, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except (UnicodeError, ValueError):
        return None
    if not name or _is_number(name) or (parts.scheme != "https" and name != "localhost"):
        return None
    usual = {"https": 443, "http": 80}[parts.scheme]
    return Place(name, f"{parts.scheme}://{name}" + (f":{port}" if port and port != usual else ""))


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Answer(NamedTuple):
    """What a key answered (JSON, as a browser sent it), and the challenge the browser was given last."""

    text: str
    challenge: str


def here() -> Place:
    """That of this installation.

    Raises:
        Conflict: keys cannot be used here.
    """
    found = place()
    if found is None:
        raise Conflict(_("Passkeys and security keys cannot be used here: browsers want an address with a name, and TLS."))
    return found


def make(purpose: str, person_id: int | None) -> str:
    """A new one; those whose time is over go."""
    challenge, now = b64(secrets.token_bytes(32)), clock.now()
    with db.transaction() as session:
        session.execute(delete(KeyChallenge).where(KeyChallenge.created_at < now - GOOD_FOR))
        session.add(KeyChallenge(challenge=challenge, purpose=purpose, person_id=person_id, created_at=now))
    return challenge


def take(purpose: str, challenge: str, person_id: int | None) -> bytes:
    """The challenge, which is good no more, whatever the answer to it is.

    Raises:
        Invalid: it was never asked, or is good no more.
    """
    whose = KeyChallenge.person_id.is_(None) if person_id is None else KeyChallenge.person_id == person_id
    this = and_(KeyChallenge.challenge == challenge, KeyChallenge.purpose == purpose, whose)
    with db.transaction() as session:
        taken = session.execute(delete(KeyChallenge).where(this, KeyChallenge.created_at >= clock.now() - GOOD_FOR))
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise Invalid.field("", _("That took too long, or was sent twice. Begin again."))
    return unb64(challenge)
