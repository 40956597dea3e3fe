"""Weekly digests by themselves: at a space's cut-off, by the clocks of its zone; caught up after downtime, never doubled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import structlog
from sqlalchemy import select

from alliance.accounts.models import Person
from alliance.core import clock, db, i18n, jobs
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.digests import sending, services
from alliance.digests.models import Digest, DigestSchedule
from alliance.groups.models import Membership, Space
from alliance.policy import Actor, require

log = structlog.get_logger(__name__)
WEEK = timedelta(days=7)
MOST_CAUGHT_UP = 8  # weeks; of a longer downtime the earlier ones are left to the rapporteur


def set_schedule(actor: Actor, space: Space | None, weekday: int, at: str, zone: str, *, active: bool = True) -> DigestSchedule:
    """Have a digest of a space compiled every week.

    Raises:
        Refused: the actor is no rapporteur.
        Invalid: no such weekday, time or zone.
    """
    require(actor, "digest.compile", space)
    hour, minute = _time(at)
    if not 0 <= weekday <= 6:
        raise Invalid.field("weekday", _("Choose a day of the week."))
    if zone not in available_timezones():
        raise Invalid.field("zone", _("There is no time zone “%(zone)s”; write it as Africa/Nairobi.", zone=zone[:60]))
    with db.transaction() as session:
        row = find(space)
        if row is None:
            row = DigestSchedule(space_id=space.id if space else None, until=clock.now())
            session.add(row)
        row.weekday, row.hour, row.minute, row.zone, row.active = weekday, hour, minute, zone, active
        row.language, row.set_by_id = i18n.current_locale(), actor.person_id
        row.until = max(list(cut_offs(row, clock.now() - 2 * WEEK, clock.now())), default=clock.now())
    return row


def zones() -> list[str]:
    """The time zones of the world, by name."""
    return sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/", "US/"))
    )


def _time(at: str) -> tuple[int, int]:
    try:
        found = time.fromisoformat(at.strip())
    except ValueError as error:
        raise Invalid.field("at", _("“%(text)s” is not a time; write it as 17:00.", text=at[:20])) from error
    return found.hour, found.minute


def find(space: Space | None) -> DigestSchedule | None:
    """The schedule of a space (None: of all together)."""
    where = DigestSchedule.space_id.is_(None) if space is None else DigestSchedule.space_id == space.id
    return db.session().scalar(select(DigestSchedule).where(where))


def cut_offs(schedule: DigestSchedule, after: datetime, until: datetime) -> Iterator[datetime]:
    """The cut-offs after one moment up to another: the same hour of the wall clock, in summer and in winter."""
    zone = ZoneInfo(schedule.zone)
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        day += timedelta(days=1)
        moment = datetime.combine(day, time(schedule.hour, schedule.minute), zone).astimezone(UTC)
        if moment > until:
            return
        if day.weekday() == schedule.weekday and moment > after:
            yield moment


@jobs.periodic("*/5 * * * *")
def run_due() -> None:
    """Compile what is due."""
    for schedule_id in list(db.session().scalars(select(DigestSchedule.id).where(DigestSchedule.active.is_(True)))):
        run(schedule_id)


def run(schedule_id: int) -> list[int]:
    """Compile the digests of every cut-off that passed; returns their ids. Run again, or by a clock that was set back, it makes none twice."""
    schedule = db.session().get_one(DigestSchedule, schedule_id)
    passed = list(cut_offs(schedule, schedule.until, clock.now()))
    if len(passed) > MOST_CAUGHT_UP:
        log.warning("digest.schedule.gap", schedule_id=schedule_id, weeks=len(passed))
    return [made for moment in passed[-MOST_CAUGHT_UP:] if (made := _run(schedule, moment)) is not None]


def _run(schedule: DigestSchedule, moment: datetime) -> int | None:
    name = f"schedule-{schedule.id}-{moment:%Y-%m-%d}"
    zone = ZoneInfo(schedule.zone)
    begin = datetime.combine((moment.astimezone(zone) - WEEK).date(), time(schedule.hour, schedule.minute), zone).astimezone(UTC)
    actor = Actor.system()
    known = db.session().scalar(select(Digest).where(Digest.run == name))
    if known is None:
        with i18n.use_locale(schedule.language):
            days = begin.astimezone(zone).date(), moment.astimezone(zone).date()
            known = services.begin(actor, *days, schedule.space, run=name, between=(begin, moment))
    digest = services.finish(actor, known)
    with db.transaction() as session:
        row = session.get_one(DigestSchedule, schedule.id)
        row.until = max(row.until, moment)
        sending.note(digest, "draft", _rapporteurs(schedule))
    sending.send_soon.enqueue()
    return digest.id


def _rapporteurs(schedule: DigestSchedule) -> list[tuple[str, str, str]]:
    """Who is told: the group's chairs and rapporteurs, and whoever set the schedule; addresses that are confirmed."""
    query = select(Person).where(Person.confirmed_at.is_not(None), Person.suspended_at.is_(None), Person.email.is_not(None))
    mine = select(Membership.person_id).where(Membership.space_id == schedule.space_id, Membership.role.in_(("chair", "rapporteur")))
    people = db.session().scalars(query.where(Person.id.in_(mine) | (Person.id == schedule.set_by_id)))
    return [(person.email, person.name, person.interface_language or "en") for person in people if person.email]
