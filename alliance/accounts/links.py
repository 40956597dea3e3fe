"""Accounts elsewhere that sign in to accounts here: linked by whoever is signed in, or with a new account; never by an address alone."""

from __future__ import annotations

from sqlalchemy import select, update

from alliance import events
from alliance.accounts import history, passwords, queries, services, sign_ins
from alliance.accounts.models import LinkedIdentity, Person
from alliance.accounts.oidc import Identity
from alliance.core import clock, db, outbox
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.policy import Actor, require, visible


def of(actor: Actor) -> list[LinkedIdentity]:
    """One's own, the oldest first."""
    return list(db.session().scalars(select(LinkedIdentity).where(visible(actor, LinkedIdentity)).order_by(LinkedIdentity.id)))


def person_of(found: Identity) -> Person | None:
    """Whom an account elsewhere signs in, and that it does now."""
    this = (LinkedIdentity.issuer == found.issuer) & (LinkedIdentity.subject == found.subject)
    with db.transaction() as session:
        used = update(LinkedIdentity).where(this).values(last_used_at=clock.now()).returning(LinkedIdentity.person_id)
        person = queries.by_id(session.scalar(used))
        if person is not None:
            history.note(person.id, "linked_used")
    return person


def has_any(person: Person) -> bool:
    """Whether an account elsewhere signs in to a person's."""
    return db.session().scalar(select(LinkedIdentity.id).where(LinkedIdentity.person_id == person.id).limit(1)) is not None


def usable(address: str) -> str:
    """An address as it is kept; "" for what is none."""
    try:
        return services.checked_address(address)
    except Invalid:
        return ""


def has_account(address: str) -> bool:
    """Whether an address has an account that was confirmed."""
    person = queries.by_email(address)
    return person is not None and person.confirmed_at is not None


def link(actor: Actor, person: Person, found: Identity) -> None:
    """Have an account elsewhere sign in to this one.

    Raises:
        Invalid: it signs in to another.
    """
    with db.transaction():
        require(actor, "account.change", person)
        _write(person, found)


def register(found: Identity, profile: services.Profile) -> Person:
    """A new account of whoever an issuer vouches for, linked to the account there.

    Raises:
        Invalid: by field; the address has an account, or the account elsewhere signs in to another.
    """
    with db.transaction():
        person = services.adopt(found.address, profile)
        db.session().flush()
        _write(person, found)
    return person


def _write(person: Person, found: Identity) -> None:
    row = {"person_id": person.id, "issuer": found.issuer, "subject": found.subject, "created_at": clock.now()}
    if db.session().scalar(db.insert_missing(LinkedIdentity).values(row).returning(LinkedIdentity.id)) is None:
        raise Invalid.field("", _("That account is linked already: to yours, or to somebody else's."))
    _tell(person, "linked")


def unlink(actor: Actor, person: Person, password: str, link_id: int, sign_in: str = "") -> None:
    """Have an account elsewhere sign in no more, and end every session but this one (whoever has that account may have begun it).

    It takes the password, so that nobody locks themselves out.

    Raises:
        Invalid: at `password`.
        NotFound: it is not one's own, or gone.
    """
    passwords.confirm(actor, person, password)
    with db.transaction() as session:
        held = session.scalar(select(LinkedIdentity).where(LinkedIdentity.id == link_id, visible(actor, LinkedIdentity)))
        if held is None:
            raise NotFound
        session.delete(held)
        sign_ins.end_but(person.id, sign_in)
        _tell(person, "unlinked")


def _tell(person: Person, kind: str) -> None:
    history.note(person.id, kind)
    outbox.publish(events.AccountAltered(person.id, "link"))
