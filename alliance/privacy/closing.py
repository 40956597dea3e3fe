"""Closing an account: asked for, undone within two weeks, then done in one transaction; what is left of the name elsewhere goes after it.

The account is emptied as a whole or not at all, with the event that says so; its listener takes the name out of what others wrote, ends
memberships and gives statements to their organizations, and begins again from the start when it is killed. What every table has of the
person, and what becomes of it, stands in `tables.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, false, func, or_, select, update

from alliance import events
from alliance.accounts import history, passwords, sign_ins, tokens, two_step
from alliance.accounts.models import Person, RetiredHandle
from alliance.core import clock, db, jobs, nameless, outbox
from alliance.core.errors import Conflict
from alliance.core.i18n import gettext as _
from alliance.core.tokens import digest_of
from alliance.digests import departing
from alliance.discussions import parting
from alliance.groups import belonging
from alliance.groups.models import Invitation
from alliance.mailing.models import IncomingMail, OutgoingMail, Suppressed
from alliance.moderation.models import ReviewItem
from alliance.policy import Actor, require
from alliance.privacy import services
from alliance.privacy.tables import TABLES, TODAY

WAIT = timedelta(days=14)


def ask(actor: Actor, person: Person, password: str, code: str = "") -> None:
    """Have one's account closed in two weeks. Every session and every API token ends now.

    Raises:
        Refused: it is somebody else's account.
        Invalid: at `password` or `code`.
        Conflict: it is to be closed already, or nobody would be left who administers.
    """
    passwords.confirm(actor, person, password)
    if person.two_step_at is not None:
        two_step.check(person, code)
    begin(person)


def begin(person: Person) -> None:
    """Have an account closed in two weeks (for whoever has made sure that it may).

    Raises:
        Conflict: it is to be closed already, or nobody would be left who administers.
    """
    with db.transaction() as session:
        session.refresh(person, with_for_update=True)
        if person.closing_at is not None:
            raise Conflict(_("Your account is to be closed already."))
        _check_somebody_administers(person)
        person.closing_at = clock.now() + WAIT
        sign_ins.end_all(person)
        tokens.end_tokens(person)
        history.note(person.id, "closing_asked")
        outbox.publish(events.AccountAltered(person.id, "closing"))


def _check_somebody_administers(person: Person) -> None:
    others = select(Person.id).where(
        Person.role == "secretariat", Person.id != person.id, Person.closing_at.is_(None), Person.suspended_at.is_(None)
    )
    if person.role == "secretariat" and db.session().scalar(others.limit(1)) is None:
        raise Conflict(_("Nobody else is in the secretariat: have somebody else appointed first."))


def keep(actor: Actor, person: Person) -> None:
    """Keep an account that was to be closed.

    Raises:
        Refused: it is somebody else's.
    """
    with db.transaction() as session:
        require(actor, "account.change", person)
        session.refresh(person, with_for_update=True)
        if person.closing_at is not None:
            person.closing_at = None
            history.note(person.id, "closing_undone")


@jobs.periodic("9 * * * *")
def close_due() -> None:
    """Once an hour: close what was to be closed by now."""
    for person_id in db.session().scalars(select(Person.id).where(Person.closing_at <= clock.now()).order_by(Person.id)).all():
        close(person_id)


def close(person_id: int, *, at_once: bool = False) -> bool:
    """Empty an account, whose time has come or `at_once`; whether it was this call that did. What follows is `clear`'s."""
    with db.transaction() as session:
        person = session.get(Person, person_id, with_for_update=True, populate_existing=True)
        due = person is not None and (at_once or (person.closing_at is not None and person.closing_at <= clock.now()))
        if person is None or person.participant is not None or not due:
            return False
        session.add(RetiredHandle(person_id=person_id, skeleton_hash=digest_of(person.handle_skeleton), handle=person.handle))
        _forget_address(person.id, person.email)
        _forget_in_mails(person.name)
        _empty_tables(person_id)
        _empty_person(person)
        for author in session.scalars(select(Person).where(Person.claimed_by_id == person_id, Person.participant.is_not(None))).all():
            _empty_person(author)  # of archives, who was found to be this person
        for event in (events.PersonSignedOut, events.TokenRevoked, events.PersonChanged, events.AccountClosed):
            outbox.publish(event(person_id))
    return True


def _empty_tables(person_id: int) -> None:
    session = db.session()
    for name, one in TABLES.items():
        table = db.Base.metadata.tables[name]
        theirs = or_(false(), *(table.c[column] == person_id for column in one.own))
        if one.closing == "goes":
            session.execute(delete(table).where(theirs))
        elif one.closing == "emptied" and name != "people":
            session.execute(update(table).where(theirs).values(_written(one.emptied)))
    claimed = update(ReviewItem).where(ReviewItem.claimed_by_id == person_id)
    session.execute(claimed.values(claimed_by_id=None, claimed_until=None))


def _empty_person(person: Person) -> None:
    """Through the session, so that pages kept with the name are made anew."""
    person.handle = nameless.former(person.id)
    for column, value in _written(TABLES["people"].emptied).items():
        setattr(person, column, value)
    person.epoch += 1


def _written(values: dict[str, Any]) -> dict[str, Any]:
    return {column: clock.now().date() if value is TODAY else value for column, value in values.items()}


def _forget_address(person_id: int, address: str | None) -> None:
    """What is known by the address alone."""
    if not address:
        return
    session = db.session()
    session.execute(delete(OutgoingMail).where(or_(OutgoingMail.person_id == person_id, OutgoingMail.address == address)))
    session.execute(delete(Suppressed).where(Suppressed.address == address))
    session.execute(delete(Invitation).where(func.lower(Invitation.email) == address))
    session.execute(
        update(IncomingMail).where(func.lower(IncomingMail.sender) == address).values(_written(TABLES["incoming_mail"].emptied))
    )


def _forget_in_mails(name: str) -> None:
    """What others quoted in their mails, which is to be unfolded below their posts, begins with who was quoted."""
    if len(name) > 3:
        other = func.replace(IncomingMail.cut, name, nameless.FORMER)
        db.session().execute(update(IncomingMail).where(IncomingMail.cut.contains(name, autoescape=True)).values(cut=other))


def clear(person_id: int) -> None:
    """After an account was emptied: memberships, quotations, mentions, statements, archives. Killed half-way it begins again."""
    belonging.forget(person_id)
    parting.unname_quotations(person_id)
    retired = db.session().scalar(select(RetiredHandle).where(RetiredHandle.person_id == person_id))
    if retired is not None and retired.handle is not None:
        parting.unlink_mentions(retired.handle)
        departing.leave_drafts(retired.handle)
    parting.give_statements(person_id)
    services.sweep()
    with db.transaction() as session:
        session.execute(update(RetiredHandle).where(RetiredHandle.person_id == person_id).values(handle=None))
