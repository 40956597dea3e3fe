"""The e-mail about everything: to each person in their language, on their day, once for each week (or day) by the calendar.

A run notes a mail for each person under a key such as "weekly-2026-W48": run twice, it sends once; killed, it goes on. What is in the
mail is decided when it is sent; where there is nothing to say, nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, func, select

from alliance.accounts.models import Person
from alliance.core import clock, db, jobs
from alliance.mailing import services
from alliance.mailing.models import MailChoice, OutgoingMail

BATCH = 500
FROM_HOUR = 6


def week_of(day: datetime) -> str:
    """The key of a week by the calendar (ISO 8601)."""
    year, week, _day = day.isocalendar()
    return f"weekly-{year}-W{week:02}"


def day_of(day: datetime) -> str:
    """The key of a day."""
    return f"daily-{day.date().isoformat()}"


def local(moment: datetime, zone: str) -> datetime:
    """What the clock says where somebody is."""
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return moment.astimezone(UTC)


def due_key(moment: datetime, rhythm: str, weekday: int, zone: str) -> str:
    """Under which key somebody's mail is due at a moment, "" when none is."""
    there = local(moment, zone)
    if there.hour < FROM_HOUR or rhythm == "never":
        return ""
    if rhythm == "daily":
        return day_of(there)
    return week_of(there) if there.weekday() == weekday else ""


@jobs.periodic("7 * * * *")
def note_due() -> None:
    """Every hour: note the mails of those whose day has come."""
    if note_all(clock.now()):
        services.send_soon.enqueue()


def note_all(moment: datetime, *, everybody: bool = False, tick: Callable[[int], object] = int) -> int:
    """Note the mails due at a moment; returns how many are new.

    Args:
        moment: now.
        everybody: also those whose day is another one (the weekly e-mail, by hand).
        tick: called with the number of people looked at, as it goes.
    """
    noted = 0
    for people in batches():
        rows = []
        for person_id, rhythm, weekday, zone in people:
            key = week_of(local(moment, zone)) if everybody and rhythm == "weekly" else due_key(moment, rhythm, weekday, zone)
            if key:
                rows.append(_row(person_id, key, moment))
        if rows:
            with db.transaction() as session:
                before = _count(rows[0]["key"])
                session.execute(db.insert_missing(OutgoingMail), rows)
                noted += _count(rows[0]["key"]) - before
        tick(len(people))
    return noted


def _count(key: object) -> int:
    return db.session().scalar(select(func.count(OutgoingMail.id)).where(OutgoingMail.key == key)) or 0


def _row(person_id: int, key: str, moment: datetime) -> dict[str, object]:
    return {
        "person_id": person_id, "key": key, "kind": "weekly", "status": "waiting", "attempts": 0, "error": "", "address": "",
        "next_at": moment, "created_at": moment,
    }  # fmt: skip


def how_many() -> int:
    """How many people get mail at all."""
    return db.session().scalar(select(func.count(Person.id)).where(*_reachable())) or 0


def _reachable() -> tuple[ColumnElement[bool], ...]:
    return (Person.claimed.is_(True), Person.confirmed_at.is_not(None), Person.suspended_at.is_(None), Person.email.is_not(None))


def batches() -> Iterator[list[tuple[int, str, int, str]]]:
    """Everybody who can be written to, with what they chose, in the order of ids."""
    after = 0
    columns = (
        Person.id, func.coalesce(MailChoice.rhythm, "weekly"), func.coalesce(MailChoice.weekday, 0), func.coalesce(MailChoice.time_zone, "UTC"),
    )  # fmt: skip
    while True:
        query = select(*columns).outerjoin(MailChoice, MailChoice.person_id == Person.id)
        query = query.where(*_reachable(), Person.id > after, MailChoice.stopped_at.is_(None)).order_by(Person.id).limit(BATCH)
        found = [(row[0], row[1], row[2], row[3]) for row in db.session().execute(query)]
        if not found:
            return
        after = found[-1][0]
        yield found


def period_days(key: str) -> timedelta:
    """How long the period of a key is."""
    return timedelta(days=1) if key.startswith("daily") else timedelta(days=7)
