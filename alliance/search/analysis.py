"""From text to what is indexed and looked up: words, stems and forms in six languages. Knows no engine.

What a word becomes depends on the script it is written in and, for Latin letters, on the language of the text around
it: an acronym in Latin letters inside a Russian or Chinese post is indexed as such. Marks are part of the word they
stand on (or vocalised Arabic would fall into letters), and accents are folded *before* the stemmer, so that a word
typed without them has the same stem. Chinese has no spaces: runs of ideographs become overlapping pairs.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

import snowballstemmer

from alliance.search.stopwords import STOP_WORDS
from alliance.search.traditional import SIMPLIFIED

LATIN = ("en", "fr", "es")
DEFAULT = "en"
LONGEST = 64
_STEMMERS = {"en": "english", "fr": "french", "es": "spanish", "ru": "russian"}


def _marks() -> str:
    """The marks (accents, vowel signs) of every script, as ranges of a character class."""
    # Unicode has them in planes 0 and 1, and the variation selectors; looking through all of it takes a third of a second at each start.
    everywhere = (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0))
    points = [p for p in everywhere if unicodedata.category(chr(p))[0] == "M"]
    ranges: list[list[int]] = []
    for point in points:
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


# Written without spaces: ideographs, kana, Thai, Lao, Khmer, Burmese.
_SOLID = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3040-\u30ff\u0e01-\u0e33\u0e40-\u0e46\u0e81-\u0eb3\u1000-\u102a\u1780-\u17b3々〇"
# Direction marks and joiners may stand inside a word and are no part of it.
_WITHIN = _marks() + "\u0640\u200c\u200d\u200e\u200f\u00ad"
_WORD = re.compile(f"[{_SOLID}]+|(?:[^\\W_{_SOLID}][{_WITHIN}]*)+")
_IS_SOLID = re.compile(f"[{_SOLID}]")
_IS_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_IS_CYRILLIC = re.compile("[\u0400-\u052f]")
_NOT_ARABIC_LETTERS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200c-\u200f]")
_ARABIC_LETTERS = str.maketrans("أإآٱکیگے", "ااااكيكي")
_ARABIC_ENDS = str.maketrans("ىةؤئ", "يهوي")
_ARABIC_PREFIXES = ("وال", "بال", "كال", "فال", "ولل", "ال", "لل", "و")
_ARABIC_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
_FRENCH_LETTERS = re.compile("[çèêëîïôœàâùû]")
_SPANISH_LETTERS = re.compile("[ñáíóúü¿¡]")


class Token(NamedTuple):
    """One thing that is indexed, and where in the text it stands."""

    text: str
    start: int
    end: int


class Word(NamedTuple):
    """A word as written: folded, still with its accents, its script, its place."""

    folded: str
    accented: str
    script: str
    start: int
    end: int


def script_of(surface: str) -> str:
    """Which of our scripts a word is written in: solid, arabic, cyrillic, latin (and all else)."""
    if _IS_SOLID.search(surface):
        return "solid"
    if _IS_ARABIC.search(surface):
        return "arabic"
    return "cyrillic" if _IS_CYRILLIC.search(surface) else "latin"


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order; a run without spaces is one word here."""
    for match in _WORD.finditer(text):
        surface = match.group()
        script = script_of(surface)
        short = surface if script == "solid" else surface[:LONGEST]
        yield Word(*_folded(short, script), script, match.start(), match.end())


@functools.lru_cache(maxsize=50_000)
def _folded(surface: str, script: str) -> tuple[str, str]:
    """(folded, with accents) of a word, both in lower case."""
    if script == "solid":
        return surface.translate(SIMPLIFIED), surface
    accented = (
        unicodedata.normalize("NFKC", surface).casefold().translate({0x200C: None, 0x200D: None, 0x200E: None, 0x200F: None, 0xAD: None})
    )
    if script == "arabic":
        plain = _NOT_ARABIC_LETTERS.sub("", accented)
        return _plain_digits(plain.translate(_ARABIC_LETTERS)) or accented, plain
    if script == "cyrillic":
        # й is a letter of its own, the accent of стра́ны is not: only ё and stress marks are folded.
        return accented.replace("ё", "е").replace("\u0301", ""), accented
    stripped = "".join(c for c in unicodedata.normalize("NFKD", accented) if not unicodedata.combining(c))
    return _plain_digits(stripped.translate(_LIGATURES)) or accented, accented


_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def _plain_digits(word: str) -> str:
    if word.isascii():
        return word
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in word)


@functools.lru_cache(maxsize=100_000)
def stem(folded: str, language: str) -> str:
    """The stem of a folded word in a language."""
    if language == "ar":
        return _arabic_stem(folded)
    return str(_stemmer(language).stemWord(folded)) or folded


