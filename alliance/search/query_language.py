"""What people type into the search field, read without ever failing: what cannot be read as meant is read as words, and said.

words "a phrase" -not -"not this" prefix* space:c2 author:amina type:civil_society lang:fr country:KE
after:2026-01-01 before:2026-06
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import COUNTRIES, STAKEHOLDER_TYPES
from alliance.search import analysis
from alliance.search.stopwords import STOP_WORDS

LONGEST_QUERY = 1000
MOST_WORDS = 40
SHORTEST_PREFIX = 3
_QUOTES = str.maketrans("“”„«»＂「」『』", '"""""' + '"""""')
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")
_TERM = re.compile(
    r"""
      (?P<minus>(?<![^\s(])[-−])?                            # a minus at the beginning of a word
      (?: (?P<field>[^\W\d_]{2,20}) [:：] (?=[^\s/]) )?       # a field, if something follows; not the // of an address
      (?: "(?P<phrase>[^"]*)" | (?P<word>[^\s"]+) )
    """,
    re.VERBOSE,
)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the results are narrowed to; values of one field are alternatives."""

    spaces: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    stakeholder_types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    since: datetime | None = None  # this moment or later
    until: datetime | None = None  # before this moment

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """A query as understood, and what has to be said about it.

    `languages` are those its words in Latin letters could be in, `language` the one it is in when that is clear.
    """

    text: str
    words: tuple[analysis.Word, ...] = ()
    phrases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    excluded_words: tuple[analysis.Word, ...] = ()
    excluded_phrases: tuple[str, ...] = ()
    filters: Filters = Filters()
    excluded: Filters = Filters()
    form: Filters = Filters()  # what was chosen beside the search field
    languages: tuple[str, ...] = analysis.LATIN
    language: str | None = None
    reader: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def wanted(self) -> bool:
        """Whether there is something to look for at all."""
        return bool(self.words or self.phrases or self.prefixes)

    @property
    def empty(self) -> bool:
        """Whether nothing at all narrows the search."""
        return not (self.wanted or self.filters or self.excluded or self.form or self.excluded_words or self.excluded_phrases)


@dataclass
class _Reading:
    """A query while it is read."""

    words: list[analysis.Word] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    excluded_words: list[analysis.Word] = field(default_factory=list)
    excluded_phrases: list[str] = field(default_factory=list)
    filters: Filters = field(default_factory=Filters)
    excluded: Filters = field(default_factory=Filters)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def parse(text: str, language: str | None = None, reader: str | None = None) -> Query:
    """Read a query.

    Args:
        text: as typed; anything.
        language: the language it is known to be in, if it is.
        reader: the language of whoever asks, preferred when the query itself does not tell.
    """
    reading = _Reading()
    line = _cleaned(text, reading)
    for match in _TERM.finditer(_paired(line, reading)):
        _take(match, reading)
    if len(reading.words) > MOST_WORDS:
        reading.note(_("This query is very long: only its first %(num)s words were looked up.", num=MOST_WORDS))
    if line and not (reading.words or reading.phrases or reading.prefixes or reading.filters) and not _any_excluded(reading):
        reading.note(_("There is no word in this query that could be looked up."))
    languages = (language,) if language in analysis.LATIN else analysis.possible_languages(_prose(reading))
    return Query(
        text=line,
        words=tuple(reading.words[:MOST_WORDS]),
        phrases=tuple(reading.phrases[:MOST_WORDS]),
        prefixes=tuple(reading.prefixes[:MOST_WORDS]),
        excluded_words=tuple(reading.excluded_words[:MOST_WORDS]),
        excluded_phrases=tuple(reading.excluded_phrases[:MOST_WORDS]),
        filters=reading.filters,
        excluded=reading.excluded,
        languages=languages,
        language=language or (languages[0] if len(languages) == 1 else None),
        reader=reader,
        notes=tuple(reading.notes),
    )


def _any_excluded(reading: _Reading) -> bool:
    return bool(reading.excluded_words or reading.excluded_phrases or reading.excluded)


def _prose(reading: _Reading) -> str:
    return " ".join([*(word.accented for word in reading.words), *reading.phrases])


def _cleaned(text: str, reading: _Reading) -> str:
    """One line, without what cannot be typed, no longer than is sensible."""
    line = " ".join(_UNREADABLE.sub(" ", text[: LONGEST_QUERY * 2]).split())
    if len(line) > LONGEST_QUERY or len(text) > LONGEST_QUERY * 2:
        line = line[:LONGEST_QUERY]
        reading.note(_("This query is very long: only its first %(num)s characters were read.", num=LONGEST_QUERY))
    return line


def _paired(line: str, reading: _Reading) -> str:
    """The line with its quotation marks in pairs."""
    line = line.translate(_QUOTES)
    if line.count('"') % 2:
        reading.note(_("A quotation mark is not closed: its words were looked up one by one."))
        cut = line.rindex('"')
        line = f"{line[:cut]} {line[cut + 1 :]}".strip()
    return line


