"""What has to be looked up for a query: stems, forms, words that begin alike, synonyms. Bounded, so that every query is answered at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from alliance.search import analysis, synonyms
from alliance.search.filters import Filters
from alliance.search.query_language import Query
from alliance.search.scan import Mask, Scan

# Bounds that no ordinary query comes near.
MOST_EXPANSIONS = 100
MOST_LOOKUPS = 100
MOST_IN_A_PHRASE = 40
MOST_TOGETHER = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word of a query: its stems (alternatives), and as written."""

    stems: tuple[str, ...]
    form: str = ""
    accented: str = ""


@dataclass(slots=True)
class Plan:
    """What adds to the score of a document. Synonyms: alternative stems, or else a phrase."""

    words: list[Wanted] = field(default_factory=list)
    prefixes: dict[str, list[str]] = field(default_factory=dict)
    synonyms: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    together: tuple[str, ...] = ()


def plan(query: Query, scan: Scan, seen: Sequence[Mask]) -> Plan:
    """What a query asks of an index; `seen`: what may be seen of it, leaf by leaf."""
    found = Plan()
    said = [*query.words, *(word for phrase in (*query.phrases, *query.either_phrases) for word in analysis.words(phrase))]
    telling = [word for word in said if word.script == "solid" or analysis.variants(word, query.languages)]
    for word in telling or said:  # nothing but small words: then these are meant
        found.words.extend(_wanted(word, query.languages))
    del found.words[MOST_LOOKUPS:]
    found.prefixes = {prefix: scan.expansions(prefix, MOST_EXPANSIONS // len(query.prefixes), seen) for prefix in query.prefixes}
    written = tuple(form for word in query.words for form in forms(word.folded))
    if not query.phrases and 2 <= len(written) <= MOST_TOGETHER:
        found.together = written
    for other in synonyms.alternatives(said):
        words = list(analysis.words(other))
        if len(words) == 1 and words[0].script != "solid":
            found.synonyms.append((analysis.variants(words[0], analysis.LATIN) or (words[0].folded,), ()))
        else:
            found.synonyms.append(((), forms(other)))
    return found


def _wanted(word: analysis.Word, languages: tuple[str, ...]) -> Iterator[Wanted]:
    if word.script != "solid":
        yield Wanted(analysis.variants(word, languages), word.folded, word.accented if word.accented != word.folded else "")
    elif len(word.folded) == 1:
        yield Wanted((), word.folded)
    else:
        yield from (Wanted((token.text,)) for token in analysis.pairs(word))


def weights(found: Plan) -> set[tuple[str, str]]:
    """Every (group, text) of which answering will ask for the worth only."""
    wanted: set[tuple[str, str]] = set()
    for one in found.words:
        wanted.update(("stem", stem) for stem in one.stems)
        wanted.update({("exact", one.form), ("author", one.form)} if one.form else ())
        wanted.update({("accented", one.accented)} if one.accented else ())
    wanted.update(("exact", text) for texts in found.prefixes.values() for text in texts)
    wanted.update(("stem", stem) for stems, _written in found.synonyms for stem in stems)
    wanted.update(("exact", form) for form in found.together)
    return wanted


def lookups(query: Query, found: Plan) -> set[tuple[str, str]]:
    """Every (field, text) that answering will ask for beside that."""
    wanted: set[tuple[str, str]] = {("exact", form) for _stems, written in found.synonyms for form in written}
    if query.either:
        wanted.update(("exact", text) for texts in found.prefixes.values() for text in texts)
    for phrase in (*query.phrases, *query.either_phrases, *query.excluded_phrases):
        wanted.update(("exact", form) for form in forms(phrase))
    for word in (*query.excluded_words, *(part.word for group in query.either for part in group if part.word)):
        for name, texts in mentions(word, query.languages):
            wanted.update(("exact" if name == "phrase" else name, text) for text in texts)
    for filters in (query.filters, query.form, query.excluded):
        wanted.update(_named(filters))
    return wanted


def _named(filters: Filters) -> Iterator[tuple[str, str]]:
    yield from (("spaces", code) for code in filters.spaces)
    yield from (("topics", key) for key in filters.topics)
    for exact, words, values in (("handle", "author", filters.authors), ("slug", "organization", filters.organizations)):
        for value in values:
            yield exact, value
            yield from ((words, name) for name in name_words(value))


def forms(text: str) -> tuple[str, ...]:
    """The words of a phrase as the index has them."""
    return tuple(token.text for token in analysis.forms(text))[:MOST_IN_A_PHRASE]


def mentions(word: analysis.Word, languages: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Where a word is said: (field, alternatives), or ("phrase", its characters)."""
    if word.script == "solid":
        return [("phrase", forms(word.folded))]
    stems = analysis.variants(word, languages)
    return [("exact", (word.folded,)), *([("title", stems), ("body", stems)] if stems else [])]


def name_words(name: str) -> list[str]:
    """The words of a name as they stand in the index."""
    return [word.folded for word in analysis.words(name)]
