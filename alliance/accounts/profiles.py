"""What people say of themselves when they register, and later: checked, and put on them."""

from __future__ import annotations

from dataclasses import dataclass, field

from email_validator import EmailNotValidError

from alliance.accounts.models import Person
from alliance.core import addresses, vocabulary
from alliance.core.errors import Invalid
from alliance.core.i18n import current_locale
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line, is_blank

MAX_NAME = 120
MAX_BIO = 2000


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says about themselves."""

    name: str
    country: str | None = None
    languages: list[str] = field(default_factory=list)
    interface_language: str = "en"
    stakeholder_type: str | None = None
    bio: str = ""


def checked_address(email: str) -> str:
    """An address in the form it is kept.

    Raises:
        Invalid: at `email`.
    """
    try:
        return addresses.checked(email)
    except EmailNotValidError as error:
        raise Invalid.field("email", _("This is not an e-mail address: check it for typing mistakes.")) from error


def put(person: Person, profile: Profile) -> None:
    """Put a checked profile on a person."""
    name = clean_line(profile.name)
    if is_blank(name) or len(name) > MAX_NAME:
        raise Invalid.field("name", _("A name has 1 to %(most)s characters.", most=MAX_NAME))
    if profile.country and profile.country not in vocabulary.REGION_OF:
        raise Invalid.field("country", _("Choose a country from the list."))
    if profile.stakeholder_type and profile.stakeholder_type not in vocabulary.STAKEHOLDER_TYPES:
        raise Invalid.field("stakeholder_type", _("Choose a stakeholder type from the list."))
    if not set(profile.languages) <= set(vocabulary.LANGUAGES):
        raise Invalid.field("languages", _("Choose languages from the list."))
    if len(profile.bio) > MAX_BIO:
        raise Invalid.field("bio", _("At most %(most)s characters.", most=MAX_BIO))
    person.name, person.country, person.languages = name, profile.country or None, list(profile.languages)
    person.interface_language = profile.interface_language if profile.interface_language in vocabulary.LANGUAGES else current_locale()
    person.stakeholder_type, person.bio = profile.stakeholder_type or None, profile.bio.strip()
