"""Sign-ins: begun, and ended one by one (signing out) or all at once (a new password, suspension)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from alliance import events
from alliance.accounts import history, origins
from alliance.accounts.models import Person, SignIn
from alliance.core import clock, db, outbox
from alliance.core.errors import NotFound
from alliance.core.shelves import Shelf
from alliance.policy import Actor, visible

# Longer than any cookie is kept: what is older was forgotten by its browser and never ended.
FORGOTTEN = timedelta(days=400)
_KEY_BYTES = 15
USE_NOTED = timedelta(hours=1)
_noted: Shelf[datetime] = Shelf(20_000, lambda _moment: 1)


def begin(person: Person) -> str:
    """A new sign-in of a person; the key its cookies carry."""
    key, now, origin = secrets.token_urlsafe(_KEY_BYTES), clock.now(), origins.present()
    with db.transaction() as session:
        session.execute(delete(SignIn).where(SignIn.person_id == person.id, SignIn.begun_at < now - FORGOTTEN))
        place = {"address": origin.address or None, "device": origin.device}
        session.add(SignIn(person_id=person.id, key=key, begun_at=now, seen_at=now, **place))
        history.note(person.id, "signed_in")
    _noted.put(key, now)
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


def note_use(key: str) -> None:
    """Note that a sign-in is used, at most once an hour (reading must not write every time)."""
    now, last = clock.now(), _noted.get(key)
    if last is not None and now - last < USE_NOTED:
        return
    _noted.put(key, now)
    origin = origins.present()
    stale = or_(SignIn.seen_at.is_(None), SignIn.seen_at < now - USE_NOTED)
    with db.transaction(brief=True) as session:
        used = update(SignIn).where(SignIn.key == key, stale)
        session.execute(used.values(seen_at=now, address=origin.address or None, device=origin.device))


def of(actor: Actor) -> list[SignIn]:
    """One's own sign-ins, the last used first."""
    used = SignIn.seen_at.desc().nulls_last()
    return list(db.session().scalars(select(SignIn).where(visible(actor, SignIn)).order_by(used, SignIn.id.desc())))


def end_one(actor: Actor, sign_in_id: int) -> None:
    """End one of one's own sign-ins.

    Raises:
        NotFound: it is not one's own, or has ended.
    """
    with db.transaction() as session:
        found = session.scalar(select(SignIn).where(SignIn.id == sign_in_id, visible(actor, SignIn)))
        if found is None:
            raise NotFound
        session.delete(found)
        history.note(found.person_id, "session_ended")
        outbox.publish(events.PersonSignedOut(found.person_id))


def end_others(actor: Actor, key: str) -> None:
    """End all of one's own sign-ins but one."""
    with db.transaction():
        if actor.person_id is not None:
            end_but(actor.person_id, key)
            history.note(actor.person_id, "others_ended")


def end_but(person_id: int, key: str) -> None:
    """Inside a transaction: end the sign-ins of a person but one."""
    db.session().execute(delete(SignIn).where(SignIn.person_id == person_id, SignIn.key != key))
    outbox.publish(events.PersonSignedOut(person_id))
