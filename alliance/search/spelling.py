"""Words that may have been meant: spelt almost like one that stands nowhere, and said in what the asker may read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alliance.search import analysis, answering
from alliance.search.engine import Sight
from alliance.search.scan import Leaf, Mask, Scan

SHORTEST = 4
LOOKED_AT = 20_000  # a bound that no vocabulary comes near: words nobody may see must not crowd out others
MOST = 3
_MEMORY = "~signatures"
_SAID = ("title", "body")


def similar_words(scan: Scan, words: Sequence[str], sight: Sight) -> dict[str, list[str]]:
    """See `SearchEngine`."""
    asked = [word for word in words if len(word) >= SHORTEST and word.isalpha()]
    scan.begin(sight.public, sight.spaces)
    stems = {word: _stems(word) for word in asked}
    scan.fetch([("exact", word) for word in asked] + [(field, stem) for word in asked for stem in stems[word] for field in _SAID])
    seen = answering.visible(scan, sight)
    found = {word: _similar(scan, word, seen) for word in asked if not _stands(scan, word, stems[word], seen)}
    return {word: others for word, others in found.items() if others}


def _stems(word: str) -> tuple[str, ...]:
    return tuple(stem for one in analysis.words(word) for stem in analysis.variants(one, analysis.LATIN))


def _stands(scan: Scan, word: str, stems: Sequence[str], seen: Sequence[Mask]) -> bool:
    """Whether a word, or another form of it, is said: then it is spelt well."""
    return any(scan.stands(field, text, seen) for field, text in [("exact", word), *((field, stem) for stem in stems for field in _SAID)])


def _similar(scan: Scan, word: str, seen: Sequence[Mask]) -> list[str]:
    reach = 1 if len(word) < 6 else 2
    found: dict[str, int] = {}
    for leaf in scan.leaves:
        for other in _near(leaf, word, reach):
            if other not in found and (away := distance(word, other, reach)) <= reach:
                found[other] = away
    scan.fetch([("exact", other) for other in found])
    # A wrong first letter is rare, so words that begin alike come first.
    said = [(away, other[0] != word[0], -count, other) for other, away in found.items() if (count := scan.stands("exact", other, seen))]
    return [other for _away, _first, _count, other in sorted(said)][:MOST]


def _signature(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % 61)
    return bits


def _near(leaf: Leaf, word: str, reach: int) -> list[str]:
    """Words of about that length with about those letters."""
    kept = leaf.memory.get((_MEMORY, leaf.marks))
    if kept is None:
        words = [one for one in leaf.words() if len(one) >= SHORTEST - 1 and one.isalpha()]
        lengths = np.array([min(len(one), 255) for one in words], dtype=np.int16)
        kept = (words, lengths, np.array([_signature(one) for one in words], dtype=np.uint64))
        leaf.memory.put((_MEMORY, leaf.marks), kept, 2 * len(words))
    words, lengths, signatures = kept
    alike = np.flatnonzero(np.abs(lengths - len(word)) <= reach)
    different = _bits(signatures[alike] ^ np.uint64(_signature(word)))
    close = different <= 2 * reach
    alike, different = alike[close], different[close]
    order = np.argsort(different, kind="stable")[:LOOKED_AT]
    return [words[int(place)] for place in alike[order]]


def _bits(values: np.ndarray) -> np.ndarray:
    """How many bits are set in each."""
    return np.unpackbits(values.view(np.uint8).reshape(-1, 8), axis=1).sum(axis=1) if len(values) else np.zeros(0, np.int64)


def distance(one: str, other: str, most: int) -> int:
    """How many letters were left out, added, changed, or changed places (Damerau and Levenshtein); more than `most` is not counted out."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, its in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
