"""Documents as a segment: sorted postings in a few arrays, as PostgreSQL keeps them. Knows no database.

A posting is four bytes: the document (its number in the segment), the field, how often. Of the words as written the
places are kept too, each as one number: the document in the upper half, the place in the lower.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alliance.search import columns, indexing
from alliance.search.engine import Document

MOST = 50_000  # documents of a segment; their numbers have 16 bits
FARTHEST = 65_535  # words: what comes behind them in a text is found, but in no phrase
POSTING = np.dtype([("number", "<u2"), ("field", "u1"), ("times", "u1")])
PLACE = np.dtype("<u4")
MEASURED = ("title", "body", "about", "tags", "exact", "accented", "author")  # fields whose length matters
CODE = {name: number for number, name in enumerate(indexing.FIELDS)}
_PIECE = 500_000  # occurrences of words that are passed on at once


class Row(NamedTuple):
    """A word of a segment, its postings and places."""

    term: str
    entries: bytes
    places: bytes | None


class Builder:
    """A segment while it is made."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.stamps: list[str] = []
        self._records: list[bytes] = []
        self._lengths: dict[str, array[int]] = {name: array("H") for name in MEASURED}
        self._terms: dict[str, int] = {}
        self._words = array("q")  # term, field, document
        self._written = array("q")  # term, document, place

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, document: Document) -> None:
        """Put a document in."""
        number, terms = len(self.keys), self._terms
        self.keys.append(document.key)
        self.stamps.append(document.stamp)
        self._records.append(columns.record(document))
        for name, words in indexing.texts(document).items():
            if name in self._lengths:
                self._lengths[name].append(min(len(words), FARTHEST))
            if not words:
                continue
            found = [terms.setdefault(word, len(terms)) for word in words]
            code = CODE[name] << 16 | number
            self._words.extend([term << 20 | code for term in found])
            if name == "exact":
                del found[FARTHEST:]
                self._written.extend([term << 32 | number << 16 | place for place, term in enumerate(found)])

    def records(self) -> bytes:
        """The records of all documents."""
        return b"".join(self._records)

    def lengths(self) -> bytes:
        """How long each measured field is in each document, field after field."""
        return b"".join(np.asarray(self._lengths[name], dtype="<u2").tobytes() for name in MEASURED)

    def rows(self) -> Iterator[Row]:
        """Every word with its postings, in order of the words' numbers; the builder is used up by it.

        Sorted where they lie and passed on piece by piece: copies of them all would be several times the index.
        """
        words, written = np.frombuffer(self._words, dtype=np.int64), np.frombuffer(self._written, dtype=np.int64)
        words.sort()
        written.sort()
        terms = list(self._terms)
        first = low = 0
        while first < len(terms):
            far = int(words[low + _PIECE] >> 20) if low + _PIECE < len(words) else len(terms)
            behind = max(far, first + 1)
            high = int(np.searchsorted(words, behind << 20))
            yield from _rows(terms[first:behind], first, words[low:high], written)
            first, low = behind, high


def _rows(terms: list[str], first: int, words: NDArray[np.int64], written: NDArray[np.int64]) -> Iterator[Row]:
    """The rows of some words, the first of which has this number."""
    keys, times = np.unique(words, return_counts=True)
    entries = np.empty(len(keys), dtype=POSTING)
    entries["number"] = keys & 0xFFFF
    entries["field"] = (keys >> 16) & 0xF
    entries["times"] = np.minimum(times, 255)
    at = np.arange(first, first + len(terms) + 1)
    begin, place = np.searchsorted(keys >> 20, at).tolist(), np.searchsorted(written, at << 32).tolist()
    for number, term in enumerate(terms):
        low, high = place[number], place[number + 1]
        places = (written[low:high] & 0xFFFFFFFF).astype(PLACE).tobytes() if high > low else None
        yield Row(term, entries[begin[number] : begin[number + 1]].tobytes(), places)


def postings(blob: bytes) -> NDArray[np.void]:
    """The postings of a word as an array."""
    return np.frombuffer(blob, dtype=POSTING)


def following(places: list[NDArray[np.uint32]]) -> NDArray[np.int64]:
    """The documents in which words stand one after another, each word given by its places."""
    order = sorted(range(len(places)), key=lambda which: len(places[which]))
    first = order[0]
    kept = places[first].astype(np.int64) - first
    for which in order[1:]:
        if not len(kept):
            break
        there = places[which]
        wanted = kept + which
        at = np.minimum(np.searchsorted(there, wanted), len(there) - 1)
        kept = kept[there[at] == wanted] if len(there) else kept[:0]
    # A phrase that seems to begin before its document began in the one before.
    kept = kept[(kept >= 0) & (kept >> 16 == (kept + len(places) - 1) >> 16)]
    return np.unique(kept >> 16)
