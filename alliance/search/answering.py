"""A query as understood, answered over the arrays of an index: which documents, in which order, how many of what."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from alliance.core import clock
from alliance.search import columns, planning
from alliance.search.columns import seconds
from alliance.search.engine import Answer, Hit, Sight, Sort
from alliance.search.filters import Filters
from alliance.search.query_language import Query
from alliance.search.scan import Leaf, Mask, Scan, Scores

# Beside the stem: the word exactly as written, its accents, the words of a short query next to each other, a title
# that is made of the query.
EXACT = 0.2
ACCENTED = 0.2
AUTHOR = 0.4
SYNONYM = 0.7
TOGETHER = 1.0
IN_TITLE = 1.5
COMMON = 5000  # documents: words all of which are in more are not looked for next to each other
IN_ITS_LANGUAGE = 1.5  # being in the language of the query
IN_READERS_LANGUAGE = 0.5
# Gentle: what is new, or was thanked for and supported, comes before its equals. In parts of the score.
FRESH = 0.06  # what was written just now; half of it a year later
HALF_LIFE = 365 * 86_400
SUPPORTED = 0.02  # for each doubling of those who thanked or support
MOST_SUPPORTED = 0.10


def answer(scan: Scan, query: Query, sort: Sort, limit: int, sight: Sight, *, facets: bool) -> Answer:
    """The best (newest, most supported) documents of those that may be seen, best first."""
    scan.begin(sight.public, sight.spaces)
    seen = visible(scan, sight)
    plan = planning.plan(query, scan, seen)
    scan.fetch(planning.lookups(query, plan) | {("topics", key) for key in sight.topics}, planning.weights(plan))
    scores = _scores(scan, query, plan)
    hits: list[tuple[float, int, int, Leaf]] = []
    total = 0
    counted, tagged = dict[str, NDArray[np.int64]](), Counter[str]()
    offset = 0
    for place, leaf in enumerate(scan.leaves):
        mask = _possible(scan, place, query, plan, seen[place])
        if query.wanted and not query.required:
            mask &= scores[place] > 0
        chosen = np.flatnonzero(mask)
        total += len(chosen)
        if facets:
            _add_counts(counted, columns.counts(leaf.records(), chosen))
            tagged.update(leaf.count("topics", sight.topics, mask))
        ranks = _ranks(leaf, scores[place], chosen, query, sort)
        first = _first(chosen, ranks, limit, newest_number_first=sort != "relevance")
        hits += [(float(ranks[i]), offset + int(chosen[i]), int(chosen[i]), leaf) for i in first]
        offset += leaf.size
    late = sort != "relevance"
    hits.sort(key=lambda hit: (-hit[0], -hit[1] if late else hit[1]))
    found = [Hit(leaf.key(number), rank, int(leaf.records()["discussion"][number])) for rank, _at, number, leaf in hits[:limit]]
    told = {name: columns.named(name, values) for name, values in counted.items()}
    return Answer(found, total, {**told, "topic": dict(tagged)} if sight.topics else told)


def _add_counts(counted: dict[str, NDArray[np.int64]], more: dict[str, NDArray[np.int64]]) -> None:
    for name, values in more.items():
        known = counted.get(name, np.zeros(0, np.int64))
        whole = np.zeros(max(len(known), len(values)), np.int64)
        whole[: len(known)] += known
        whole[: len(values)] += values
        counted[name] = whole


def _first(candidates: NDArray[Any], ranks: NDArray[Any], limit: int, *, newest_number_first: bool) -> NDArray[Any]:
    """Places of the candidates with the greatest ranks, in order; equals by their number."""
    places = np.arange(len(candidates))
    if len(candidates) > limit:
        least = np.partition(ranks, len(ranks) - limit)[len(ranks) - limit]
        places = np.flatnonzero(ranks >= least)
    order = np.lexsort((-places if newest_number_first else places, -ranks[places]))
    return places[order][:limit]


def _ranks(leaf: Leaf, scores: Scores, chosen: NDArray[Any], query: Query, sort: Sort) -> NDArray[np.float64]:
    records = leaf.records()
    if sort != "relevance":
        return np.asarray(records["created" if sort == "new" else "support"][chosen], dtype=np.float64)
    ranks = scores[chosen].astype(np.float64)
    language = query.language or query.reader
    if query.wanted and language:
        bonus = IN_ITS_LANGUAGE if query.language else IN_READERS_LANGUAGE
        mine = columns.numbers("language", (language,))
        ranks[(records["language"][chosen] == (mine[0] if mine else 255)) & (ranks > 0)] += bonus
    return np.asarray(ranks * _gentle(leaf)[chosen])


def _gentle(leaf: Leaf) -> NDArray[Any]:
    """Freshness and support of all documents, as factors. By the day: an order must not change between two pages."""
    today = seconds(clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    return cast("NDArray[Any]", leaf.memory.keep(("gentle", today), lambda: _weigh_gently(leaf.records(), today), leaf.size))


def _weigh_gently(records: columns.Columns, today: int) -> NDArray[Any]:
    created = records["created"]
    age = np.maximum(0, today - created)
    fresh = np.where(created > 1, FRESH * np.exp2(-age / HALF_LIFE), 0.0)
    liked = np.minimum(MOST_SUPPORTED, SUPPORTED * np.log2(1.0 + np.maximum(0, records["support"])))
    return np.asarray(1.0 + fresh + liked)


def _scores(scan: Scan, query: Query, plan: planning.Plan) -> list[Scores]:
    scores = [np.zeros(leaf.size, dtype=np.float32) for leaf in scan.leaves]
    scratch = [np.zeros(leaf.size, dtype=np.float32) for leaf in scan.leaves]
    for word in plan.words:
        _add_best(scan, scores, scratch, [("stem", text) for text in word.stems], 1.0)
        if word.form:
            _add_best(scan, scores, scratch, [("exact", word.form)], EXACT if word.stems else 1.0)
            _add_best(scan, scores, scratch, [("author", word.form)], AUTHOR)
        if word.accented:
            _add_best(scan, scores, scratch, [("accented", word.accented)], ACCENTED)
    for texts in plan.prefixes.values():
        _add_best(scan, scores, scratch, [("exact", text) for text in texts], 1.0)
    _add_synonyms(scan, scores, scratch, plan)
    for phrase in query.either_phrases:
        _add_phrase(scan, scores, planning.forms(phrase), 1.0)
    if plan.together and 0 < min(scan.frequency(scan.impacts("exact", form)) for form in plan.together) < COMMON:
        for mine, mask in zip(scores, scan.phrase(plan.together), strict=True):
            mine[mask] += TOGETHER
    _add_titles(scan, scores, plan)
    return scores


def _add_best(scan: Scan, scores: list[Scores], scratch: list[Scores], texts: list[tuple[str, str]], weight: float) -> None:
    """The worth of the best of some words (forms of one word in several languages, words that begin alike)."""
    several = len(texts) > 1
    for group, text in texts:
        impacts = scan.impacts(group, text)
        rarity = weight * scan.rarity(scan.frequency(impacts))
        for mine, best, impact in zip(scores, scratch, impacts, strict=True):
            if not len(impact.values):
                continue
            places, worth = impact.places, impact.worth(rarity)
            if several:
                worth -= best[places]
                np.maximum(worth, 0, out=worth)
                best[places] += worth
            mine[places] += worth
    if several:
        for best in scratch:
            best.fill(0)


def _add_synonyms(scan: Scan, scores: list[Scores], scratch: list[Scores], plan: planning.Plan) -> None:
    """The worth of the best synonym only: who names a thing in many ways does not say it more often."""
    if not plan.synonyms:
        return
    extra = [np.zeros(leaf.size, dtype=np.float32) for leaf in scan.leaves]
    _add_best(scan, extra, scratch, [("stem", text) for stems, _forms in plan.synonyms for text in stems], SYNONYM)
    for _stems, forms in plan.synonyms:
        if forms:
            masks = scan.phrase(forms)
            worth = np.float32(SYNONYM * scan.rarity(scan.frequency_of(masks)))
            for most, mask in zip(extra, masks, strict=True):
                most[mask] = np.maximum(most[mask], worth)
    for place, more in enumerate(extra):
        scores[place] += more


def _add_phrase(scan: Scan, scores: list[Scores], forms: tuple[str, ...], weight: float) -> None:
    if not forms:
        return
    masks = scan.phrase(forms)
    worth = weight * scan.rarity(scan.frequency_of(masks))
    for mine, mask in zip(scores, masks, strict=True):
        mine[mask] += worth


def _add_titles(scan: Scan, scores: list[Scores], plan: planning.Plan) -> None:
    """Titles in which all words of the query stand come first: more so, the less else they say."""
    words = [word for word in plan.words if word.stems]
    if not 1 <= len(words) <= planning.MOST_TOGETHER:
        return
    for mine, leaf in zip(scores, scan.leaves, strict=True):
        mask: Mask | None = None
        for word in words:
            having = leaf.having("title", word.stems)
            mask = having if mask is None else mask & having
            if not mask.any():
                break
        if mask is not None and mask.any():
            length = np.maximum(1.0, leaf.lengths("title")[mask])
            mine[mask] += IN_TITLE * np.minimum(1.0, len(words) / length) * math.sqrt(len(words))


def visible(scan: Scan, sight: Sight) -> list[Mask]:
    """The documents of each leaf that are there and may be seen."""
    return [leaf.alive() & seen(leaf, sight) for leaf in scan.leaves]


def _possible(scan: Scan, place: int, query: Query, plan: planning.Plan, visible_: Mask) -> Mask:
    """The documents of a leaf that may be seen and are neither outside what was chosen nor left out."""
    leaf, mask = scan.leaves[place], visible_.copy()
    for filters in (query.filters, query.form):
        for one in _masks(leaf, filters):
            mask &= one
    for one in _masks(leaf, query.excluded):
        mask &= ~one
    for phrase in query.phrases:
        mask &= scan.phrase(planning.forms(phrase))[place]
    for group in query.either:
        mask &= _any([_part(scan, place, part, query, plan) for part in group], leaf.size)
    for phrase in query.excluded_phrases:
        mask &= ~scan.phrase(planning.forms(phrase))[place]
    for word in query.excluded_words:
        for name, texts in planning.mentions(word, query.languages[:1]):
            mask &= ~(scan.phrase(texts)[place] if name == "phrase" else leaf.having(name, texts))
    return mask


def _part(scan: Scan, place: int, part: Any, query: Query, plan: planning.Plan) -> Mask:
    leaf = scan.leaves[place]
    if part.phrase:
        return scan.phrase(planning.forms(part.phrase))[place]
    if part.prefix:
        return leaf.having("exact", plan.prefixes.get(part.prefix, ()))
    found = [scan.phrase(t)[place] if f == "phrase" else leaf.having(f, t) for f, t in planning.mentions(part.word, query.languages)]
    return _any(found, leaf.size)


def _any(masks: Iterable[Mask], size: int) -> Mask:
    whole = np.zeros(size, dtype=bool)
    for mask in masks:
        whole |= mask
    return whole


def seen(leaf: Leaf, sight: Sight) -> Mask:
    """The documents of a leaf that may be seen, deleted ones included."""
    records = leaf.records()
    mask = leaf.within(sight.spaces).copy()
    if sight.discussions:
        mask &= ~np.isin(records["discussion"], list(sight.discussions))
    if sight.kinds is not None:
        mask &= np.isin(records["kind"], columns.numbers("kind", sight.kinds))
    if sight.without:
        mask &= ~leaf.having("key", sight.without)
    return mask


def _masks(leaf: Leaf, filters: Filters) -> list[Mask]:
    """One for each thing that was chosen; its values are alternatives."""
    records = leaf.records()
    masks = []
    for field, values in (("spaces", filters.spaces), ("topics", filters.topics)):
        masks += [leaf.having(field, values)] if values else []
    for column, values in (
        ("type", filters.stakeholder_types),
        ("language", filters.languages),
        ("country", filters.countries),
        ("kind", filters.kinds),
    ):
        if values:
            masks.append(np.isin(records[column], columns.numbers(column, values)))
    if filters.authors:
        masks.append(_any([_named(leaf, "handle", "author", value) for value in filters.authors], leaf.size))
    if filters.organizations:
        masks.append(_any([_named(leaf, "slug", "organization", value) for value in filters.organizations], leaf.size))
    if filters.flags:
        masks.append((records["flags"] & filters.flags) == filters.flags)
    masks.extend(_times(records, filters.since, filters.until))
    return masks


def _times(records: columns.Columns, since: datetime | None, until: datetime | None) -> list[Mask]:
    masks: list[Mask] = []
    if since:
        masks.append(records["created"] >= seconds(since))
    if until:
        masks.append((records["created"] < seconds(until)) & (records["created"] > 1))
    return masks


def _named(leaf: Leaf, exact: str, words: str, value: str) -> Mask:
    """A handle (or slug, acronym), or words of a name: all of them."""
    mask = leaf.having(exact, [value])
    names = planning.name_words(value)
    if names:
        every = leaf.having(words, names[:1])
        for name in names[1:]:
            every &= leaf.having(words, [name])
        mask |= every
    return mask