def _arabic_stem(word: str) -> str:
    """The light stemmer of Larkey, Ballesteros and Connell ("light10"): the article and what is joined to it, endings.

    Snowball's Arabic stemmer takes endings only from words without the article, so that information and *the*
    information have different stems.
    """
    word = word.translate(_ARABIC_ENDS)
    for prefix in _ARABIC_PREFIXES:
        if word.startswith(prefix) and len(word) >= len(prefix) + (3 if prefix == "و" else 2):
            word = word[len(prefix) :]
            break
    for suffix in _ARABIC_SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


@functools.cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(_STEMMERS[language])


def language_for(script: str, language: str | None) -> str:
    """The language whose rules a word follows: its script decides, or the text's language among those of Latin letters."""
    if script == "arabic":
        return "ar"
    if script == "cyrillic":
        return "ru"
    return language if language in LATIN else DEFAULT


def stems(text: str, language: str | None) -> list[Token]:
    """What stands for a text in the index: stems without stop words, pairs of ideographs."""
    found: list[Token] = []
    for word in words(text):
        if word.script == "solid":
            found.extend(pairs(word))
            continue
        rules = language_for(word.script, language)
        if word.folded not in STOP_WORDS[rules]:
            found.append(Token(stem(word.folded, rules), word.start, word.end))
    return found


def pairs(word: Word) -> list[Token]:
    """Overlapping pairs of a run without spaces; a single character is itself."""
    run = word.folded
    if len(run) == 1:
        return [Token(run, word.start, word.end)]
    return [Token(run[i : i + 2], word.start + i, word.start + i + 2) for i in range(len(run) - 1)]


def forms(text: str) -> list[Token]:
    """The folded words as they stand, none left out, for phrases and exact matches; ideographs one by one."""
    found: list[Token] = []
    for word in words(text):
        if word.script == "solid":
            found.extend(Token(c, word.start + i, word.start + i + 1) for i, c in enumerate(word.folded))
        else:
            found.append(Token(word.folded, word.start, word.end))
    return found


def accented_forms(text: str) -> list[str]:
    """Words that are written with accents, as written: what was typed exactly so is ranked higher."""
    return [word.accented for word in words(text) if word.accented != word.folded]


def possible_languages(query: str) -> tuple[str, ...]:
    """The languages of Latin letters a query could be in: those its small words and accents speak for, else all."""
    evidence = dict.fromkeys(LATIN, 0.0)
    for word in words(query):
        if word.script != "latin":
            continue
        for language in LATIN:
            evidence[language] += word.folded in STOP_WORDS[language]
        evidence["fr"] += 0.5 * bool(_FRENCH_LETTERS.search(word.accented))
        evidence["es"] += 0.5 * bool(_SPANISH_LETTERS.search(word.accented))
    most = max(evidence.values())
    return tuple(language for language in LATIN if evidence[language] == most)


def variants(word: Word, languages: tuple[str, ...]) -> tuple[str, ...]:
    """The stems under which a word of a query may stand in the index; none for a stop word."""
    if word.script != "latin":
        languages = (language_for(word.script, None),)
    if any(word.folded in STOP_WORDS[language] for language in languages):
        return ()
    return tuple(dict.fromkeys(stem(word.folded, language) for language in languages))


class Terms(NamedTuple):
    """All that is indexed of a text, in order."""

    stems: list[str]
    forms: list[str]
    accented: list[str]


def terms(text: str, language: str | None) -> Terms:
    """Stems, forms and accented forms of a text at once: what `stems`, `forms` and `accented_forms` say, much quicker."""
    stemmed: list[str] = []
    written: list[str] = []
    accented: list[str] = []
    known = _known[language if language in LATIN else DEFAULT]
    if len(known) > _MOST_KNOWN:
        known.clear()
    for chunk in text.split():
        some, forms_, marked = known[chunk] if len(chunk) <= _LONGEST_KNOWN else known.__missing__(chunk)
        stemmed += some
        written += forms_
        if marked:
            accented += marked
    return Terms(stemmed, written, accented)


_Found = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
_MOST_KNOWN = 200_000
_LONGEST_KNOWN = 40


class _Known(dict[str, _Found]):
    """What stands between two blanks (a word and its punctuation, as a rule), analysed once."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __missing__(self, chunk: str) -> _Found:
        stemmed: list[str] = []
        written: list[str] = []
        for word in words(chunk):
            if word.script == "solid":
                stemmed += [token.text for token in pairs(word)]
                written += word.folded
            else:
                rules = language_for(word.script, self._language)
                stemmed += [] if word.folded in STOP_WORDS[rules] else [stem(word.folded, rules)]
                written.append(word.folded)
        found = (tuple(stemmed), tuple(written), tuple(accented_forms(chunk)))
        if len(chunk) <= _LONGEST_KNOWN:
            self[chunk] = found
        return found


_known = {language: _Known(language) for language in LATIN}
