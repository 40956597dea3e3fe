"""What people choose about being present: kept for the person; whether a device holds a socket, for the device."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from alliance.core import db
from alliance.policy import Actor, require
from alliance.realtime.models import LiveChoice

# How a device hears of news: by a socket, by asking from time to time, or not at all.
WAYS = ("socket", "poll", "off")
COOKIE = "live"


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether others see that a person is here, and is writing (who tells is told)."""

    presence: bool = True
    typing: bool = False


def of(person_id: int) -> Choice:
    """A person's choice, or the default."""
    row = db.session().scalar(select(LiveChoice).where(LiveChoice.person_id == person_id))
    return Choice(row.presence, row.typing) if row is not None else Choice()


def choose(actor: Actor, choice: Choice) -> None:
    """Keep one's choice."""
    with db.transaction() as session:
        require(actor, "live.choose")
        row = session.scalar(select(LiveChoice).where(LiveChoice.person_id == actor.person_id))
        if row is None:
            row = LiveChoice(person_id=actor.person_id)
            session.add(row)
        row.presence, row.typing = choice.presence, choice.typing
