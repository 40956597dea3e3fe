"""Forms around a digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.digests.wording import space_title
from alliance.groups.models import Space
from alliance.web.forms import DayField, OnceForm


class CompileForm(OnceForm):
    """Which period, which space."""

    start = DayField(_l("From"), validators=[InputRequired(_l("Give the first day of the period."))], name="from")
    end = DayField(
        _l("To"),
        validators=[InputRequired(_l("Give the last day of the period."))],
        name="to",
        description=_l("The last day is included. Days are counted in UTC."),
    )
    space = SelectField(_l("Space"), default="")

    def take(self, error: Invalid) -> None:
        """Show a service's errors at the fields, whose names here cannot be those of the API (`from` is a word of Python)."""
        names = {"from": "start", "to": "end"}
        super().take(Invalid({names.get(name, name): messages for name, messages in error.errors.items()}))

    @property
    def first_day(self) -> date:
        """The first day, of a form that was accepted."""
        return self.start.data or date.min

    @property
    def last_day(self) -> date:
        """The last day, of a form that was accepted."""
        return self.end.data or date.min

    def offer(self, spaces: Sequence[Space], *, whole: bool = True) -> None:
        """The spaces to choose from, in the current language; `whole`: all of them together too."""
        self.space.choices = [*([("", _("All action lines"))] if whole else []), *((space.code, space_title(space)) for space in spaces)]


class CommentForm(OnceForm):
    """What somebody says about a paragraph."""

    text = TextAreaField(
        _l("Your comment"),
        validators=[InputRequired(_l("Write your comment.")), Length(max=4000, message=_l("At most 4,000 characters."))],
    )
