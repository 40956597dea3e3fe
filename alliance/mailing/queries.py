"""Finding what mail is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import db
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.mailing.models import ImportedMessage, IncomingMail, MailChoice, OutgoingMail, SpaceMail, Suppressed, Unsubscription
from alliance.policy import Actor, visible

CHUNK = 500


def imported_posts(space_id: int, keys: Sequence[str]) -> dict[str, int]:
    """The posts that messages of an archive became, by Message-ID."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), CHUNK):
        query = select(ImportedMessage.key, ImportedMessage.post_id)
        rows = db.session().execute(query.where(ImportedMessage.space_id == space_id, ImportedMessage.key.in_(keys[start : start + CHUNK])))
        found.update((key, post_id) for key, post_id in rows)
    return found


def archive_authors(addresses: Collection[str]) -> dict[str, Person]:
    """The people who wrote from addresses: the unclaimed, and those who proved to have one."""
    wrote = Person.archive_email.in_(addresses), and_(Person.email.in_(addresses), Person.proven_at.is_not(None))
    found = list(db.session().scalars(select(Person).where(or_(*wrote))))
    named = {person.email or "": person for person in found if person.proven_at is not None and person.email in addresses}
    return named | {person.archive_email or "": person for person in found if person.archive_email in addresses}


def unclaimed_author(address: str) -> Person | None:
    """Who wrote from an address in archives, and has not been found to be anybody."""
    query = select(Person).where(Person.archive_email == address, Person.claimed.is_(False), Person.claimed_by_id.is_(None))
    return db.session().scalar(query.with_for_update())


def claimed_author(person_id: int) -> Person | None:
    """The author of archives who was found to be a person (and is no more, if they have no `participant` number)."""
    return db.session().scalar(select(Person).where(Person.claimed_by_id == person_id).with_for_update())


def opening_post_id(discussion_id: int) -> int:
    """The first post of a discussion."""
    return db.session().execute(select(Post.id).where(Post.discussion_id == discussion_id, Post.number == 1)).scalar_one()


def due(now: datetime, limit: int) -> list[int]:
    """Mails to be sent by now, oldest first."""
    query = select(OutgoingMail.id).where(OutgoingMail.status == "waiting", OutgoingMail.next_at <= now)
    return list(db.session().scalars(query.order_by(OutgoingMail.next_at, OutgoingMail.id).limit(limit)))


def unsubscribed(person_id: int, lists: Sequence[str]) -> bool:
    """Whether a person wants no mail of any of these lists."""
    query = select(Unsubscription.id).where(Unsubscription.person_id == person_id, Unsubscription.list_name.in_(lists))
    return db.session().scalar(query.limit(1)) is not None


def due_since() -> datetime | None:
    """Since when the mail that has waited longest could have been sent."""
    return db.session().scalar(select(func.min(OutgoingMail.next_at)).where(OutgoingMail.status == "waiting"))


def failed_count() -> int:
    """How many mails were given up (doctor)."""
    return db.session().scalar(select(func.count(OutgoingMail.id)).where(OutgoingMail.status == "failed")) or 0


def discussion_of_list(person_id: int, name: str) -> Discussion | None:
    """The discussion a list of mails is about, if the person may see it."""
    kind, _, number = name.partition(":")
    person = db.session().get(Person, person_id)
    if kind != "discussion" or not number.isdigit() or person is None:
        return None
    actor = accounts.actor_of(person, "mail")
    return db.session().scalar(select(Discussion).where(Discussion.id == int(number), visible(actor, Discussion)))


def space_of_list(person_id: int, name: str) -> Space | None:
    """The space a list of mails is about, if the person may see it."""
    kind, _, number = name.partition(":")
    person = db.session().get(Person, person_id)
    if kind != "space" or not number.isdigit() or person is None:
        return None
    return db.session().scalar(select(Space).where(Space.id == int(number), visible(accounts.actor_of(person, "mail"), Space)))


def listed_spaces(actor: Actor) -> set[int]:
    """The spaces of which one gets every post."""
    return set(db.session().scalars(select(SpaceMail.space_id).where(SpaceMail.person_id == actor.person_id, SpaceMail.mode == "list")))


