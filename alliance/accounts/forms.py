"""Forms of accounts."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from alliance.accounts.models import Person
from alliance.accounts.passwords import MAX_LENGTH
from alliance.accounts.profiles import MAX_BIO, MAX_NAME, Profile
from alliance.core import vocabulary
from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.web.forms import Form


class _Checkboxes(SelectMultipleField):  # type: ignore[misc]
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ProfileForm(Form):
    """What a person says about themselves."""

    name = StringField(
        _l("Name"), validators=[InputRequired(_l("Tell us your name.")), Length(max=MAX_NAME)], render_kw={"autocomplete": "name"}
    )
    stakeholder_type = SelectField(
        _l("Stakeholder type"),
        validators=[Optional()],
        description=_l("Shown beside everything you write, so that readers see the balance of voices."),
    )
    country = SelectField(_l("Country"), validators=[Optional()], render_kw={"autocomplete": "country"})
    languages = _Checkboxes(_l("Languages you read"))
    interface_language = SelectField(_l("Language of the pages and of mail to you"))
    bio = TextAreaField(_l("About you"), validators=[Optional(), Length(max=MAX_BIO)], render_kw={"rows": 4})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.stakeholder_type.choices = [("", _("Not stated")), *vocabulary.stakeholder_choices()]
        self.country.choices = [("", _("Not stated")), *vocabulary.country_choices()]
        self.languages.choices = vocabulary.language_choices()
        self.interface_language.choices = vocabulary.language_choices()
        if not self.interface_language.data:
            self.interface_language.data = current_locale()

    def profile(self) -> Profile:
        """What was entered."""
        return Profile(
            name=self.name.data or "",
            country=self.country.data or None,
            languages=self.languages.data or [],
            interface_language=self.interface_language.data or "en",
            stakeholder_type=self.stakeholder_type.data or None,
            bio=(self.bio.data or "") if self.bio else "",
        )

    @classmethod
    def of(cls, person: Person) -> ProfileForm:
        """The form, filled with what a person said before."""
        return cls(obj=person)


def _new_password(label: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[InputRequired(_l("Choose a password.")), Length(max=MAX_LENGTH)],
        description=_l("At least 10 characters. Several words are easiest to remember."),
        render_kw={"autocomplete": "new-password"},
    )


def _present_password() -> PasswordField:
    return PasswordField(
        _l("Present password"),
        validators=[InputRequired(_l("Enter your present password."))],
        render_kw={"autocomplete": "current-password"},
    )


def _code(label: Any) -> StringField:
    return StringField(
        label,
        validators=[InputRequired(_l("Enter the code.")), Length(max=60)],
        render_kw={"autocomplete": "one-time-code", "dir": "ltr", "spellcheck": "false", "autocapitalize": "none"},
    )


def _address() -> EmailField:
    return EmailField(
        _l("E-mail address"),
        validators=[InputRequired(_l("Enter your e-mail address.")), Length(max=320)],
        render_kw={"autocomplete": "email"},
    )


class RegisterForm(ProfileForm):
    """Asking for an account."""

    email = _address()
    password = _new_password(_l("Password"))
    bio = None


class NewcomerForm(ProfileForm):
    """Asking for an account with an address that was confirmed elsewhere."""

    bio = None


class SignInForm(Form):
    """Signing in."""

    email = _address()
    password = PasswordField(
        _l("Password"), validators=[InputRequired(_l("Enter your password."))], render_kw={"autocomplete": "current-password"}
    )
    remember = BooleanField(_l("Keep me signed in on this device"))


class ConfirmForm(Form):
    """Confirming an address."""

    password = PasswordField(
        _l("The password you chose"),
        validators=[InputRequired(_l("Enter the password you chose when registering."))],
        render_kw={"autocomplete": "current-password"},
    )


class CodeForm(Form):
    """A code of an authenticator app, or a recovery code."""

    code = _code(_l("Six digits, or a recovery code"))


class AppCodeForm(CodeForm):
    """The first code of an authenticator app; there are no recovery codes yet."""

    code = _code(_l("Six digits"))


class PresentPasswordForm(Form):
    """What only the one who knows the password may do."""

    password = _present_password()


class KeyForm(PresentPasswordForm):
    """A new passkey or security key; what it answered is put in by a script."""

    name = StringField(
        _l("What you call it"),
        validators=[InputRequired(_l("Give the key a name.")), Length(max=80)],
        description=_l("Such as the device it is on, so that you know which one to remove when you have lost it."),
    )
    password = _present_password()
    answer = HiddenField(validators=[Length(max=20_000)])


class ForgottenForm(Form):
    """Asking for a link to choose a new password."""

    email = _address()


class ResetForm(Form):
    """Choosing a new password by link."""

    password = _new_password(_l("New password"))


class PasswordForm(ResetForm):
    """Choosing a new password knowing the present one."""

    current = _present_password()


class TokenForm(Form):
    """A new API token."""

    name = StringField(_l("What it is for"), validators=[Length(max=80)])
    scope = SelectField(
        _l("What it may do"),
        choices=[
            ("read", _l("Read")),
            ("write", _l("Read and write")),
            ("moderate", _l("Read, write and moderate")),
            ("admin", _l("Everything I may do")),
        ],
    )
    days = SelectField(
        _l("How long it works"),
        choices=[("30", _l("30 days")), ("90", _l("90 days")), ("365", _l("A year")), ("", _l("Until I end it"))],
        default="90",
    )
    password = _present_password()
