"""Finding what mail is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import db
from alliance.discussions.models import Discussion, Post
from alliance.mailing.models import ImportedMessage, OutgoingMail, Unsubscription
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


def archive_author(address: str) -> Person | None:
    """The unclaimed person who wrote from an address."""
    return db.session().scalar(select(Person).where(Person.archive_email == address))


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


def known_mail(person_id: int, key: str) -> bool:
    """Whether a mail to a person about something exists already, sent or not."""
    return db.session().scalar(select(OutgoingMail.id).where(OutgoingMail.person_id == person_id, OutgoingMail.key == key)) is not None


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


def stopped_discussions(actor: Actor) -> list[Discussion]:
    """The discussions one has stopped mails about."""
    names = db.session().scalars(select(Unsubscription.list_name).where(Unsubscription.person_id == actor.person_id))
    numbers = [int(name.removeprefix("discussion:")) for name in names if name.startswith("discussion:")]
    query = select(Discussion).where(Discussion.id.in_(numbers), visible(actor, Discussion))
    return list(db.session().scalars(query.order_by(Discussion.id.desc())))
