"""The part of a text that answers a query, as safe markup with what matched marked.

Everything is escaped first; a mark always holds whole words (in Arabic a letter cut from its neighbours changes its
shape) or, in writing without spaces, whole characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from alliance.search import analysis, synonyms
from alliance.search.query_language import Query

LENGTH = 260
LEAD = 60
READ = 60_000  # of a very long text only this much is looked through
REMEMBERED = 40  # characters of what stands between two blanks; what is longer is hardly said twice
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Span:
    """Something that matched, and what of the query it answers."""

    start: int
    end: int
    term: str


def _synonyms(wanted: Sequence[analysis.Word]) -> list[analysis.Word]:
    """Other names of what is wanted, those of one word or in writing without spaces."""
    named = ([*analysis.words(other)] for other in synonyms.alternatives(wanted))
    return [words[0] for words in named if len(words) == 1]


class Highlighter:
    """Finds again in a text what made it a result."""

    def __init__(self, query: Query) -> None:
        phrases = (*query.phrases, *query.either_phrases)
        wanted = [*query.words, *(word for phrase in phrases for word in analysis.words(phrase))]
        others = _synonyms(wanted)
        wanted += [word for word in others if word.script != "solid"]
        telling = [word for word in wanted if word.script == "solid" or analysis.variants(word, query.languages)] or wanted
        self._stems = {stem for word in telling for stem in analysis.variants(word, query.languages)}
        self.forms = {word.folded for word in telling if word.script != "solid"}
        solid = [word for word in telling if word.script == "solid"]
        self._wholes = {word.folded for word in others if word.script == "solid"}
        self._pairs = {token.text for word in solid for token in analysis.pairs(word)} | self._wholes
        self._prefixes = tuple(query.prefixes)
        self._known: dict[tuple[str, str | None], list[Span]] = {}

    def spans(self, text: str, language: str | None) -> list[Span]:
        """What matches in a text, in order, not overlapping; what stands between two blanks is looked at once, however often it is said."""
        found: list[Span] = []
        at = 0
        for chunk in text.split(" "):
            known = self._known.get((chunk, language))
            if known is None:
                known = self._spans(chunk, language)
                if len(chunk) <= REMEMBERED:
                    self._known[chunk, language] = known
            if known:
                found += [Span(at + one.start, at + one.end, one.term) for one in known]
            at += len(chunk) + 1
        return found

    def _spans(self, text: str, language: str | None) -> list[Span]:
        found: list[Span] = []
        for word in analysis.words(text):
            if word.script == "solid":
                self._add_pairs(word, found)
                continue
            stem = analysis.stem(word.folded, analysis.language_for(word.script, language))
            if stem in self._stems or word.folded in self.forms or (self._prefixes and word.folded.startswith(self._prefixes)):
                found.append(Span(word.start, word.end, stem))
        return found

    def _add_pairs(self, word: analysis.Word, found: list[Span]) -> None:
        tokens = analysis.pairs(word)
        if any(len(pair) == 1 for pair in self._pairs):
            tokens += [analysis.Token(c, word.start + i, word.start + i + 1) for i, c in enumerate(word.folded)]
        for whole in self._wholes:
            places = (word.start + found.start() for found in re.finditer(re.escape(whole), word.folded))
            tokens += [analysis.Token(whole, at, at + len(whole)) for at in places]
        for token in sorted(tokens, key=lambda token: token.start):
            if token.text not in self._pairs:
                continue
            if found and token.start <= found[-1].end:  # overlapping pairs are one mark
                found[-1] = Span(found[-1].start, max(found[-1].end, token.end), found[-1].term)
            else:
                found.append(Span(token.start, token.end, token.text))


class Marked:
    """A text, and what in it answers a query.

    Args:
        marker: of the query.
        text: its blanks are made one each, and of a very long one the beginning is taken.
        language: of the text.
    """

    def __init__(self, marker: Highlighter, text: str, language: str | None) -> None:
        self.text = _BLANK.sub(" ", text[:READ]).strip()
        self._spans = marker.spans(self.text, language)

    def whole(self) -> Markup:
        """All of it, with marks."""
        return _marked(self.text, self._spans, 0, len(self.text))

    def excerpt(self) -> Markup:
        """The part in which most of the query is found, with marks; its beginning when nothing matches."""
        start, end = _window(self.text, self._spans)
        before = "… " if start > 0 else ""
        after = " …" if end < len(self.text) else ""
        return Markup("{}{}{}").format(before, _marked(self.text, self._spans, start, end), after)

    def words(self) -> list[str]:
        """What was found, each once, as it is first written."""
        written = (self.text[one.start : one.end] for one in self._spans)
        return list({word.casefold(): word for word in reversed(list(written))}.values())[::-1]


def _window(text: str, spans: list[Span]) -> tuple[int, int]:
    """Where to cut: around the stretch that answers most different parts of the query, between words."""
    if len(text) <= LENGTH:
        return 0, len(text)
    best, most = 0, (0, 0)
    last = 0
    for first, span in enumerate(spans):
        last = max(last, first)
        while last < len(spans) and spans[last].end <= span.start + LENGTH - LEAD:
            last += 1
        inside = spans[first:last]
        worth = (len({one.term for one in inside}), len(inside))
        if worth > most:
            best, most = span.start, worth
    low = max(0, min(best - LEAD, len(text) - LENGTH))
    return _between_words(text, low, low + LENGTH, spans)


def _between_words(text: str, low: int, high: int, spans: list[Span]) -> tuple[int, int]:
    """The window moved inwards to the nearest edges of words; writing without spaces is cut between characters."""
    for start, end in _words_at(text, low):
        low = end if not any(span.start <= low < span.end for span in spans) else start
    for start, _end in _words_at(text, high):
        high = start
    low += len(text[low:high]) - len(text[low:high].lstrip(" .,;:،؛。，、)”»"))
    return low, max(low, low + len(text[low:high].rstrip()))


def _words_at(text: str, cut: int) -> list[tuple[int, int]]:
    """The word that a cut goes through, if any."""
    begin, end = text.rfind(" ", 0, cut) + 1, text.find(" ", cut)
    near = analysis.words(text[begin : end if end >= 0 else len(text)])
    places = [(begin + word.start, begin + word.end) for word in near if word.script != "solid"]
    return [(start, end) for start, end in places if start < cut < end]


def _marked(text: str, spans: list[Span], start: int, end: int) -> Markup:
    parts: list[Markup] = []
    at = start
    for span in spans:
        low, high = max(span.start, start), min(span.end, end)
        if low >= high:
            continue
        parts.append(escape(text[at:low]))
        parts.append(Markup("<mark>{}</mark>").format(text[low:high]))
        at = high
    parts.append(escape(text[at:end]))
    return Markup("").join(parts)
