"""What moderators decided about people: to warn, to silence or suspend until a moment, to remove somebody who spams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core import clock, db, i18n
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.moderation import reasons
from alliance.moderation.models import LogEntry
from alliance.policy import Actor, explained, visible

KINDS: dict[str, Any] = {
    "warn": _l("Warning"),
    "silence": _l("Silence"),
    "suspend": _l("Suspension"),
    "remove": _l("Removal for spam"),
}
TIMED = ("silence", "suspend")
UNDO = timedelta(hours=24)
MOST = 50


class Measure(db.Base):
    """A decision about a person. `until`: it ends by itself then. `ended_how`: over, replaced (by a newer one), taken_back, granted (an appeal).

    `words` are for the person alone (and moderators), `reason` stands in the public log too. `data` is what has to be known to take it back:
    of a removal, which posts it hid, flags it decided and entries of the queue it closed. `seen_at`: the person has opened its page.
    """

    __tablename__ = "measures"
    __table_args__ = (Index(None, "person_id", "id"), Index(None, "ended_at", "until"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(10))
    entry_id: Mapped[int] = mapped_column(ForeignKey("moderation_log.id"), unique=True)
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    until: Mapped[datetime | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str] = mapped_column(String(12), default="")

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    moderator: Mapped[Person | None] = relationship(foreign_keys=[moderator_id])
    entry: Mapped[LogEntry] = relationship()

    @property
    def runs(self) -> bool:
        """Whether it holds at this moment."""
        return self.ended_at is None and (self.until is None or self.until > clock.now())


def label(kind: str) -> str:
    """What a decision is called."""
    return str(KINDS.get(kind, kind))


def why(one: Measure) -> str:
    """Rule and reason, in one line."""
    rule = reasons.titles().get(one.reason_code, one.reason_code) if one.reason_code else ""
    return f"{rule}: {one.reason}" if rule and one.reason else rule or one.reason


def of_person(actor: Actor, person_id: int) -> Sequence[Measure]:
    """What was decided about a person, newest first."""
    query = select(Measure).options(joinedload(Measure.moderator)).where(Measure.person_id == person_id, visible(actor, Measure))
    return db.session().scalars(query.order_by(Measure.id.desc()).limit(MOST)).all()


def get(actor: Actor, measure_id: int) -> Measure:
    """A decision about oneself, or (for moderators) about anybody.

    Raises:
        NotFound: none such.
    """
    query = select(Measure).options(joinedload(Measure.person), joinedload(Measure.moderator))
    found = db.session().scalar(query.where(Measure.id == measure_id, visible(actor, Measure)))
    if found is None:
        raise NotFound
    return found


def of_entry(entry_id: int) -> Measure | None:
    """The decision an entry of the log is about."""
    return db.session().scalar(select(Measure).where(Measure.entry_id == entry_id))


def running(person_id: int, kinds: Sequence[str] = ("silence", "suspend", "remove")) -> list[Measure]:
    """What holds of a person at this moment, newest first."""
    query = select(Measure).where(Measure.person_id == person_id, Measure.kind.in_(kinds), Measure.ended_at.is_(None))
    return [one for one in db.session().scalars(query.order_by(Measure.id.desc())) if one.runs]


def unseen(actor: Actor) -> list[Measure]:
    """What was decided about oneself and one has not opened yet."""
    query = select(Measure).where(Measure.person_id == actor.person_id, Measure.seen_at.is_(None), Measure.ended_at.is_(None))
    return list(db.session().scalars(query.order_by(Measure.id.desc()).limit(5)))


@explained
def sentence(actor: Actor) -> str:
    """Until when and why somebody may not write, and where to appeal."""
    found = running(actor.person_id or 0, ("suspend", "remove") if actor.suspended else ("silence",))
    if not found:
        return ""
    one = found[0]
    end = i18n.format_datetime(one.until) if one.until is not None else ""
    said = {
        "silence": _("You may read but not write until %(end)s.", end=end),
        "suspend": _("Your account is suspended until %(end)s.", end=end),
        "remove": _("Your account is suspended."),
    }[one.kind]
    reason = why(one)
    appeal = _("How to appeal: %(address)s", address=f"/moderation/measures/{one.id}")
    return " ".join([said, *([_("The reason: %(reason)s.", reason=reason.rstrip("."))] if reason else []), appeal])
