"""Figures of moderation in a period: what was said, flagged, held and decided, how long it took, by whom it was said (counted in counting.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, func

from alliance.core import db
from alliance.groups.models import Space

JULIAN_EPOCH = 2_440_587.5
MONDAY = 3  # days before the epoch, which was a Thursday
BY_DAY = 31  # a period of at most so many days is told by day


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which days (both included, in UTC), in which space (None: wherever one keeps order)."""

    since: date
    until: date
    space: Space | None = None

    @property
    def step(self) -> int:
        """How many days a stretch of it has: a day, or a week from Monday on."""
        return 1 if (self.until - self.since).days < BY_DAY else 7

    def stretches(self) -> list[date]:
        """The first day of each."""
        first = self.since - timedelta(days=self.since.weekday() if self.step == 7 else 0)
        return [first + timedelta(days=one) for one in range(0, (self.until - first).days + 1, self.step)]

    def holds(self, moment: Any) -> ColumnElement[bool]:
        """Whether a moment lies in it."""
        begin = datetime.combine(self.since, time(), UTC)
        end = datetime.combine(self.until + timedelta(days=1), time(), UTC)
        return and_(moment >= begin, moment < end)

    def within(self, column: Any) -> list[ColumnElement[bool]]:
        """Whether a row is of the space, where one is asked for."""
        return [] if self.space is None else [column == self.space.id]

    def stretch(self, moment: Any) -> ColumnElement[int]:
        """The number of the stretch a moment lies in (see `day_of`)."""
        if db.engine().dialect.name == "postgresql":
            days = func.date_part("epoch", moment) / 86_400
        else:
            days = func.julianday(moment) - JULIAN_EPOCH
        return cast(func.floor((days + MONDAY) / 7 if self.step == 7 else days), Integer)

    def day_of(self, stretch: int) -> date:
        """The first day of a stretch."""
        return date(1970, 1, 1) + timedelta(days=stretch * self.step - (MONDAY if self.step == 7 else 0))


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened in a stretch of the period: discussions opened, posts that can be read and by how many people, what was flagged, held, decided."""

    begins: date
    discussions: int = 0
    posts: int = 0
    people: int = 0
    flags: int = 0
    held: int = 0
    decided: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """Of a kind of things: how many were decided, in how many seconds (half of them at most; nine of ten at most); what waits now, and since when."""

    kind: str
    decided: int = 0
    median: int | None = None
    ninety: int | None = None
    waiting: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flagged:
    """Flags for a reason, and what became of them."""

    reason: str
    flags: int
    upheld: int
    dismissed: int
    open: int
    closed: int


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions of a kind: how many, of them taken back, appealed against, and reversed on appeal."""

    act: str
    number: int
    undone: int
    appealed: int
    reversed: int


@dataclass(frozen=True, slots=True)
class Voice:
    """A stakeholder type: its posts that can be read, flags on its posts, decisions that left or published them and such as went against them."""

    type: str | None
    posts: int
    people: int
    flags: int
    left: int
    against: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """All of it."""

    wanted: Wanted
    people: int
    activity: list[Activity]
    responses: list[Response]
    flags: list[Flagged]
    decisions: list[Decided]
    balance: list[Voice]

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened in the period (something may wait nevertheless)."""
        happened = any(one.posts or one.discussions or one.flags or one.held or one.decided for one in self.activity)
        return not (happened or self.decisions or any(one.left or one.against for one in self.balance))
