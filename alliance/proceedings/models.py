"""Consensus calls, meetings and milestones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core import clock
from alliance.core.db import Base
from alliance.discussions.models import Discussion
from alliance.groups.models import Space

STATES = ("planned", "reached", "dropped")
ANSWERS = ("agree", "live", "object")
FIXED = ("discussion_id", "space_id", "text", "html", "language", "called_by_id", "created_at")
RESULT = ("closes_at", "closed_at", "result")


class ConsensusCall(Base):
    """A text put to the members of a group until a moment. It never changes; neither does `result` once it is there.

    `result`: {"members": n, "answers": {answer: {stakeholder type: n}}, "objections": [{"stakeholder_type", "reason", "left"}]},
    written when the call closes; `left`: by somebody who was a member no more (not counted among the answers).
    """

    __tablename__ = "consensus_calls"
    __table_args__ = (Index(None, "discussion_id", "id"), Index(None, "space_id", "closed_at", "id"), Index(None, "closed_at", "closes_at"))

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    called_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(active_history=True)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)

    discussion: Mapped[Discussion] = relationship()
    space: Mapped[Space] = relationship()
    called_by: Mapped[Person] = relationship()

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.closed_at is None and self.closes_at > clock.now()


def _stays(_mapper: object, _connection: object, call: ConsensusCall) -> None:
    """The text never changes, nor does a result that is there."""
    kept = inspect(call).attrs
    before = kept.closed_at.history.deleted or [call.closed_at]
    fixed = FIXED if before == [None] else (*FIXED, *RESULT)
    if any(kept[name].history.has_changes() for name in fixed):
        raise RuntimeError(f"consensus call {call.id} stays as it was put, and its result as it was written")


def _is_kept(_mapper: object, _connection: object, call: ConsensusCall) -> None:
    raise RuntimeError(f"consensus call {call.id} is kept")


event.listen(ConsensusCall, "before_update", _stays)
event.listen(ConsensusCall, "before_delete", _is_kept)


class ConsensusAnswer(Base):
    """What a member answered: agree, can live with it ("live"), object with a reason; the stakeholder type is that of the moment."""

    __tablename__ = "consensus_answers"
    __table_args__ = (UniqueConstraint("call_id", "person_id"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("consensus_calls.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    answer: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    stakeholder_type: Mapped[str | None] = mapped_column(String(30))
    answered_at: Mapped[datetime]

    call: Mapped[ConsensusCall] = relationship()


class Meeting(Base):
    """A discussion is the agenda of a meeting: when, where, and what the minutes say."""

    __tablename__ = "meetings"
    __table_args__ = (UniqueConstraint("discussion_id"), Index(None, "space_id", "starts_at"))

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(300), default="")
    minutes: Mapped[str] = mapped_column(Text, default="")
    minutes_html: Mapped[str] = mapped_column(Text, default="")
    cancelled_at: Mapped[datetime | None]  # it does not take place; setting it anew takes that back
    sequence: Mapped[int] = mapped_column(default=0)  # raised by every change, for calendars
    changed_at: Mapped[datetime]

    discussion: Mapped[Discussion] = relationship()
    space: Mapped[Space] = relationship()

    @property
    def is_coming(self) -> bool:
        """Whether it is not over yet."""
        return self.ends_at > clock.now()


class Milestone(Base):
    """What a group is to have done by a day. `state`: planned, reached (`reached_on`), dropped."""

    __tablename__ = "milestones"
    __table_args__ = (Index(None, "space_id", "due_on"),)

    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    title: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="planned")
    reached_on: Mapped[date | None]
    sequence: Mapped[int] = mapped_column(default=0)  # raised by every change, for calendars
    changed_at: Mapped[datetime]

    space: Mapped[Space] = relationship()

    @property
    def is_late(self) -> bool:
        """Whether its day has passed, everywhere on Earth, without its being reached."""
        return self.state == "planned" and self.due_on < (clock.now() - timedelta(hours=12)).date()
