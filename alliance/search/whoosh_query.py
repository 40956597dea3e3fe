"""A query as understood, in Whoosh's terms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from whoosh import query as wq

from alliance.search import analysis
from alliance.search.query_language import Filters, Query

# How much a match counts, by field. `about` lets a reply be found by what it replies to, behind what says it itself.
WEIGHTS = {"title": 2.0, "body": 1.0, "about": 0.3}
EXACT = 0.2  # the word exactly as written, beside its stem
ACCENTED = 0.2
IN_ITS_LANGUAGE = 1.5  # being in the language of the query
IN_READERS_LANGUAGE = 0.5
TOGETHER = 1.0  # the words of a short query next to each other
MOST_TOGETHER = 8
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AnyOf(wq.Or):  # type: ignore[misc]
    """`Or`, never by Whoosh's preloading matcher: that one loses matches when something else skips ahead in it."""

    matcher_type = wq.Or.DEFAULT_MATCHER


def seconds(moment: datetime) -> int:
    """A moment as it stands in the index."""
    return int((moment - EPOCH).total_seconds())


def build(query: Query) -> Any:
    """What must or may match."""
    optional = [part for word in query.words for part in _word(word, query.languages)]
    if not optional:  # nothing but small words: then these are meant
        optional = [wq.Term("exact", form) for word in query.words for form in _forms(word.folded)]
    optional.extend(_together(query))
    required = [_phrase(phrase) for phrase in query.phrases]
    prefixes = [wq.Prefix("exact", prefix) for prefix in query.prefixes]
    if not required:
        base: Any = AnyOf([*optional, *prefixes]) if optional or prefixes else wq.Every("created")
    else:
        base = wq.AndMaybe(wq.And(required), AnyOf([*optional, *prefixes])) if optional or prefixes else wq.And(required)
    if query.wanted and (preferred := query.language or query.reader):
        base = wq.AndMaybe(base, wq.Term("language", preferred, boost=IN_ITS_LANGUAGE if query.language else IN_READERS_LANGUAGE))
    unwanted = _unwanted(query)
    return wq.AndNot(base, AnyOf(unwanted)) if unwanted else base


def _word(word: analysis.Word, languages: tuple[str, ...]) -> list[Any]:
    if word.script == "solid":
        terms = [token.text for token in analysis.pairs(word)]
        return [part for term in terms for part in _in_fields([term])] if len(word.folded) > 1 else [wq.Term("exact", word.folded)]
    stems = analysis.variants(word, languages)
    if not stems:
        return []
    parts = [*_in_fields(stems), wq.Term("exact", word.folded, boost=EXACT)]
    if word.accented != word.folded:
        parts.append(wq.Term("accented", word.accented, boost=ACCENTED))
    return parts


def _in_fields(terms: list[str] | tuple[str, ...]) -> list[Any]:
    """Each field's best match of several spellings of one word."""
    if len(terms) == 1:
        return [wq.Term(name, terms[0], boost=weight) for name, weight in WEIGHTS.items()]
    return [wq.DisjunctionMax([wq.Term(name, term, boost=weight) for term in terms]) for name, weight in WEIGHTS.items()]


def _together(query: Query) -> list[Any]:
    forms = [form for word in query.words for form in _forms(word.folded)]
    if query.phrases or not 2 <= len(forms) <= MOST_TOGETHER:
        return []
    return [wq.Phrase("exact", forms, slop=1, boost=TOGETHER)]


def _forms(text: str) -> list[str]:
    return [token.text for token in analysis.forms(text)]


def _phrase(phrase: str, field: str = "exact") -> Any:
    forms = _forms(phrase)
    return wq.Term(field, forms[0]) if len(forms) == 1 else wq.Phrase(field, forms)


def _unwanted(query: Query) -> list[Any]:
    unwanted = [_phrase(phrase) for phrase in query.excluded_phrases]
    for word in query.excluded_words:
        if word.script == "solid":
            unwanted.append(_phrase(word.folded))
        else:
            unwanted.append(wq.Term("exact", word.folded))
            unwanted.extend(wq.Term(name, stem) for stem in analysis.variants(word, query.languages[:1]) for name in ("title", "body"))
    return unwanted


def narrowed(*every: Filters) -> Any | None:
    """What every result must be among; None when nothing narrows."""
    parts = []
    for filters in every:
        parts.extend(_alternatives(filters))
        if filters.since or filters.until:
            since = seconds(filters.since) if filters.since else None
            until = seconds(filters.until) - 1 if filters.until else None
            parts.append(wq.NumericRange("created", since, until))
    return wq.And(parts) if parts else None


def left_out(filters: Filters) -> Any | None:
    """What no result may be among; None when nothing is left out."""
    parts = _alternatives(filters)
    if filters.since:
        parts.append(wq.NumericRange("created", seconds(filters.since), None))
    if filters.until:
        parts.append(wq.NumericRange("created", None, seconds(filters.until) - 1))
    return AnyOf(parts) if parts else None


def _alternatives(filters: Filters) -> list[Any]:
    parts = []
    for name, values in (
        ("spaces", filters.spaces),
        ("stakeholder_type", filters.stakeholder_types),
        ("language", filters.languages),
        ("country", filters.countries),
    ):
        if values:
            parts.append(AnyOf([wq.Term(name, value) for value in values]))
    if filters.authors:
        parts.append(AnyOf([_author(value) for value in filters.authors]))
    return parts


def _author(value: str) -> Any:
    """A handle, or words of a name: all of them."""
    names = [wq.Term("author", form) for form in author_words(value)]
    handle = wq.Term("handle", value)
    return AnyOf([handle, wq.And(names)]) if names else handle


def author_words(name: str) -> list[str]:
    """The words of a name as they stand in the index."""
    return [word.folded for word in analysis.words(name)]
