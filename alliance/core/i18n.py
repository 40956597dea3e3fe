"""Six languages: the current one (per thread or task), messages, dates and numbers. Babel, without Flask.

Catalogues are the `.po` files themselves, compiled in memory when a language is first used: nothing to build, nothing
to go stale. English is the source.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from gettext import GNUTranslations, NullTranslations
from typing import Any

from babel import Locale, dates, numbers
from babel.lists import format_list as _join
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from alliance.core import clock, shipped

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
SOURCE = "en"
_locale: ContextVar[str] = ContextVar("locale", default=SOURCE)


def current_locale() -> str:
    """The language in use: one of LANGUAGES."""
    return _locale.get()


def set_locale(language: str) -> None:
    """Use `language` from here on in this thread or task; unknown ones mean English."""
    _locale.set(language if language in LANGUAGES else SOURCE)


@contextmanager
def use_locale(language: str | None) -> Iterator[None]:
    """Use `language` for the length of a `with` block."""
    mark = _locale.set(language if language in LANGUAGES else SOURCE)
    try:
        yield
    finally:
        _locale.reset(mark)


@functools.cache
def catalogue(language: str) -> NullTranslations:
    """The messages of a language."""
    file = shipped.locales() / language / "LC_MESSAGES" / "messages.po"
    if language == SOURCE or not file.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def gettext(message: str, **variables: Any) -> str:
    """The message in the current language, with %(name)s replaced."""
    text = catalogue(current_locale()).gettext(message)
    return text % variables if variables else text


def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
    """The message in the current language and the plural form of `num`; %(num)s is the number, formatted."""
    text = catalogue(current_locale()).ngettext(singular, plural, num)
    return text % ({"num": format_number(num)} | variables)


def plain_ngettext(singular: str, plural: str, num: int) -> str:
    """The plural form of a message with its placeholders left in (Jinja fills them itself)."""
    return catalogue(current_locale()).ngettext(singular, plural, num)


class Lazy:
    """A message translated when it is shown (labels declared at import time)."""

    def __init__(self, message: str, variables: dict[str, Any]) -> None:
        self.message = message
        self.variables = variables

    def __str__(self) -> str:
        return gettext(self.message, **self.variables)

    def __html__(self) -> str:
        return str(self).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def __mod__(self, other: Any) -> str:
        text: str = str(self) % other
        return text

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self.message)


def lazy_gettext(message: str, **variables: Any) -> Any:
    """Like `gettext`, but in the language current when it is shown."""
    return Lazy(message, variables)


def direction(language: str | None) -> str:
    """ "rtl" or "ltr" of what is written in a language, "auto" when none is declared."""
    if not language:
        return "auto"
    return "rtl" if language.split("-", maxsplit=1)[0] in {"ar", "fa", "he", "ur"} else "ltr"


def isolated(text: str) -> str:
    """A name inside a sentence of perhaps another direction, between the marks that keep the two apart."""
    return f"\u2068{text}\u2069" if direction(current_locale()) == "rtl" or re.search("[\u0590-\u08ff]", text) else text


def babel_locale() -> Locale:
    """Babel's locale of the current language; English dates are `15 June 2026`, as in United Nations usage."""
    return _babel(current_locale())


@functools.cache
def _babel(language: str) -> Locale:
    return Locale.parse("en_GB" if language == "en" else language)


def format_date(moment: date | datetime) -> str:
    """A day, in full: 15 June 2026."""
    return dates.format_date(moment, "long", locale=babel_locale())


def format_datetime(moment: datetime) -> str:
    """A moment in UTC: 15 June 2026, 14:05 UTC."""
    return f"{format_date(moment)}, {dates.format_time(moment, 'HH:mm', locale=babel_locale())} UTC"


def format_moment(moment: datetime) -> str:
    """A moment in UTC, short: 15 Jun 2026, 14:05 UTC."""
    return f"{dates.format_date(moment, 'medium', locale=babel_locale())}, {dates.format_time(moment, 'HH:mm', locale=babel_locale())} UTC"


def format_number(number: float, most: float | None = None) -> str:
    """A number with the thousands mark of the language; 1,000+ where it was counted up to `most` only, and there may be more."""
    said = numbers.format_decimal(number, locale=babel_locale())
    return said if most is None or number < most else gettext("%(number)s+", number=said)


def format_list(items: list[str]) -> str:
    """Items as a list in a sentence: a, b and c."""
    return str(_join(items, locale=babel_locale())) if items else ""


def format_percent(share: float) -> str:
    """A share between 0 and 1 as a percentage without decimals."""
    return numbers.format_percent(share, locale=babel_locale())


def relative_time(moment: datetime) -> str:
    """How long ago: 3 hours ago."""
    distance = min(moment - clock.now(), timedelta(0))
    return dates.format_timedelta(distance, add_direction=True, locale=babel_locale())


def format_duration(seconds: int) -> str:
    """How long something takes: 3 hours."""
    return dates.format_timedelta(timedelta(seconds=seconds), locale=babel_locale())


def language_name(code: str) -> str:
    """A language's name in the current language."""
    return str(babel_locale().languages.get(code) or code)


def own_name(code: str) -> str:
    """A language's name in itself, as language choosers show it."""
    name = str(_babel(code).languages.get(code) or code)
    return name[:1].upper() + name[1:]


def weekday_name(number: int) -> str:
    """The name of a day of the week; 0 is Monday."""
    return str(dates.get_day_names("wide", "stand-alone", locale=babel_locale())[number])
