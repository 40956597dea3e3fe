"""Six languages: complete catalogues, right placeholders, plurals, dates and numbers by language."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from datetime import UTC, datetime
from gettext import c2py  # type: ignore[attr-defined]
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from alliance.core import i18n, shipped

ROOT = Path(__file__).resolve().parents[2]
TRANSLATED = [language for language in i18n.LANGUAGES if language != i18n.SOURCE]
PLACEHOLDER = re.compile(r"%\((\w+)\)s|(%%s)")


def catalogue(language: str) -> Catalog:
    with (shipped.locales() / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def names(text: str) -> set[str]:
    return {one or other for one, other in PLACEHOLDER.findall(text)}


def problems(message: Message, plurals: int) -> list[str]:
    """What is wrong with the translation of a message."""
    sources = list(message.id) if isinstance(message.id, tuple) else [message.id]
    strings = list(message.string) if isinstance(message.string, tuple) else [message.string]
    found = []
    if message.fuzzy or not all(strings) or len(strings) != (plurals if len(sources) > 1 else 1):
        found.append("missing")
    wanted = names(sources[-1])
    # A form for exactly one or two may write its number as a word.
    if any(names(text) - wanted or wanted - names(text) - {"num"} for text in strings):
        found.append("placeholders")
    if any(sorted(re.findall(r"</?[a-z]+", text)) != sorted(re.findall(r"</?[a-z]+", sources[-1])) for text in strings):
        found.append("markup")
    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language: str) -> None:
    found = catalogue(language)
    wrong = {str(m.id): problems(m, found.num_plurals) for m in found if m.id and problems(m, found.num_plurals)}
    assert wrong == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_numbers_take_the_forms_of_the_language_in_their_usual_order(language: str) -> None:
    """CLDR's zero, one, two, few, many, other: the order translators give them in."""
    found, rule = catalogue(language), Locale(language).plural_form
    choose = c2py(found.plural_expr)
    forms = {choose(number): rule(number) for number in range(200)}
    assert all(forms[choose(number)] == rule(number) for number in range(200))
    order = ("zero", "one", "two", "few", "many", "other")
    assert [forms[index] for index in sorted(forms)] == sorted(forms.values(), key=order.index)


def test_the_catalogues_hold_every_message_of_code_and_templates(tmp_path: Path) -> None:
    """`make messages` would add nothing."""
    template = tmp_path / "messages.pot"
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        "-F",
        "babel.cfg",
        "-k",
        "_l",
        "-k",
        "ngettext:1,2",
        "-o",
        str(template),
        ".",
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with template.open("rb") as file:
        wanted = {m.id for m in read_po(file) if m.id}
    for language in TRANSLATED:
        assert wanted - {m.id for m in catalogue(language) if m.id} == set(), language


def test_the_catalogues_hold_what_stands_within_f_strings() -> None:
    """Where what extracts messages does not look on every version of Python: a message there is in no catalogue, and never translated."""
    known = {message.id[0] if isinstance(message.id, tuple) else message.id for message in catalogue("fr")}
    for file in sorted((ROOT / "alliance").rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"_", "_l", "ngettext"}:
                words = call.args[0]
                assert not isinstance(words, ast.Constant) or words.value in known, f"{file}:{call.lineno}"


def test_plural_forms() -> None:
    with i18n.use_locale("ru"):
        assert [i18n.ngettext("%(num)s post", "%(num)s posts", n) for n in (1, 2, 5)] == ["1 сообщение", "2 сообщения", "5 сообщений"]
    with i18n.use_locale("ar"):
        assert len({i18n.ngettext("%(num)s post", "%(num)s posts", n).strip(string.digits + " ") for n in (1, 2, 3, 11)}) == 4


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "15 June 2026"), ("fr", "15 juin 2026"), ("es", "15 de junio de 2026"), ("zh", "2026年6月15日"), ("ru", "15 июня 2026 г.")],
)
def test_dates_are_written_as_the_language_does(language: str, shown: str) -> None:
    with i18n.use_locale(language):
        assert i18n.format_date(datetime(2026, 6, 15, tzinfo=UTC)).replace("\u202f", " ").replace("\xa0", " ") == shown


def test_unknown_languages_mean_english() -> None:
    with i18n.use_locale("tlh"):
        assert i18n.current_locale() == "en"
        assert i18n.gettext("Search") == "Search"
    assert (i18n.direction("ar"), i18n.direction("fr"), i18n.direction(None)) == ("rtl", "ltr", "auto")