def _take(match: re.Match[str], reading: _Reading) -> None:
    name, phrase, word = (match["field"] or "").lower(), match["phrase"], match["word"]
    minus = match["minus"] is not None
    value = phrase if phrase is not None else word
    if name and name in _FIELDS:
        _narrow(name, value, reading, minus=minus)
    elif phrase is not None:
        _take_words(match["field"] or "", reading, minus=minus)
        _take_phrase(phrase, reading, minus=minus)
    else:
        if name and name not in STOP_WORDS["en"] and not word.startswith("//"):
            known = ", ".join(f"{one}:" for one in ("space", "author", "type", "lang", "country", "after", "before"))
            reading.note(
                _("“%(name)s:” is not something one can search by, so it was read as a word. There are: %(known)s", name=name, known=known)
            )
        _take_words(f"{match['field'] or ''} {word}", reading, minus=minus)


def _take_phrase(phrase: str, reading: _Reading, *, minus: bool) -> None:
    if any(True for _word in analysis.words(phrase)):
        (reading.excluded_phrases if minus else reading.phrases).append(phrase)


def _take_words(text: str, reading: _Reading, *, minus: bool) -> None:
    if text.strip() in {"OR", "AND"}:  # any word is enough as it is, and more of them come first
        return
    found = list(analysis.words(text))
    if minus:
        reading.excluded_words.extend(found)
        return
    if text.endswith("*") and found and found[-1].end == len(text) - 1 and text.count("*") == 1:
        last = found.pop()
        if len(last.folded) >= SHORTEST_PREFIX or last.script == "solid":
            reading.prefixes.append(last.folded)
        else:
            reading.note(_("The beginning of a word needs at least %(num)s letters before the *.", num=SHORTEST_PREFIX))
            found.append(last)
    reading.words.extend(found)


def _narrow(name: str, value: str, reading: _Reading, *, minus: bool) -> None:
    before = reading.excluded if minus else reading.filters
    try:
        after = _FIELDS[name](before, value.strip())
    except ValueError as error:
        reading.note(str(error))
        return
    if minus:
        reading.excluded = after
    else:
        reading.filters = after


def _space(filters: Filters, value: str) -> Filters:
    code = value.lower().strip("., ")
    if not code:
        raise ValueError(_("After “%(name)s:” something has to follow.", name="space"))
    return replace(filters, spaces=(*filters.spaces, code))


def _author(filters: Filters, value: str) -> Filters:
    name = value.removeprefix("@").lower()
    if not name:
        raise ValueError(_("After “%(name)s:” something has to follow.", name="author"))
    return replace(filters, authors=(*filters.authors, name))


def _type(filters: Filters, value: str) -> Filters:
    code = value.lower().replace("-", "_").replace(" ", "_")
    matching = [known for known in STAKEHOLDER_TYPES if known.startswith(code)] if code else []
    if len(matching) != 1:
        known = ", ".join(STAKEHOLDER_TYPES)
        raise ValueError(
            _("“%(value)s” is not a stakeholder type, so it was left out. There are: %(known)s", value=value[:40], known=known)
        )
    return replace(filters, stakeholder_types=(*filters.stakeholder_types, matching[0]))


def _language(filters: Filters, value: str) -> Filters:
    code = value.lower()[:2]
    if code not in LANGUAGES:
        raise ValueError(
            _(
                "“%(value)s” is not one of the languages, so it was left out. There are: %(known)s",
                value=value[:40],
                known=", ".join(LANGUAGES),
            )
        )
    return replace(filters, languages=(*filters.languages, code))


def _country(filters: Filters, value: str) -> Filters:
    code = value.upper()
    if code not in COUNTRIES:
        raise ValueError(_("“%(value)s” is not the code of a country (two letters, such as KE), so it was left out.", value=value[:40]))
    return replace(filters, countries=(*filters.countries, code))


def _from(filters: Filters, value: str) -> Filters:
    return replace(filters, since=period(value)[0])


def _to(filters: Filters, value: str) -> Filters:
    return replace(filters, until=period(value)[1])


def _before(filters: Filters, value: str) -> Filters:
    return replace(filters, until=period(value)[0])


def period(value: str) -> tuple[datetime, datetime]:
    """First moment of a year, month or day, and the first after it.

    Raises:
        ValueError: there is no such date; the message is for whoever typed it.
    """
    match = _DATE.fullmatch(value.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = match.groups()
        first = date(int(year), int(month or 1), int(day or 1))
        if day:
            following = first + timedelta(days=1)
        elif month:
            following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        else:
            following = first.replace(year=first.year + 1)
    except (ValueError, OverflowError):
        raise ValueError(_("“%(value)s” is not a date, so it was left out. Write 2026, 2026-06 or 2026-06-15.", value=value[:40])) from None
    return _midnight(first), _midnight(following)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


_FIELDS: dict[str, Callable[[Filters, str], Filters]] = {
    "space": _space,
    "author": _author,
    "type": _type,
    "lang": _language,
    "language": _language,
    "country": _country,
    "after": _from,
    "before": _before,
}
_FORM = {
    "space": _space,
    "author": _author,
    "stakeholder_type": _type,
    "language": _language,
    "country": _country,
    "from": _from,
    "to": _to,
}


def chosen(values: Mapping[str, str]) -> tuple[Filters, dict[str, list[str]]]:
    """What was chosen beside the search field, and what is wrong with it, by field.

    Args:
        values: by name: space, author, stakeholder_type, language, country, from, to (both included).
    """
    filters, wrong = Filters(), {}
    for name, take in _FORM.items():
        value = " ".join(_UNREADABLE.sub(" ", values.get(name, "")[:LONGEST_QUERY]).split())
        if value:
            try:
                filters = take(filters, value)
            except ValueError as error:
                wrong[name] = [str(error)]
    return filters, wrong
