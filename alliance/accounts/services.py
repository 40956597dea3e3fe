"""Registering, signing in, passwords, profiles, tokens. Answers never tell whether an address has an account."""

from __future__ import annotations

from sqlalchemy import select

from alliance import events
from alliance.accounts import handles, history, passwords, profiles, queries, standing
from alliance.accounts.models import Person
from alliance.accounts.profiles import MAX_NAME as MAX_NAME
from alliance.accounts.profiles import Profile as Profile
from alliance.accounts.profiles import checked_address as checked_address
from alliance.accounts.sign_ins import end_all as end_sessions
from alliance.accounts.tokens import MAX_DAYS as MAX_DAYS
from alliance.accounts.tokens import create_token as create_token
from alliance.accounts.tokens import end_tokens as end_tokens
from alliance.accounts.tokens import note_use as note_use
from alliance.accounts.tokens import revoke_token as revoke_token
from alliance.core import clock, db, outbox, settings, vocabulary
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.tokens import opened, sign
from alliance.policy import Actor, require

CONFIRM_SECONDS = 7 * 24 * 3600
RESET_SECONDS = 2 * 3600


def register(email: str, password: str, profile: Profile) -> None:
    """Ask for an account: a mail with a link goes to the address, whatever is behind it.

    An address with a confirmed account gets a mail saying so. One that was never confirmed is taken over by the newer
    request; the link of the older one no longer works, and either link also asks for the password chosen with it.

    Raises:
        Invalid: by field.
    """
    address = checked_address(email)
    passwords.check_new(password, address, profile.name)
    hashed = passwords.make(password)
    with db.transaction() as session:
        person = queries.by_email(address) or _settled(Person(email=address, created_at=clock.now(), epoch=0), profile)
        session.refresh(person, with_for_update=True)  # nobody confirms it between this look and the new password
        if person.confirmed_at is not None:
            outbox.publish(events.RegistrationRepeated(person.id))
            return
        person.password_hash = hashed
        person.epoch += 1
        profiles.put(person, profile)
        session.flush()
        outbox.publish(events.PersonRegistered(person.id))
        outbox.publish(events.ConfirmationRequested(person.id))


def _settled(person: Person, profile: Profile) -> Person:
    """A person written with a handle; when somebody registers the same address at this moment, the one they wrote."""
    profiles.put(person, profile)
    address = person.email or ""
    return person if handles.settle(person) else db.session().scalars(select(Person).where(Person.email == address)).one()


def create(
    email: str, password: str | None, profile: Profile, *, role: str = "participant", confirmed: bool = True, handle: str | None = None
) -> Person:
    """Make an account directly (command line, demonstration content).

    Raises:
        Invalid: by field; the address has an account already.
    """
    address = checked_address(email)
    if role not in vocabulary.ROLES:
        raise Invalid.field("role", _("Choose a role from the list."))
    if password is not None:
        passwords.check_new(password, address, profile.name)
    with db.transaction():
        if queries.by_email(address) is not None:
            raise Invalid.field("email", _("This address has an account already."))
        person = Person(email=address, role=role, created_at=clock.now(), epoch=0)
        person.confirmed_at = clock.now() if confirmed else None
        person.password_hash = passwords.make(password) if password else None
        profiles.put(person, profile)
        if not handles.settle(person, handle):
            raise Invalid.field("email", _("This address has an account already."))
        outbox.publish(events.PersonRegistered(person.id))
    return person


def adopt(email: str, profile: Profile) -> Person:
    """Inside a transaction: the account of an address that somebody vouches for, without a password; one never confirmed is taken over.

    Raises:
        Invalid: by field; the address has an account already.
    """
    address, taken = checked_address(email), Invalid.field("", _("This address has an account already."))
    known = queries.by_email(address)
    person = known or Person(email=address, created_at=clock.now(), epoch=0)
    if known is not None:
        db.session().refresh(known, with_for_update=True)  # nobody registers it anew between this look and the end
    if person.confirmed_at is not None:
        raise taken
    person.password_hash, person.confirmed_at, person.epoch = None, clock.now(), person.epoch + 1
    profiles.put(person, profile)
    if known is None and not handles.settle(person):
        raise taken
    outbox.publish(events.PersonRegistered(person.id))
    outbox.publish(events.PersonChanged(person.id))
    return person


def confirmation_link(person: Person) -> str:
    """Where a person confirms their address (made when the mail is sent)."""
    return f"{settings.current().base_url}/confirm/{sign('confirm', [person.id, person.email, person.epoch])}"


def reset_link(person: Person) -> str:
    """Where a person chooses a new password; works once, for two hours."""
    return f"{settings.current().base_url}/reset-password/{sign('reset', [person.id, person.epoch])}"


