"""The base of every form: CSRF, our languages, errors by field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import DateField, DateTimeLocalField, HiddenField
from wtforms.validators import Length

from alliance.core import i18n
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.web import owned


class _Translations:
    """WTForms' own messages, through our catalogues."""

    def gettext(self, string: str) -> str:
        """A message."""
        return i18n.gettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """A message with a number."""
        return i18n.catalogue(i18n.current_locale()).ngettext(singular, plural, n)


class Form(FlaskForm):  # type: ignore[misc]
    """A form of ours; `validate_on_submit()` and, when a service refuses, `take(error)`."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """WTForms' switches."""

        def get_translations(self, form: Any) -> Any:
            """Where its messages come from."""
            return _Translations()

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it may be taken. What was replaced at the door (`web.addresses`) is shown first, to be looked at."""
        valid = bool(super().validate(extra_validators))
        if valid and getattr(request.form, "replaced", False):
            self.form_errors.append(
                _("The text holds characters that are not text (U+0000 or half of a pair). Remove them and send it again.")
            )
            return False
        return valid

    def take(self, error: Invalid) -> None:
        """Show a service's errors at their fields (those of no field above the form)."""
        for name, messages in error.errors.items():
            target = self._fields.get(name)
            if target is None:
                self.form_errors.extend(messages)
            else:
                target.errors = [*target.errors, *messages]


class DayField(DateField):  # type: ignore[misc]
    """A day; what is none is told so in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """What was entered."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("Give a day like 2026-05-31.")) from error


class MomentField(DateTimeLocalField):  # type: ignore[misc]
    """A day and a time in UTC, which its label says."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)

    @property
    def moment(self) -> datetime | None:
        """What was entered, if anything was."""
        return self.data.replace(tzinfo=UTC) if self.data else None


class OnceForm(Form):
    """A form whose second sending is the first one again (see `web.once`)."""

    nonce = HiddenField(validators=[Length(max=100)], default=owned.fresh)
