"""Matching and BM25F over Whoosh's postings, a word at a time in arrays.

Whoosh walks a tree of Python objects for every posting: half a second for a question over 20,000 posts. Its postings
lie in blocks, though, and a block is two arrays (which documents, how often); summed with numpy the same question
takes some milliseconds. It also makes BM25F itself possible: the fields' occurrences are weighted and added *before*
saturation (Robertson, Zaragoza, Taylor 2004), with one rarity of a word for all fields.

This module alone knows how Whoosh keeps postings and columns; tests compare what it reads with Whoosh's own readers.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import LENGTHS_COLUMN, W3LeafMatcher
from whoosh.reading import TermNotFound
from whoosh.util.numeric import byte_to_length

Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]
SATURATION = 1.2
# How much an occurrence counts in each field, and how much the length of the field matters.
# `about` lets a reply be found by what it replies to, behind what says it itself.
WEIGHTS = {"title": 4.0, "body": 1.0, "about": 0.4}
LENGTH = {"body": 0.75, "exact": 0.75}
LENGTH_OF_LINES = 0.3
LINE = 6.0  # words in an ordinary title: posts without one must not make every title seem long
_LENGTHS = np.array([byte_to_length(number) for number in range(256)], dtype=np.float32)
_NEVER = 2**64 - 1  # Whoosh's value for documents without one
_CACHED_POSTINGS = 4_000_000  # documents in remembered posting lists, over all words


class Leaf:
    """One segment: what never changes in it is read once and kept for as long as the segment is there."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.size = int(reader.doc_count_all())
        self._lengths: dict[str, NDArray[np.float32]] = {}
        self._postings: OrderedDict[tuple[str, str], tuple[NDArray[np.int64], NDArray[np.float32]] | None] = OrderedDict()
        self._kept = 0
        self._created: NDArray[np.int64] | None = None

    def renew(self, reader: Any) -> None:
        """The same segment, read by a newer reader (more of its documents may be deleted)."""
        self._reader = reader

    def alive(self) -> Mask:
        """The documents that are not deleted."""
        alive = np.ones(self.size, dtype=bool)
        deleted = list(self._reader.segment().deleted_docs())
        alive[deleted] = False
        return alive

    def postings(self, field: str, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """The documents a word is in, deleted ones included, and how often."""
        key = (field, text)
        if key in self._postings:
            self._postings.move_to_end(key)
            return self._postings[key]
        found = self._read_postings(field, text)
        self._postings[key] = found
        self._kept += 1 + (len(found[0]) if found else 0)
        while self._kept > _CACHED_POSTINGS and len(self._postings) > 1:
            _key, dropped = self._postings.popitem(last=False)
            self._kept -= 1 + (len(dropped[0]) if dropped else 0)
        return found

    def _read_postings(self, field: str, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        try:
            matcher = self._reader.postings(field, text)
        except TermNotFound:
            return None
        while not isinstance(matcher, W3LeafMatcher) and hasattr(matcher, "child"):
            matcher = matcher.child  # the filter of deleted documents: that is `alive`
        ids: list[int] = []
        weights: list[float] = []
        if isinstance(matcher, W3LeafMatcher):
            while matcher.is_active():
                matcher.id(), matcher.weight()  # has the block read
                ids.extend(matcher._ids)
                weights.extend(matcher._weights)
                matcher._next_block()
        else:
            while matcher.is_active():
                ids.append(matcher.id())
                weights.append(matcher.weight())
                matcher.next()
        return np.array(ids, dtype=np.int64), np.array(weights, dtype=np.float32)

    def lengths(self, field: str) -> NDArray[np.float32]:
        """How long a field is in each document."""
        if field not in self._lengths:
            column = self._reader._perdoc._cached_reader(f"_{field}_len", LENGTHS_COLUMN)
            self._lengths[field] = np.zeros(self.size, dtype=np.float32) if column is None else _LENGTHS[_raw(column, "u1", self.size, 0)]
        return self._lengths[field]

    def created(self) -> NDArray[np.int64]:
        """When each document was written, in seconds; 0 where that was never said."""
        if self._created is None:
            self._created = np.zeros(self.size, dtype=np.int64)
            if self._reader.has_column("created"):
                column = self._reader._perdoc.column_reader("created", self._reader.schema["created"].column_type)
                moments = _raw(column, ">u8", self.size, _NEVER)
                self._created[moments != _NEVER] = moments[moments != _NEVER].astype(np.int64)
        return self._created

    def expansions(self, field: str, prefix: str, most: int) -> list[str]:
        """Words that begin with a prefix."""
        found = []
        for text in self._reader.expand_prefix(field, prefix):
            found.append(bytes(text).decode("utf-8"))
            if len(found) >= most:
                break
        return found

    def key(self, number: int) -> str:
        """The key of a document."""
        return str(self._reader.stored_fields(number)["key"])


def _raw(column: Any, kind: str, size: int, rest: int) -> NDArray[Any]:
    """A column of numbers as an array; Whoosh leaves off the last ones when they are the default."""
    count = min(int(column._count), size)
    values = np.full(size, rest, dtype=kind)
    if count:
        values[:count] = np.frombuffer(column._dbfile.get(column._basepos, count * values.itemsize), dtype=kind)
    return values


class Scan:
    """All documents of an index at one commit, as arrays over their numbers."""

    def __init__(self, searcher: Any, known: dict[Any, Leaf]) -> None:
        """`known`: the segments read before, by their id; brought up to date here."""
        self._searcher = searcher
        self._leaves: list[tuple[Leaf, int]] = []
        present = set()
        for reader, offset in searcher.reader().leaf_readers():
            name = reader.segment().segment_id()
            present.add(name)
            if name in known:
                known[name].renew(reader)
            else:
                known[name] = Leaf(reader)
            self._leaves.append((known[name], int(offset)))
        for name in set(known) - present:
            del known[name]
        self.size = sum(leaf.size for leaf, _offset in self._leaves)
        self._whole: dict[str, Any] = {}
        self._alive = self._joined([leaf.alive() for leaf, _offset in self._leaves], bool)
        self._count = max(1, int(searcher.doc_count()))

    @staticmethod
    def _joined(parts: list[NDArray[Any]], kind: type) -> NDArray[Any]:
        return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)

    def alive(self) -> Mask:
        """The documents that are not deleted (a copy)."""
        return self._alive.copy()

    def zeros(self) -> Scores:
        """No score for any document."""
        return np.zeros(self.size, dtype=np.float64)

    def created(self) -> NDArray[np.int64]:
        """When each document was written, in seconds."""
        if "created" not in self._whole:
            self._whole["created"] = self._joined([leaf.created() for leaf, _offset in self._leaves], int)
        whole: NDArray[np.int64] = self._whole["created"]
        return whole

    def having(self, field: str, values: Iterable[str]) -> Mask:
        """The documents with one of these values."""
        mask = np.zeros(self.size, dtype=bool)
        for value in values:
            for leaf, offset in self._leaves:
                if found := leaf.postings(field, value):
                    mask[offset + found[0]] = True
        return mask

    def matching(self, query: Any) -> Mask:
        """The documents one of Whoosh's own queries matches (phrases)."""
        mask = np.zeros(self.size, dtype=bool)
        numbers = list(self._searcher.docs_for_query(query))
        mask[numbers] = True
        return mask

    def frequency(self, field: str, text: str) -> int:
        """In how many documents a word is."""
        return sum(len(found[0]) for leaf, _offset in self._leaves if (found := leaf.postings(field, text)))

    def expansions(self, field: str, prefix: str, most: int) -> list[str]:
        """Words that begin with a prefix."""
        return list(dict.fromkeys(text for leaf, _offset in self._leaves for text in leaf.expansions(field, prefix, most)))[:most]

    def bm25f(self, text: str, weights: dict[str, float]) -> Scores:
        """What one word is worth in each document, over weighted fields."""
        frequency = max(self.frequency(field, text) for field in weights if field != "about" or len(weights) == 1)
        occurrences = self.zeros()
        for field, weight in weights.items():
            self._add(occurrences, field, text, weight)
        rarity = math.log(max(1.0, self._count / (frequency + 1))) + 1
        return rarity * (SATURATION + 1) * occurrences / (SATURATION + occurrences)

    def _add(self, occurrences: Scores, field: str, text: str, weight: float) -> None:
        share = LENGTH.get(field, LENGTH_OF_LINES)
        average = LINE if field not in LENGTH else self._average(field)
        for leaf, offset in self._leaves:
            if found := leaf.postings(field, text):
                ids, times = found
                occurrences[offset + ids] += weight * times / (1 - share + share * leaf.lengths(field)[ids] / average)

    def _average(self, field: str) -> float:
        name = f"average {field}"
        if name not in self._whole:
            self._whole[name] = float(self._searcher.avg_field_length(field)) or 1.0
        return float(self._whole[name])

    def keys(self, numbers: Iterable[int]) -> list[str]:
        """The keys of documents."""
        return [self._key(int(number)) for number in numbers]

    def _key(self, number: int) -> str:
        for leaf, offset in reversed(self._leaves):
            if number >= offset:
                return leaf.key(number - offset)
        raise IndexError(number)
