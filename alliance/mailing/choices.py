"""What a person wants by e-mail: the rhythm, the day, the time zone; what is known of their address."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import delete

from alliance.core import clock, db
from alliance.core.db import insert_missing
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.groups import queries as groups
from alliance.mailing import queries
from alliance.mailing.models import MailChoice, SpaceMail, Suppressed, Unsubscription
from alliance.policy import Actor, require
from alliance.watching import services as watching

RHYTHMS = ("weekly", "daily", "never")


def of(person_id: int) -> MailChoice:
    """Inside a transaction: the row of a person, made when there is none."""
    found = queries.choice(person_id)
    if found is None:
        values = {"person_id": person_id, "rhythm": "weekly", "weekday": 0, "time_zone": "UTC", "bounces": 0}
        db.session().execute(insert_missing(MailChoice), [values])
        found = queries.choice(person_id)
    if found is None:
        raise LookupError(person_id)
    return found


def choose(actor: Actor, rhythm: str, weekday: int, time_zone: str) -> None:
    """Choose when the e-mail about everything comes.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    require(actor, "mail.choose")
    if rhythm not in RHYTHMS or not 0 <= weekday <= 6:
        raise Invalid.field("rhythm", _("Choose one of the values of the list."))
    if time_zone not in available_timezones():
        raise Invalid.field("time_zone", _("Choose a time zone of the list, such as Africa/Dakar."))
    with db.transaction():
        mine = of(actor.person_id or 0)
        mine.rhythm, mine.weekday, mine.time_zone = rhythm, weekday, ZoneInfo(time_zone).key


def set_rhythm(person_id: int, rhythm: str) -> None:
    """Change only how often it comes (by mail, or by the link in a mail)."""
    with db.transaction():
        of(person_id).rhythm = rhythm


def set_list_mode(actor: Actor, code: str, *, on: bool) -> None:
    """Get every post of a space as a mail of a list, or not any more.

    Raises:
        NotFound: one may not see such a space.
        Refused: nothing is changed.
    """
    require(actor, "mail.choose")
    space = groups.get_space(actor, code)
    with db.transaction() as session:
        session.execute(delete(SpaceMail).where(SpaceMail.person_id == actor.person_id, SpaceMail.space_id == space.id))
        if on:
            session.add(SpaceMail(person_id=actor.person_id, space_id=space.id, mode="list"))


def revoke_addresses(actor: Actor) -> None:
    """Withdraw all reply addresses given out so far.

    Raises:
        Refused: nothing is changed.
    """
    require(actor, "mail.choose")
    with db.transaction():
        of(actor.person_id or 0).revoked_at = clock.now()


def resume(person_id: int, name: str, *, on: bool) -> None:
    """Take back that no mails of a list are wanted."""
    if on:
        with db.transaction() as session:
            session.execute(delete(Unsubscription).where(Unsubscription.person_id == person_id, Unsubscription.list_name == name))


def want_watched(person_id: int) -> None:
    """Have mails of what is watched, whoever asks for one by mail."""
    watching.set_news(person_id, {("watched", "mail"): True})


def restart(actor: Actor) -> None:
    """Mail to one's address again, after it was stopped because mail came back.

    Raises:
        Refused: nothing is changed.
    """
    require(actor, "mail.choose")
    with db.transaction() as session:
        mine = of(actor.person_id or 0)
        mine.bounces, mine.bounced_at, mine.stopped_at = 0, None, None
        session.execute(delete(Suppressed).where(Suppressed.address == _address_of(actor)))


def _address_of(actor: Actor) -> str:
    return queries.address_of(actor.person_id or 0)
