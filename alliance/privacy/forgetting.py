"""What has had its time, removed once a night: registrations never confirmed, tokens that ended, sessions no cookie remembers.

Others forget what is theirs: addresses (`accounts/history.py`), drafts (`drafts/services.py`), files nobody published
(`attachments/cleaning.py`), archives (`services.py`).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.exc import IntegrityError

from alliance.accounts.models import ApiToken, Person, SignIn
from alliance.accounts.sign_ins import FORGOTTEN
from alliance.core import clock, db, jobs, settings
from alliance.mailing.models import OutgoingMail
from alliance.privacy.tables import TABLES

ENDED = timedelta(days=30)
BATCH = 500


@jobs.periodic("4 4 * * *")
def forget() -> int:
    """Once a night; returns how many registrations went."""
    now = clock.now()
    with db.transaction() as session:
        over = or_(ApiToken.revoked_at <= now - ENDED, ApiToken.expires_at <= now - ENDED)
        session.execute(delete(ApiToken).where(over))
        session.execute(delete(SignIn).where(SignIn.begun_at < now - FORGOTTEN))
    return _registrations()


def _registrations() -> int:
    """Those whose address was never confirmed, nor asked to be of late: with the address everything that came with it goes."""
    before = clock.now() - timedelta(days=settings.current().unconfirmed_days)
    asked = exists().where(OutgoingMail.person_id == Person.id, OutgoingMail.kind == "confirm", OutgoingMail.created_at >= before)
    old = Person.claimed.is_(True), Person.confirmed_at.is_(None), Person.email.is_not(None), Person.created_at < before, ~asked
    query, last, gone = select(Person.id).where(*old).order_by(Person.id).limit(BATCH), 0, 0
    while found := db.session().scalars(query.where(Person.id > last)).all():
        gone += sum(_remove(person_id) for person_id in found)
        last = found[-1]
    return gone


def _remove(person_id: int) -> bool:
    """Whether it could go: not when something public is of this person after all."""
    try:
        with db.transaction() as session:
            if session.scalar(select(Person.id).where(Person.id == person_id, Person.confirmed_at.is_(None)).with_for_update()) is None:
                return False
            for name, one in TABLES.items():
                if one.closing == "goes":
                    table = db.Base.metadata.tables[name]
                    session.execute(delete(table).where(or_(*(table.c[column] == person_id for column in one.own))))
            session.execute(delete(Person).where(Person.id == person_id))
    except IntegrityError:
        db.release()
        return False
    return True
