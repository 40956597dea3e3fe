"""What people type into the search field, read without ever failing: what cannot be read as meant is read as words, and said.

words "a phrase" -not -"not this" this OR that prefix* space:c2 author:amina type:civil_society lang:fr country:KE org:acme
kind:digest has:attachment is:unanswered is:key after:2026-01-01 before:2026-06
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from alliance.core.i18n import gettext as _
from alliance.search import analysis
from alliance.search.filters import FIELDS, NOTHING_CHOSEN, UNREADABLE, Filters
from alliance.search.stopwords import STOP_WORDS

LONGEST_QUERY = 1000
MOST_WORDS = 40
MOST_GROUPS = 10
SHORTEST_PREFIX = 3
_QUOTES = str.maketrans("“”„«»＂「」『』", '"""""' + '"""""')
_ONE_VALUE = {"after", "before", "has", "is"}  # fields whose values are no alternatives
_TERM = re.compile(
    r"""
      (?P<minus>(?<![^\s(])[-−])?                            # a minus at the beginning of a word
      (?: (?P<field>[^\W\d_]{2,20}) [:：] (?=[^\s/]) )?       # a field, if something follows; not the // of an address
      (?: "(?P<phrase>[^"]*)" | (?P<word>[^\s"]+) )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One alternative of several joined by OR: a word, a phrase, or a beginning."""

    word: analysis.Word | None = None
    phrase: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A query as understood, and what has to be said about it.

    `languages` are those its words in Latin letters could be in, `language` the one it is in when that is clear.
    Of each group of `either` one part must be there; its words and beginnings are among `words` and `prefixes` too.
    """

    text: str
    words: tuple[analysis.Word, ...] = ()
    phrases: tuple[str, ...] = ()
    either: tuple[tuple[Part, ...], ...] = ()
    prefixes: tuple[str, ...] = ()
    excluded_words: tuple[analysis.Word, ...] = ()
    excluded_phrases: tuple[str, ...] = ()
    filters: Filters = NOTHING_CHOSEN
    excluded: Filters = NOTHING_CHOSEN
    form: Filters = NOTHING_CHOSEN  # what was chosen beside the search field
    languages: tuple[str, ...] = analysis.LATIN
    language: str | None = None
    reader: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def wanted(self) -> bool:
        """Whether there is something to look for at all."""
        return bool(self.words or self.phrases or self.prefixes or self.either)

    @property
    def required(self) -> bool:
        """Whether something has to be there, not only any of it."""
        return bool(self.phrases or self.either)

    @property
    def either_phrases(self) -> tuple[str, ...]:
        """The phrases that are alternatives."""
        return tuple(part.phrase for group in self.either for part in group if part.phrase)

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
    groups: list[list[Part]] = field(default_factory=list)
    last: list[Part] = field(default_factory=list)  # what an OR would join
    joining: bool = False
    named: str = ""  # the field that was read just before
    same: str = ""  # the field an OR behind it is followed by, if it says anything

    def part(self, parts: list[Part]) -> None:
        """Something to look for was read: perhaps the other side of an OR."""
        if self.joining and self.groups and parts:
            self.groups[-1].extend(parts)
        self.joining = False
        self.last = parts

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def follow(self, name: str) -> None:
        """A field or (no name) anything else follows: what an OR before it would join is words, or values of one field."""
        if (name and self.joining) or (self.same and (name != self.same or name in _ONE_VALUE)):
            self.note(_("Behind OR nothing follows: it was left out."))
        if name:
            self.joining, self.last = False, []
        self.named, self.same = name, ""


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
    if reading.joining or reading.same:
        reading.note(_("Behind OR nothing follows: it was left out."))
    reading.phrases += _lonely(reading)
    if (
        line
        and not (reading.words or reading.groups or reading.phrases or reading.prefixes or reading.filters)
        and not _any_excluded(reading)
    ):
        reading.note(_("There is no word in this query that could be looked up."))
    languages = (language,) if language in analysis.LATIN else analysis.possible_languages(_prose(reading))
    return Query(
        text=line,
        words=tuple(reading.words[:MOST_WORDS]),
        phrases=tuple(reading.phrases[:MOST_WORDS]),
        either=tuple(tuple(group[:MOST_WORDS]) for group in reading.groups[:MOST_GROUPS] if len(group) > 1),
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


def _lonely(reading: _Reading) -> list[str]:
    """Phrases of an OR whose other side said nothing."""
    return [group[0].phrase for group in reading.groups if len(group) == 1 and group[0].phrase]


def _any_excluded(reading: _Reading) -> bool:
    return bool(reading.excluded_words or reading.excluded_phrases or reading.excluded)


def _prose(reading: _Reading) -> str:
    either = (part.phrase for group in reading.groups for part in group if part.phrase)
    return " ".join([*(word.accented for word in reading.words), *reading.phrases, *either])


def _cleaned(text: str, reading: _Reading) -> str:
    """One line, without what cannot be typed, no longer than is sensible."""
    line = " ".join(UNREADABLE.sub(" ", text[: LONGEST_QUERY * 2]).split())
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
    if word == "OR" and not name and not minus and (_join(reading) or _is_between_values(reading)):
        return
    value = phrase if phrase is not None else word
    reading.follow(("-" if minus else "") + name.replace("language", "lang") if name in FIELDS else "")
    if name in FIELDS:
        _narrow(name, value, reading, minus=minus)
    elif phrase is not None:
        _take_words(match["field"] or "", reading, minus=minus)
        _take_phrase(phrase, reading, minus=minus)
    else:
        if name and name not in STOP_WORDS["en"] and not word.startswith("//"):
            known = ", ".join(f"{one}:" for one in FIELDS if one != "language")
            reading.note(
                _("“%(name)s:” is not something one can search by, so it was read as a word. There are: %(known)s", name=name, known=known)
            )
        _take_words(f"{match['field'] or ''} {word}", reading, minus=minus)


def _join(reading: _Reading) -> bool:
    """OR: what stands before it and what follows are alternatives. False when nothing stands before it: then it is a word."""
    if reading.joining or not reading.last:
        return False
    if not (reading.groups and reading.last[0] in reading.groups[-1]):
        for part in reading.last:
            if part.phrase in reading.phrases:
                reading.phrases.remove(part.phrase)
        reading.groups.append(list(reading.last))
    reading.joining = True
    return True


def _is_between_values(reading: _Reading) -> bool:
    """Whether an OR stands behind a field: values of one field are alternatives as it is."""
    reading.same = reading.named
    return bool(reading.named)


def _take_phrase(phrase: str, reading: _Reading, *, minus: bool) -> None:
    if not any(True for _word in analysis.words(phrase)):
        return
    if minus:
        reading.excluded_phrases.append(phrase)
    elif reading.joining:
        reading.part([Part(phrase=phrase)])
    else:
        reading.phrases.append(phrase)
        reading.part([Part(phrase=phrase)])


def _take_words(text: str, reading: _Reading, *, minus: bool) -> None:
    if text.strip() == "AND":  # any word is enough as it is, and more of them come first
        return
    found = list(analysis.words(text))
    if minus:
        reading.excluded_words.extend(found)
        return
    parts: list[Part] = []
    if text.endswith("*") and found and found[-1].end == len(text) - 1 and text.count("*") == 1:
        last = found.pop()
        if last.script == "solid":  # looked up by its characters, whatever they begin or end
            found.append(last)
        elif len(last.folded) >= SHORTEST_PREFIX:
            reading.prefixes.append(last.folded)
            parts.append(Part(prefix=last.folded))
        else:
            reading.note(_("The beginning of a word needs at least %(num)s letters before the *.", num=SHORTEST_PREFIX))
            found.append(last)
    reading.words.extend(found)
    parts += [Part(word=word) for word in found]
    if parts:
        reading.part(parts)


def _narrow(name: str, value: str, reading: _Reading, *, minus: bool) -> None:
    before = reading.excluded if minus else reading.filters
    try:
        after = FIELDS[name](before, value.strip())
    except ValueError as error:
        reading.note(str(error))
        return
    if minus:
        reading.excluded = after
    else:
        reading.filters = after
