"""Statistics for those who moderate: the page, each table as CSV, and the API. For others there is no such thing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, request
from pydantic import ConfigDict, Field
from wtforms import SelectField
from wtforms.validators import Optional

from alliance.core import clock
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.groups.models import Space
from alliance.moderation import counting, queries, tables
from alliance.moderation.figures import Wanted
from alliance.moderation.views import Page, bp
from alliance.policy import Actor, can
from alliance.web import api, current_actor, pages
from alliance.web.access import signed_in
from alliance.web.forms import DayField, Form

DAYS = 30
MOST_DAYS = 366
FIRST, LAST = date(1990, 1, 1), date(2999, 12, 31)


class PeriodForm(Form):
    """Of which days, of which space."""

    class Meta(Form.Meta):
        """It changes nothing."""

        csrf = False

    period = SelectField(
        _l("Period"),
        choices=[("7", _l("Last 7 days")), ("30", _l("Last 30 days")), ("90", _l("Last 90 days")), ("365", _l("Last year"))],
        default=str(DAYS),
        validate_choice=False,
    )
    start = DayField(_l("From"), validators=[Optional()], name="from")
    end = DayField(_l("To"), validators=[Optional()], name="to")
    space = SelectField(_l("Space"), default="", validate_choice=False)

    def offer(self, spaces: list[Space]) -> None:
        """The spaces to choose from, in the current language."""
        self.space.choices = [("", _("All")), *((one.code, f"{one.symbol} {one.title(current_locale())}") for one in spaces)]

    @property
    def days(self) -> int:
        """How many days are asked for.

        Raises:
            Invalid: none of the choices.
        """
        if self.period.data not in {value for value, _label in self.period.choices}:
            raise Invalid.field("period", _("Choose one of the list."))
        return int(self.period.data)

    def take(self, error: Invalid) -> None:
        """Show errors at the fields, whose names here cannot be those of the API (`from` is a word of Python)."""
        names = {"from": "start", "to": "end"}
        super().take(Invalid({names.get(name, name): messages for name, messages in error.errors.items()}))


def wanted(spaces: list[Space], days: int, since: date | None, until: date | None, code: str = "") -> Wanted:
    """What is asked for: from a day to a day (both included), or so many days up to the last of them, or to today.

    Raises:
        Invalid: by field.
    """
    _check_days(since, until)
    last = until or clock.now().date()
    first = since or last - timedelta(days=days - 1)
    if first > last:
        raise Invalid.field("to" if until else "from", _("The last day is before the first day."))
    if (last - first).days >= MOST_DAYS:
        raise Invalid.field("from", _("Choose a period of at most %(most)s days.", most=MOST_DAYS))
    space = next((one for one in spaces if one.code == code), None)
    if code and space is None:
        raise Invalid.field("space", _("Choose one of the list."))
    return Wanted(first, last, space)


def _check_days(since: date | None, until: date | None) -> None:
    wrong = [name for name, day in (("from", since), ("to", until)) if day is not None and not FIRST <= day <= LAST]
    if wrong:
        raise Invalid({name: [_("Give a day of the years %(first)s to %(last)s.", first=FIRST.year, last=LAST.year)] for name in wrong})


def _responsible() -> Actor:
    """Whoever asks, who keeps order somewhere; for others there is nothing here."""
    actor = current_actor()
    if not can(actor, "moderation.review", queries.is_responsible(actor)):
        raise NotFound
    return actor


def _asked(actor: Actor) -> tuple[PeriodForm, Wanted | None]:
    """The form as it was filled in, and what it asks for, if that can be."""
    form = PeriodForm(formdata=request.args)
    spaces = counting.spaces(actor)
    form.offer(spaces)
    if form.validate():
        try:
            return form, wanted(spaces, form.days, form.start.data, form.end.data, form.space.data or "")
        except Invalid as error:
            form.take(error)
    return form, None


@bp.get("/moderation/statistics")
@signed_in
def statistics() -> Page:
    """What happened where one keeps order, in a period."""
    return _page(*_asked(_responsible()))


def _page(form: PeriodForm, asked: Wanted | None) -> Page:
    found = counting.of(current_actor(), asked) if asked is not None else None
    shown = tables.tables(found) if found is not None else []
    page = pages.render(
        "moderation/statistics.html", form=form, wanted=asked, found=found, tables=[one for one in shown if not one.is_empty]
    )
    return page, 200 if asked is not None else 422


@bp.get("/moderation/statistics/<table>.csv")
@signed_in
def statistics_csv(table: str) -> Page | Response:
    """A table of it for a spreadsheet."""
    actor = _responsible()
    if table not in tables.NAMES:
        raise NotFound
    form, asked = _asked(actor)
    if asked is None:
        return _page(form, None)
    [one] = [one for one in tables.tables(counting.of(actor, asked)) if one.name == table]
    answer = Response(one.csv(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{table}-{asked.since}-{asked.until}.csv"'
    return answer


class StatisticsQuery(api.Schema):
    """Of which days, of which space (its code); without `from`, so many days up to `to`, or to today."""

    days: int = Field(default=DAYS, ge=1, le=MOST_DAYS)
    since: date | None = Field(default=None, alias="from")
    until: date | None = Field(default=None, alias="to", description="The last day; it is included. Days are counted in UTC.")
    space: str = Field(default="", max_length=60)


class ActivityOut(api.Out):
    """What happened in a stretch (a day, in periods of more than a month a week) that begins on a day."""

    begins: date
    discussions: int
    posts: int
    people: int
    flags: int
    held: int
    decided: int


class ResponseOut(api.Out):
    """A kind of things: how many were decided, in how many seconds (half of them at most; nine of ten at most); how many wait, since when."""

    kind: str
    decided: int
    median: int | None
    ninety: int | None
    waiting: int
    oldest: datetime | None


class FlaggedOut(api.Out):
    """Flags for a reason, and what became of them (`closed`: the post was withdrawn)."""

    reason: str
    flags: int
    upheld: int
    dismissed: int
    open: int
    closed: int


class DecidedOut(api.Out):
    """Decisions of a kind: how many, of them taken back, appealed against, and reversed on appeal."""

    act: str
    number: int
    undone: int
    appealed: int
    reversed: int


class VoiceOut(api.Out):
    """A stakeholder type (null: none declared): posts that can be read, flags on them, decisions that left or published posts and such as went against them."""

    type: str | None
    posts: int
    people: int
    flags: int
    left: int
    against: int


class StatisticsOut(api.Out):
    """What happened where one keeps order, in a period."""

    model_config = ConfigDict(from_attributes=True, serialize_by_alias=True)

    since: date = Field(serialization_alias="from")
    until: date = Field(serialization_alias="to")
    space: str | None
    people: int = Field(description="Who wrote in the period.")
    activity: list[ActivityOut]
    responses: list[ResponseOut]
    flags: list[FlaggedOut]
    decisions: list[DecidedOut]
    balance: list[VoiceOut]


@api.get("/moderation/statistics", query=StatisticsQuery, returns=StatisticsOut)
def statistics_api(query: StatisticsQuery) -> StatisticsOut:
    """What happened where one keeps order, in a period: activity, times to decide, flags, decisions, balance by stakeholder type."""
    actor = _responsible()
    found = counting.of(actor, wanted(counting.spaces(actor), query.days, query.since, query.until, query.space))
    names: dict[str, Any] = {name: getattr(found, name) for name in ("people", "activity", "responses", "flags", "decisions", "balance")}
    asked = found.wanted
    return StatisticsOut(since=asked.since, until=asked.until, space=asked.space.code if asked.space else None, **names)
