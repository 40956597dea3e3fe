"""The API of decisions about people."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from alliance.accounts import queries as accounts
from alliance.moderation import appeals, measures, people
from alliance.moderation.api import ActIn
from alliance.moderation.measures import Measure
from alliance.policy import require
from alliance.web import api, current_actor


class MeasureIn(ActIn):
    """What is decided about a person: until when (silence and suspension), and words for them alone."""

    kind: Literal["warn", "silence", "suspend", "remove"]
    until: AwareDatetime | None = None
    words: str = Field(default="", max_length=people.MAX_WORDS)


class MeasureOut(api.Out):
    """A decision about a person. `ended_how`: over, replaced, taken_back, granted (an appeal)."""

    id: int
    kind: str
    reason_code: str
    reason: str
    words: str
    until: datetime | None
    created_at: datetime
    ended_at: datetime | None
    ended_how: str


class Measures(api.Out):
    """Decisions about a person, newest first."""

    items: list[MeasureOut]


class AppealIn(api.Schema):
    """Why it should be looked at again."""

    text: str = Field(min_length=1, max_length=appeals.MAX_TEXT)


class AppealOut(api.Out):
    """An appeal: open, granted or refused, with the answer."""

    id: int
    status: str
    text: str
    answer: str
    created_at: datetime
    decided_at: datetime | None


def _out(one: Measure) -> MeasureOut:
    return MeasureOut.model_validate(one)


@api.get("/people/<handle>/measures", returns=Measures)
def measures_of(handle: str) -> Measures:
    """What was decided about a person, for moderators."""
    actor = current_actor()
    require(actor, "moderation.people")
    return Measures(items=[_out(one) for one in measures.of_person(actor, accounts.get_person(actor, handle).id)])


@api.get("/me/measures", returns=Measures)
def own_measures() -> Measures:
    """What was decided about oneself."""
    return Measures(items=[_out(one) for one in measures.of_person(current_actor(), api.own_id())])


@api.post("/people/<handle>/measures", body=MeasureIn, returns=MeasureOut, act="person.moderate")
def measure(handle: str, body: MeasureIn) -> MeasureOut:
    """Warn, silence, suspend or remove somebody."""
    actor = current_actor()
    require(actor, "moderation.people")
    found = accounts.get_person(actor, handle)
    return _out(people.decide(actor, found.id, body.kind, people.Why(body.code, body.reason, body.words), body.until))


@api.post("/moderation/measures/<int:measure_id>/undo", body=ActIn, returns=MeasureOut, status=200, act="moderation.decide")
def undo_measure(measure_id: int, body: ActIn) -> MeasureOut:
    """Take back what was decided about a person; of a removal, its posts come back, within 24 hours."""
    return _out(people.take_back(current_actor(), measure_id, body.reason, body.code))


@api.post("/moderation/measures/<int:measure_id>/appeal", body=AppealIn, returns=AppealOut)
def appeal_measure(measure_id: int, body: AppealIn) -> AppealOut:
    """Appeal against what was decided about oneself."""
    return AppealOut.model_validate(appeals.appeal_measure(current_actor(), measure_id, body.text))


@api.post("/posts/<int:post_id>/appeal", body=AppealIn, returns=AppealOut)
def appeal_post(post_id: int, body: AppealIn) -> AppealOut:
    """Appeal against what was decided about a post of one's own."""
    return AppealOut.model_validate(appeals.appeal(current_actor(), post_id, body.text))
