"""The form of a rapporteur."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from wtforms import DateField, SelectField
from wtforms.validators import InputRequired

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.digests.wording import space_title
from alliance.groups.models import Space
from alliance.web.forms import OnceForm


class CompileForm(OnceForm):
    """Which period, which space."""

    start = DateField(_l("From"), validators=[InputRequired(_l("Give the first day of the period."))], name="from")
    end = DateField(
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

    def offer(self, spaces: Sequence[Space]) -> None:
        """The spaces to choose from, in the current language."""
        self.space.choices = [("", _("All action lines")), *((space.code, space_title(space)) for space in spaces)]
