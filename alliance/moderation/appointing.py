"""Who is a moderator and who is of the secretariat: said by the secretariat, with a reason in the public log, and told to whom it concerns."""

from __future__ import annotations

from sqlalchemy import or_, select

from alliance import events
from alliance.accounts import history
from alliance.accounts import queries as accounts
from alliance.accounts.models import Person
from alliance.accounts.sign_ins import end_all
from alliance.core import addresses, db, outbox, vocabulary
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line
from alliance.moderation import log
from alliance.policy import Actor, require, visible

PAGE = 50
MAX_ASKED = 320
OFFICES = tuple(one for one in vocabulary.ROLES if one != "participant")


def appoint(actor: Actor, person_id: int, role: str, reason: str) -> Person:
    """Give somebody another role on the platform. Their sessions end: what they open next is opened in the new one.

    Args:
        actor: of the secretariat, or whoever runs the machine.
        person_id: whose role it is.
        role: one of vocabulary.ROLES.
        reason: one line, for the public log.

    Raises:
        NotFound, Refused, Invalid, Conflict: nothing is changed.
    """
    if role not in vocabulary.ROLES:
        raise Invalid.field("role", _("Choose a role from the list."))
    with db.transaction():
        others = _secretariat(actor) - {person_id}
        person = db.session().get(Person, person_id, with_for_update=True, populate_existing=True)
        if person is None:
            raise NotFound
        require(actor, "account.appoint", person)
        line = log.checked(reason)
        _check(person, role, others)
        person.role = role
        end_all(person)
        history.note(person.id, "role_changed")
        log.write(actor, "appoint", line, person_id=person.id, detail=f"role:{role}")
        outbox.publish(events.PersonChanged(person.id))
        outbox.publish(events.AccountAltered(person.id, "role"))
    return person


def _secretariat(actor: Actor) -> set[int]:
    """Who is of the secretariat, held until the transaction ends: of two who dismiss each other at once, one comes too late."""
    query = select(Person.id).where(Person.role == "secretariat", Person.suspended_at.is_(None)).order_by(Person.id)
    found = set(db.session().scalars(query.with_for_update()))
    if actor.person_id is not None and actor.person_id not in found:
        raise Refused
    return found


def _check(person: Person, role: str, others: set[int]) -> None:
    if person.role == role:
        raise Conflict(_("This is their role already."))
    if role == "participant":
        if person.role == "secretariat" and not others:
            raise Conflict(_("Nobody would be left in the secretariat. Appoint somebody else first."))
        return
    if not person.claimed or person.confirmed_at is None or person.participant is not None:
        raise Conflict(_("Only somebody with a confirmed address can be given this role."))
    if person.suspended or person.silenced:
        raise Conflict(_("This person is suspended or silenced. Take that back first."))


def people(actor: Actor, asked: str, role: str, after: str | None) -> tuple[list[Person], str | None]:
    """Accounts by name, and the cursor of the rest.

    Args:
        actor: of the secretariat.
        asked: a handle, a whole address, or the beginning of a word of a name; "" for everybody who has an office.
        role: only those of this role, "" for all.
        after: the cursor of the list before.

    Raises:
        Refused: somebody else asks.
        Invalid: at `after`.
    """
    require(actor, "account.administer", None)
    query = select(Person).where(visible(actor, Person), Person.claimed.is_(True))
    words = clean_line(asked).strip()[:MAX_ASKED]
    if words:
        query = query.where(or_(accounts.called(words.lower().removeprefix("@")), Person.email == addresses.kept(words)))
    if role or not words:
        query = query.where(Person.role.in_([role] if role else OFFICES))
    return accounts.by_name(query, after, PAGE)