def stopped_discussions(actor: Actor) -> list[Discussion]:
    """The discussions one has stopped mails about."""
    names = db.session().scalars(select(Unsubscription.list_name).where(Unsubscription.person_id == actor.person_id))
    numbers = [int(name.removeprefix("discussion:")) for name in names if name.startswith("discussion:")]
    query = select(Discussion).where(Discussion.id.in_(numbers), visible(actor, Discussion))
    return list(db.session().scalars(query.order_by(Discussion.id.desc())))


def known_incoming(key: str, recipient: str) -> IncomingMail | None:
    """The record of a mail that came before to the same address."""
    query = select(IncomingMail).where(IncomingMail.key == key, IncomingMail.recipient == recipient[:320].lower())
    return db.session().scalar(query)


def choice(person_id: int) -> MailChoice | None:
    """What a person has chosen, None for the defaults."""
    return db.session().scalar(select(MailChoice).where(MailChoice.person_id == person_id))


def is_revoked(person_id: int, given_at: datetime | None) -> bool:
    """Whether a reply address was given out before its owner withdrew all of them."""
    mine = choice(person_id)
    return mine is not None and mine.revoked_at is not None and (given_at is None or given_at <= mine.revoked_at)


def is_suppressed(address: str) -> bool:
    """Whether nothing is to be sent to an address."""
    return db.session().scalar(select(Suppressed.id).where(Suppressed.address == address.lower())) is not None


def answers_since(address: str, since: datetime, status: str = "") -> int:
    """How many answers to mails went to an address (`status`: that told of this outcome)."""
    mine = [OutgoingMail.address == address[:320].lower(), OutgoingMail.kind == "answer", OutgoingMail.created_at > since]
    if status:
        mine.append(OutgoingMail.key.like(f"answer-%-{status}"))
    return db.session().scalar(select(func.count(OutgoingMail.id)).where(*mine)) or 0


def answers_to(mail_id: int) -> int:
    """How often the sender of a mail was told what became of it."""
    mine = (OutgoingMail.kind == "answer", OutgoingMail.incoming_id == mail_id, OutgoingMail.key.like(f"answer-{mail_id}-%"))
    return db.session().scalar(select(func.count(OutgoingMail.id)).where(*mine)) or 0


def stranger_answers_since(since: datetime) -> int:
    """How many answers went to addresses without an account."""
    theirs = (OutgoingMail.person_id.is_(None), OutgoingMail.kind == "answer", OutgoingMail.created_at > since)
    return db.session().scalar(select(func.count(OutgoingMail.id)).where(*theirs)) or 0


def own_incoming(actor: Actor, limit: int = 50) -> list[IncomingMail]:
    """What became of the mails one sent, newest first."""
    query = select(IncomingMail).where(visible(actor, IncomingMail), IncomingMail.person_id == actor.person_id)
    return list(db.session().scalars(query.order_by(IncomingMail.id.desc()).limit(limit)))


def address_of(person_id: int) -> str:
    """A person's address, "" without one."""
    return db.session().scalar(select(Person.email).where(Person.id == person_id)) or ""


def incoming_of(mail_id: int, *clauses: ColumnElement[bool]) -> IncomingMail | None:
    """The record of a mail, if the clauses hold."""
    return db.session().scalar(select(IncomingMail).where(IncomingMail.id == mail_id, *clauses))


def gets_list(person_id: int, space_id: int) -> bool:
    """Whether a person wants every post of a space as a mail."""
    query = select(SpaceMail.id).where(SpaceMail.person_id == person_id, SpaceMail.space_id == space_id, SpaceMail.mode == "list")
    return db.session().scalar(query) is not None


def list_readers(space_id: int, after: int, limit: int) -> list[int]:
    """Who wants every post of a space as a mail, in the order of ids."""
    query = select(SpaceMail.person_id).where(SpaceMail.space_id == space_id, SpaceMail.mode == "list", SpaceMail.person_id > after)
    return list(db.session().scalars(query.order_by(SpaceMail.person_id).limit(limit)))


def waiting() -> int:
    """How many mails wait to be sent."""
    return db.session().scalar(select(func.count(OutgoingMail.id)).where(OutgoingMail.status == "waiting")) or 0
