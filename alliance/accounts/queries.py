"""Finding people and tokens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, false, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import joinedload

from alliance.accounts.models import ApiToken, Person, RetiredHandle, SignIn
from alliance.core import addresses, clock, cursors, db
from alliance.core.errors import NotFound
from alliance.core.own import OwnVersion
from alliance.core.prepared import ANYBODY, Prepared, value, written
from alliance.core.tokens import digest_of
from alliance.policy import Actor, visible
from alliance.web.actors import Face


def by_email(email: str) -> Person | None:
    """The account of an address, confirmed or not."""
    return db.session().scalar(select(Person).where(Person.email == addresses.kept(email)))


def by_id(person_id: int | None) -> Person | None:
    """A person, for the system's own use."""
    return db.session().get(Person, person_id) if person_id is not None else None


def of_epoch(person_id: int, epoch: int) -> Person | None:
    """The person of a link that was given out in an epoch, None when the epoch is another one by now."""
    person = by_id(person_id)
    return person if person is not None and person.epoch == epoch else None


def signed_in(person_id: int, key: str) -> Face | None:
    """The person of a sign-in that has not ended."""
    found = _SIGNED_IN.rows(None, person_id, key=key, now=written(clock.now()))
    said = [*found[0][:7], *map(bool, found[0][7:11]), key, found[0][11]] if found else []
    return Face(*said) if said else None


def _sign_in(_kind: None) -> Select[*tuple[Any, ...]]:
    now = value("now", db.UtcDateTime())
    suspended = and_(Person.suspended_at.is_not(None), func.coalesce(Person.suspended_until > now, true()))
    silenced = func.coalesce(Person.silenced_until > now, false())
    known = select(
        *_FACE, Person.confirmed_at.is_not(None), suspended, silenced, Person.two_step_at.is_not(None), func.coalesce(OwnVersion.version, 0)
    )
    known = known.join(SignIn, SignIn.person_id == Person.id).outerjoin(OwnVersion, OwnVersion.id == Person.id)
    return known.where(SignIn.key == value("key", String()), Person.id == ANYBODY)


_FACE = (Person.id, Person.name, Person.handle, Person.interface_language, Person.reading_order, Person.role, Person.epoch)
_SIGNED_IN = Prepared(_sign_in)


def face_of(person: Person) -> Face:
    """What every page needs to know of a person."""
    return Face(
        person.id, person.name, person.handle, person.interface_language, person.reading_order, person.role, person.epoch,
        person.confirmed_at is not None, person.suspended, person.silenced, person.two_step_at is not None,
    )  # fmt: skip


def get_person(actor: Actor, handle: str) -> Person:
    """A person as the actor may see them.

    Raises:
        NotFound: none such.
    """
    person = db.session().scalar(select(Person).where(Person.handle == handle, visible(actor, Person)))
    if person is None:
        raise NotFound
    return person


def called(begun: str) -> ColumnElement[bool]:
    """People whose handle, or a word of whose name, begins like this (in lower case)."""
    name = func.lower(Person.name)
    starts = (
        Person.handle.startswith(begun, autoescape=True),
        name.startswith(begun, autoescape=True),
        name.contains(f" {begun}", autoescape=True),
    )
    return or_(*starts)


def by_name(query: Select[Person], after: str | None, limit: int) -> tuple[list[Person], str | None]:
    """People in the order of their names, so many from behind a cursor on, and the cursor of the rest.

    Raises:
        Invalid: at `after`.
    """
    if after:
        key, last = cursors.decode(after, (str, int))
        query = query.where(tuple_(Person.name_key, Person.id) > tuple_(literal(key, db.BinaryText), literal(last)))
    rows = list(db.session().scalars(query.order_by(Person.name_key, Person.id).limit(limit + 1)))
    following = cursors.encode(rows[limit - 1].name_key, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


def claimant(actor: Actor, handle: str) -> str:
    """The handle of the person who was found to be an author of archives.

    Raises:
        NotFound: there is no such author, or nobody was.
    """
    author = select(Person.claimed_by_id).where(Person.handle == handle, Person.participant.is_not(None)).scalar_subquery()
    found = db.session().scalar(select(Person.handle).where(Person.id == author, visible(actor, Person)))
    if found is None:
        raise NotFound
    return found


def handle_taken(skeleton: str) -> bool:
    """Whether somebody has a handle of this skeleton, or had it until they closed their account."""
    session, retired = db.session(), RetiredHandle.skeleton_hash == digest_of(skeleton)
    has = session.scalar(select(Person.id).where(Person.handle_skeleton == skeleton)) is not None
    return has or session.scalar(select(RetiredHandle.id).where(retired)) is not None


def address_taken(email: str | None, archive_email: str | None) -> bool:
    """Whether somebody has this address (or wrote from it, in an archive)."""
    known = or_(Person.email == email if email else false(), Person.archive_email == archive_email if archive_email else false())
    return db.session().scalar(select(Person.id).where(known)) is not None


def _works(now: Any) -> ColumnElement[bool]:
    """Whether a token has not ended by a moment."""
    return and_(ApiToken.revoked_at.is_(None), or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now))


_LIVE = select(ApiToken).where(ApiToken.token_hash == bindparam("digest"), _works(bindparam("now")))
_LIVE = _LIVE.options(joinedload(ApiToken.person, innerjoin=True))


def live_token(secret: str) -> ApiToken | None:
    """The API token with this secret, unless it has ended, and its person."""
    return db.session().scalar(_LIVE, {"digest": digest_of(secret), "now": clock.now()})


def tokens(actor: Actor) -> list[ApiToken]:
    """One's own live tokens, newest first."""
    query = select(ApiToken).where(visible(actor, ApiToken), _works(clock.now()))
    return list(db.session().scalars(query.order_by(ApiToken.id.desc())))
