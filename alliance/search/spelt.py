"""Did you mean: a query with those of its words that stand nowhere replaced by words spelt almost like them."""

from __future__ import annotations

from alliance.search import analysis, services
from alliance.search.engine import IndexUnavailable, Sight
from alliance.search.query_language import Query

MOST_WORDS = 8


def meant(query: Query, sight: Sight) -> str:
    """The query as it may have been meant; empty when there is nothing to offer. Never searched for unasked."""
    phrases = (word for phrase in (*query.phrases, *query.either_phrases) for word in analysis.words(phrase))
    words = list(dict.fromkeys(word.folded for word in (*query.words, *phrases) if word.script != "solid"))[:MOST_WORDS]
    try:
        similar = services.engine().similar_words(words, sight) if words else {}
    except IndexUnavailable:
        return ""
    parts, at = [], 0
    for word in analysis.words(query.text):
        if word.folded in similar:
            parts += [query.text[at : word.start], similar[word.folded][0]]
            at = word.end
    return "".join([*parts, query.text[at:]]) if parts else ""
