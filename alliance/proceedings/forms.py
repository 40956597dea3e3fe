"""Forms of consensus calls and meetings. Moments are entered in UTC, which the labels say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wtforms import DateTimeLocalField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.i18n import lazy_gettext as _l
from alliance.proceedings.consensus import MAX_REASON, MAX_TEXT
from alliance.proceedings.meetings import MAX_MINUTES, MAX_PLACE
from alliance.proceedings.milestones import MAX_TITLE, Stone
from alliance.web.forms import DayField, Form, OnceForm

STATES = {"planned": _l("planned"), "reached": _l("reached"), "dropped": _l("dropped")}
ANSWERS = {"agree": _l("I agree"), "live": _l("I can live with it"), "object": _l("I object")}
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


def _moment(label: Any) -> DateTimeLocalField:
    return DateTimeLocalField(label, format=FORMATS, validators=[InputRequired(_l("Say when: a day and a time."))])


def utc(moment: datetime | None) -> datetime:
    """A moment as it was entered, in UTC."""
    return (moment or datetime(1, 1, 2, tzinfo=UTC)).replace(tzinfo=UTC)


class CallForm(OnceForm):
    """Putting a text to the members."""

    body = TextAreaField(
        _l("The text"),
        validators=[InputRequired(_l("There is no text yet: write something first.")), Length(max=MAX_TEXT)],
        description=_l("It cannot be changed once it is put (Markdown)."),
        render_kw={"rows": 10},
    )
    closes_at = _moment(_l("Until (UTC)"))


class AnswerForm(Form):
    """Answering a call."""

    answer = RadioField(_l("Your answer"), choices=[], validators=[InputRequired(_l("Choose an answer."))])
    reason = TextAreaField(
        _l("Reason of the objection"),
        validators=[Optional(), Length(max=MAX_REASON)],
        description=_l("Needed to object. It is kept with the text, with your stakeholder type and without your name."),
        render_kw={"rows": 4},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answer.choices = [(code, str(label)) for code, label in ANSWERS.items()]


class MeetingForm(OnceForm):
    """When and where the discussion is the agenda of a meeting."""

    starts_at = _moment(_l("Begins (UTC)"))
    ends_at = _moment(_l("Ends (UTC)"))
    place = StringField(_l("Place, or address of the call"), validators=[Optional(), Length(max=MAX_PLACE)])


class MilestoneForm(OnceForm):
    """What is to be done by when, and what became of it."""

    title = StringField(_l("Milestone"), validators=[InputRequired(_l("Give it a title.")), Length(max=MAX_TITLE)])
    due_on = DayField(_l("By"), validators=[InputRequired(_l("Say by which day."))])
    state = RadioField(_l("State"), choices=[])
    reached_on = DayField(
        _l("Reached on"), validators=[Optional()], description=_l("Only of one that was reached; left empty, it is today.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state.choices = [(code, str(label)) for code, label in STATES.items()]

    def stone(self) -> Stone:
        """What was entered."""
        return Stone(self.title.data or "", self.due_on.data, self.state.data or "planned", self.reached_on.data)


class MinutesForm(OnceForm):
    """The minutes of a meeting."""

    minutes = TextAreaField(
        _l("Minutes"), validators=[Optional(), Length(max=MAX_MINUTES)], description=_l("Markdown."), render_kw={"rows": 16}
    )
