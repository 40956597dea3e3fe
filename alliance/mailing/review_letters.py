"""The mail to a moderator about what began to wait in their queue: each entry with its text and links that decide it.

A job looks every five minutes; who has just had such a mail gets the next one an hour later, with everything that came since: a wave is
one mail. What is in it is decided when it is sent: what was settled meanwhile, or is not theirs any more, is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import clock, db, i18n, jobs, reviews, text
from alliance.core.i18n import gettext as _
from alliance.core.i18n import ngettext
from alliance.core.mail import Draft, message_id
from alliance.groups.models import Membership
from alliance.mailing import addressing, letters, services
from alliance.mailing.models import OutgoingMail
from alliance.moderation import by_mail, desk, queries, reasons
from alliance.moderation.models import ReviewItem
from alliance.moderation.queries import QueueItem
from alliance.policy import Actor, visible
from alliance.policy.space import MODERATING
from alliance.watching import queries as watching

KIND = "review"
PAUSE = timedelta(hours=1)
FRESH = timedelta(days=1)
SHOWN = 10
MAX_TEXT = 1500


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that waits, as the mail shows it: `links` are (what it does, where)."""

    number: int
    title: str
    kind: str
    why: Sequence[str]
    said: str
    language: str | None
    links: Sequence[tuple[str, str]]


@jobs.periodic("*/5 * * * *")
def note_due() -> None:
    """Note a mail for every moderator for whom something new waits."""
    if note_all(clock.now()):
        services.send_soon.enqueue()


def note_all(moment: datetime) -> int:
    """The same, at a moment; how many were noted."""
    fresh = select(func.max(ReviewItem.id)).where(ReviewItem.status == "open", ReviewItem.created_at > moment - FRESH)
    if (newest := db.session().scalar(fresh)) is None:
        return 0
    people = _moderators()
    wanted = watching.wanted_by([one.id for one in people])
    rows = []
    for person in people:
        since = _since(person.id, moment)
        if (KIND, "mail") in wanted[person.id] and since is not None and since < newest:
            last = _newest(accounts.actor_of(person, "mail"), since, moment)
            rows += [services.waiting(person.id, f"{KIND}-{since}-{last}", KIND)] if last is not None else []
    services.note(rows)
    return len(rows)


def _moderators() -> list[Person]:
    """Everybody who keeps order somewhere, in good standing."""
    in_groups = select(Membership.person_id).where(Membership.role.in_(MODERATING))
    query = select(Person).where(
        or_(Person.role.in_(("moderator", "secretariat")), Person.id.in_(in_groups)),
        Person.claimed, Person.confirmed_at.is_not(None), Person.suspended_at.is_(None), Person.email.is_not(None),
    )  # fmt: skip
    return list(db.session().scalars(query.order_by(Person.id)))


def _since(person_id: int, moment: datetime) -> int | None:
    """Up to which item somebody was told; None while it is too soon to tell them more."""
    query = select(OutgoingMail.key, OutgoingMail.created_at).where(OutgoingMail.person_id == person_id, OutgoingMail.kind == KIND)
    last = db.session().execute(query.order_by(OutgoingMail.id.desc()).limit(1)).first()
    if last is None:
        return 0
    return int(last.key.rpartition("-")[2]) if last.created_at <= moment - PAUSE else None


def _newest(actor: Actor, since: int, moment: datetime) -> int | None:
    query = select(func.max(ReviewItem.id)).where(
        ReviewItem.status == "open", ReviewItem.id > since, ReviewItem.created_at > moment - FRESH, visible(actor, ReviewItem)
    )
    return db.session().scalar(query)


def draft(person: Person, key: str) -> Draft | None:
    """The mail ("review-since-last"), None when nothing of it waits for this person any more, or they want none."""
    since, last = (int(part) for part in key.removeprefix(f"{KIND}-").split("-"))
    if person.confirmed_at is None or person.suspended_at is not None or (KIND, "mail") not in watching.wanted(person.id):
        return None
    actor = accounts.actor_of(person, "mail")
    waits = (ReviewItem.status == "open", ReviewItem.id > since, ReviewItem.id <= last, ReviewItem.created_at > clock.now() - FRESH)
    mine = (*waits, visible(actor, ReviewItem))
    found = list(db.session().scalars(select(ReviewItem).where(*mine).order_by(ReviewItem.id).limit(SHOWN)))
    with i18n.use_locale(person.interface_language):
        entries = [_entry(person, one) for one in queries.presented(actor, found) if one.shown is not None]
        number = int(db.session().scalar(select(func.count(ReviewItem.id)).where(*mine)) or 0)
        return _draft(person, key, entries, number) if entries else None


def _draft(person: Person, key: str, entries: Sequence[Entry], number: int) -> Draft:
    subject = ngettext("%(num)s entry waits in the review queue", "%(num)s entries wait in the review queue", number)
    only = entries[0].number if number == 1 else 0
    stop = letters.unsubscribe_link(person.id, KIND)
    context: dict[str, object] = {
        "subject": f"{entries[0].kind}: {entries[0].title}" if number == 1 else subject,
        "lead": subject, "entries": entries, "more": number - len(entries), "only": only, "name": person.name,
        "base_url": letters.base(), "stop": stop, "settings": f"{letters.base()}/settings/notifications",
    }  # fmt: skip
    return Draft(
        to=person.email or "",
        to_name=person.name,
        subject=str(context["subject"]),
        text=letters.rendered("mailing/review.txt", context),
        html=letters.rendered("mailing/review.html", context),
        message_id=message_id(f"{key}.{person.id}", addressing.domain()),
        language=i18n.current_locale(),
        list_id=f"review.{addressing.domain()}",
        archive_url=f"{letters.base()}/moderation",
        unsubscribe_url=stop,
        reply_to=addressing.review_address(person.id, only),
        feedback_id=f"review:queue:alliance:{addressing.domain()}",
    )


def _entry(person: Person, one: QueueItem) -> Entry:
    item, shown, kind = one.item, one.shown, reviews.kind(one.item.kind)
    flagged = [f"{reasons.FLAGS[flag.reason]}{': ' + flag.note if flag.note else ''}" for flag in one.flags]
    said = text.plain(shown.html) or shown.plain if shown is not None else ""
    links = [
        (str(kind.decisions[name].label), f"{letters.base()}/moderation/by-mail/{by_mail.token(person, item.id, name)}")
        for name in (by_mail.favourable(kind), by_mail.adverse(kind))
        if kind is not None and name
    ]
    return Entry(
        number=item.id,
        title=shown.title if shown is not None else "",
        kind=str(kind.label) if kind is not None else item.kind,
        why=[*([desk.words(item.rule)] if item.rule else []), *flagged, *(shown.facts if shown is not None else ())],
        said=said if len(said) <= MAX_TEXT else said[:MAX_TEXT].rsplit(" ", 1)[0] + " …",
        language=shown.language if shown is not None else None,
        links=[*links, (_("See it in the review queue"), f"{letters.base()}/moderation/items/{item.id}")],
    )
