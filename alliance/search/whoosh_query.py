"""A query as understood, answered over the arrays of an index."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from whoosh import query as wq

from alliance.search import analysis
from alliance.search.engine import Sort
from alliance.search.filters import Filters
from alliance.search.query_language import Query
from alliance.search.whoosh_scan import WEIGHTS, Mask, Scan, Scores

# Beside the stem: the word exactly as written, its accents, the words of a short query next to each other.
EXACT = 0.2
ACCENTED = 0.2
TOGETHER = 1.0
MOST_TOGETHER = 8
COMMON = 5000  # documents: words all of which are in more are not looked for next to each other
IN_ITS_LANGUAGE = 1.5  # being in the language of the query
IN_READERS_LANGUAGE = 0.5
# Bounds that no ordinary query comes near, so that every query is answered at once.
MOST_EXPANSIONS = 100
MOST_LOOKUPS = 100
MOST_IN_A_PHRASE = 40
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(moment: datetime) -> int:
    """A moment as it stands in the index."""
    return int((moment - EPOCH).total_seconds())


def answer(scan: Scan, query: Query, sort: Sort, limit: int) -> list[tuple[str, float]]:
    """Keys and ranks of the best (or newest) documents, best first."""
    possible = _narrowed(scan, query)
    scores = scan.zeros()
    if query.wanted:
        scores = _scores(scan, query)
        for phrase in query.phrases:
            possible &= scan.matching(_phrase(phrase))
        if not query.phrases:
            possible &= scores > 0
        _prefer(scan, query, scores)
    ranks = scan.created().astype(np.float64) if sort == "new" else scores
    numbers = _first(np.flatnonzero(possible), ranks, limit, newest_number_first=sort == "new")
    return list(zip(scan.keys(numbers), ranks[numbers].tolist(), strict=True))


def _first(candidates: np.ndarray, ranks: Scores, limit: int, *, newest_number_first: bool) -> np.ndarray:
    """The candidates with the greatest ranks, in order; equals by their number."""
    values = ranks[candidates]
    if len(candidates) > limit:
        least = np.partition(values, len(values) - limit)[len(values) - limit]
        candidates, values = candidates[values >= least], values[values >= least]
    order = np.lexsort((-candidates if newest_number_first else candidates, -values))
    return candidates[order][:limit]


def _scores(scan: Scan, query: Query) -> Scores:
    wanted = [*query.words, *(word for phrase in query.phrases for word in analysis.words(phrase))]
    said = [word for word in wanted if word.script == "solid" or analysis.variants(word, query.languages)]
    scores = scan.zeros()
    left = MOST_LOOKUPS
    for word in said or wanted:  # nothing but small words: then these are meant
        if left > 0:
            scores += _word(scan, word, query.languages, left)
        left -= len(word.folded) if word.script == "solid" else 1
    for prefix in query.prefixes:
        scores += _prefix(scan, prefix, MOST_EXPANSIONS // len(query.prefixes))
    _add_together(scan, query, scores)
    return scores


def _word(scan: Scan, word: analysis.Word, languages: tuple[str, ...], lookups: int) -> Scores:
    if word.script == "solid":
        if len(word.folded) == 1:
            return scan.bm25f(word.folded, {"exact": 1.0})
        total = scan.zeros()
        for token in analysis.pairs(word)[:lookups]:
            total += scan.bm25f(token.text, WEIGHTS)
        return total
    exact = scan.bm25f(word.folded, {"exact": 1.0})
    stems = analysis.variants(word, languages)
    if not stems:
        return exact
    best = scan.bm25f(stems[0], WEIGHTS)
    for stem in stems[1:]:
        np.maximum(best, scan.bm25f(stem, WEIGHTS), out=best)
    best += EXACT * exact
    if word.accented != word.folded:
        best += ACCENTED * scan.bm25f(word.accented, {"accented": 1.0})
    return best


def _prefix(scan: Scan, prefix: str, most: int) -> Scores:
    """The best of the words that begin so."""
    best = scan.zeros()
    for text in scan.expansions("exact", prefix, most):
        np.maximum(best, scan.bm25f(text, {"exact": 1.0}), out=best)
    return best


def _add_together(scan: Scan, query: Query, scores: Scores) -> None:
    forms = [form for word in query.words for form in _forms(word.folded)]
    if (
        query.phrases
        or not 2 <= len(forms) <= MOST_TOGETHER
        or min(scan.frequency("exact", form) for form in forms) not in range(1, COMMON)
    ):
        return
    scores[scan.matching(wq.Phrase("exact", forms, slop=1))] += TOGETHER


def _prefer(scan: Scan, query: Query, scores: Scores) -> None:
    if query.language:
        scores[scan.having("language", [query.language]) & (scores > 0)] += IN_ITS_LANGUAGE
    elif query.reader:
        scores[scan.having("language", [query.reader]) & (scores > 0)] += IN_READERS_LANGUAGE


def _forms(text: str) -> list[str]:
    return [token.text for token in analysis.forms(text)]


def _phrase(phrase: str) -> wq.Query:
    forms = _forms(phrase)[:MOST_IN_A_PHRASE]
    return wq.Term("exact", forms[0]) if len(forms) == 1 else wq.Phrase("exact", forms)


def _narrowed(scan: Scan, query: Query) -> Mask:
    """The documents that are neither outside what was chosen nor left out."""
    possible = scan.alive() & (scan.created() > 0)  # the mark of the index's position was never written by anybody
    for filters in (query.filters, query.form):
        for mask in _masks(scan, filters):
            possible &= mask
    for mask in _masks(scan, query.excluded):
        possible &= ~mask
    for phrase in query.excluded_phrases:
        possible &= ~scan.matching(_phrase(phrase))
    for word in query.excluded_words:
        possible &= ~_mentions(scan, word, query.languages[:1])
    return possible


def _mentions(scan: Scan, word: analysis.Word, languages: tuple[str, ...]) -> Mask:
    if word.script == "solid":
        return scan.matching(_phrase(word.folded))
    mask = scan.having("exact", [word.folded])
    for stem in analysis.variants(word, languages):
        mask |= scan.having("title", [stem]) | scan.having("body", [stem])
    return mask


def _masks(scan: Scan, filters: Filters) -> list[Mask]:
    """One for each thing that was chosen; its values are alternatives."""
    chosen = (
        ("spaces", filters.spaces),
        ("stakeholder_type", filters.stakeholder_types),
        ("language", filters.languages),
        ("country", filters.countries),
    )
    masks = [scan.having(name, values) for name, values in chosen if values]
    if filters.authors:
        masks.append(np.logical_or.reduce([_author(scan, value) for value in filters.authors]))
    if filters.since:
        masks.append(scan.created() >= seconds(filters.since))
    if filters.until:
        masks.append(scan.created() < seconds(filters.until))
    return masks


def _author(scan: Scan, value: str) -> Mask:
    """A handle, or words of a name: all of them."""
    mask = scan.having("handle", [value])
    names = author_words(value)
    if names:
        mask |= np.logical_and.reduce([scan.having("author", [name]) for name in names])
    return mask


def author_words(name: str) -> list[str]:
    """The words of a name as they stand in the index."""
    return [word.folded for word in analysis.words(name)]