def confirm(token: str, password: str) -> Person:
    """Confirm an address: by its link and the password chosen with it.

    Raises:
        NotFound: the link is wrong, old, or replaced by a newer one.
        Invalid: the password is not the one chosen.
    """
    person = person_of_confirmation(token)
    chosen = person.password_hash
    if not passwords.fits(password, chosen):
        raise Invalid.field("password", _("This is not the password chosen when registering."))
    with db.transaction() as session:
        session.refresh(person, with_for_update=True)
        if person_of_confirmation(token).password_hash != chosen:  # somebody chose another meanwhile
            raise NotFound
        if person.confirmed_at is None:
            person.confirmed_at = clock.now()
            outbox.publish(events.PersonChanged(person.id))
        _note_proof(person)
    return person


def _note_proof(person: Person) -> None:
    """Inside a transaction: a link was used that went to the address by mail and nowhere else."""
    if person.proven_at is None:
        person.proven_at = clock.now()
        outbox.publish(events.AddressProven(person.id))


def person_of_confirmation(token: str) -> Person:
    """Whose confirmation link this is.

    Raises:
        NotFound: the link is wrong, old, or replaced by a newer one.
    """
    person_id, email, epoch = opened("confirm", token, CONFIRM_SECONDS, 3)
    person = queries.by_id(person_id)
    if person is None or person.email != email or (person.confirmed_at is None and person.epoch != epoch):
        raise NotFound
    return person


def authenticate(email: str, password: str) -> Person | None:
    """The person with this address and password; None when either is wrong or the account is not usable.

    A right password for an address not confirmed yet sends the link again.
    """
    person = queries.by_email(email)
    known = person.password_hash if person else None
    if not passwords.fits(password, known) or person is None:
        with db.transaction():  # for an address without an account too: it takes as long
            history.note(person.id if person else None, "failed")
        return None
    with db.transaction() as session:
        session.refresh(person, with_for_update=True)
        if person.password_hash != known:  # it was changed while it was looked at
            return None
        if person.confirmed_at is None:
            outbox.publish(events.ConfirmationRequested(person.id))
        elif passwords.outdated(person.password_hash or ""):
            person.password_hash = passwords.make(password)
    return person


def request_reset(email: str) -> None:
    """Have a link to choose a new password sent, if the address has an account; the answer is the same if not."""
    person = queries.by_email(email)
    with db.transaction():
        if person is not None:
            outbox.publish(events.PasswordResetRequested(person.id) if person.confirmed_at else events.ConfirmationRequested(person.id))


def person_of_reset(token: str) -> Person:
    """Whose reset link this is.

    Raises:
        NotFound: the link is wrong, used, or older than two hours.
    """
    person = queries.of_epoch(*opened("reset", token, RESET_SECONDS, 2))
    if person is None:
        raise NotFound
    return person


def reset_password(token: str, password: str) -> Person:
    """Choose a new password by link; every session, link and API token from before ends.

    Raises:
        NotFound: as `person_of_reset`.
        Invalid: at `password`.
    """
    hashed = _checked_hash(person_of_reset(token), password)
    with db.transaction():
        person = person_of_reset(token)
        _set_password(person, hashed, "password_reset")
        _note_proof(person)
        end_tokens(person)
    return person


def change_password(actor: Actor, person: Person, current: str, new: str) -> None:
    """Choose a new password knowing the present one; every other session ends (API tokens go on: they are ended one by one).

    Raises:
        Invalid: at `current` or `password`.
    """
    passwords.confirm(actor, person, current, "current")
    hashed = _checked_hash(person, new)
    with db.transaction():
        _set_password(person, hashed, "password_changed")


def _checked_hash(person: Person, password: str) -> str:
    """The hash of an acceptable password; slow, so made before the transaction."""
    passwords.check_new(password, person.email or "", person.name)
    return passwords.make(password)


def _set_password(person: Person, hashed: str, how: str) -> None:
    person.password_hash = hashed
    end_sessions(person)
    history.note(person.id, how)
    outbox.publish(events.AccountAltered(person.id, "password"))


def change_profile(actor: Actor, person: Person, profile: Profile) -> None:
    """Change what a person says about themselves.

    Raises:
        Invalid: by field.
    """
    with db.transaction():
        require(actor, "account.change", person)
        profiles.put(person, profile)
        outbox.publish(events.PersonChanged(person.id))


def suspend(actor: Actor, person: Person, suspended: bool) -> None:
    """End (or give back) a person's right to act; every session from before ends."""
    with db.transaction():
        require(actor, "account.administer", person)
        standing.suspend(person) if suspended else standing.restore(person)
