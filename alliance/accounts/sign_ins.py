"""Sign-ins: begun, and ended one by one (signing out) or all at once (a new password, suspension)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete

from alliance import events
from alliance.accounts.models import Person, SignIn
from alliance.core import clock, db, outbox

# Longer than any cookie is kept: what is older was forgotten by its browser and never ended.
FORGOTTEN = timedelta(days=400)
_KEY_BYTES = 15


def begin(person: Person) -> str:
    """A new sign-in of a person; the key its cookies carry."""
    key = secrets.token_urlsafe(_KEY_BYTES)
    with db.transaction() as session:
        session.execute(delete(SignIn).where(SignIn.person_id == person.id, SignIn.begun_at < clock.now() - FORGOTTEN))
        session.add(SignIn(person_id=person.id, key=key, begun_at=clock.now()))
    return key


def end(person_id: int, key: str) -> None:
    """End one sign-in of a person, and the sockets it opened."""
    with db.transaction() as session:
        session.execute(delete(SignIn).where(SignIn.person_id == person_id, SignIn.key == key))
        outbox.publish(events.PersonSignedOut(person_id))


def end_all(person: Person) -> None:
    """Inside a transaction: end every sign-in of a person, and links given out before."""
    person.epoch += 1
    db.session().execute(delete(SignIn).where(SignIn.person_id == person.id))
    outbox.publish(events.PersonSignedOut(person.id))
