"""Whoosh's postings as arrays.

Whoosh walks a tree of Python objects for every posting: half a second for a question over 20,000 posts. Here a word's
postings are read as they lie in the file, in a few arrays (see `whoosh_codec`), and kept for as long as their segment is there.

This module and `whoosh_codec` alone know how Whoosh keeps postings and columns; tests compare what they read with Whoosh's own readers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import LENGTHS_COLUMN
from whoosh.reading import TermNotFound
from whoosh.util.numeric import byte_to_length

from alliance.search import columns, scan
from alliance.search.memory import Memory
from alliance.search.scan import Mask, Numbers, Scores
from alliance.search.whoosh_codec import Matcher

_LENGTHS = np.array([byte_to_length(number) for number in range(256)], dtype=np.float32)
_NOWHERE = np.zeros(0, dtype=np.int64)


class Core:
    """What never changes in a segment, as far as it was read; shared by the threads of a process."""

    def __init__(self, size: int) -> None:
        self.memory = Memory(4 * scan.room_for(size))
        self.postings = Memory(scan.room_for(size))
        self.places = Memory(scan.room_for(size))
        self.lengths: dict[str, Scores] = {}
        self.records: columns.Columns | None = None
        self.vocabulary: list[str] | None = None


class Leaf(scan.Leaf):
    """A segment of Whoosh's, as a thread reads it at one commit."""

    def __init__(self, reader: Any, core: Core | None = None) -> None:
        self.size = int(reader.doc_count_all())
        self.core = core or Core(self.size)
        self.memory = self.core.memory
        self._reader = reader
        self._alive = np.ones(self.size, dtype=bool)
        self._alive[list(reader.segment().deleted_docs())] = False

    def alive(self) -> Mask:
        """See `scan.Leaf`."""
        return self._alive

    def read(self, field: str, text: str) -> tuple[Numbers, Scores] | None:
        """See `scan.Leaf`."""
        found = self.core.postings.get((field, text))
        if found is None:
            matcher = self._matcher(field, text)
            found = matcher.all_postings() if matcher else (np.zeros(0, np.int32), np.zeros(0, np.float32))
            self.core.postings.put((field, text), found, len(found[0]))
        return found if len(found[0]) else None

    def read_places(self, text: str) -> NDArray[Any]:
        """See `scan.Leaf`."""
        found = self.core.places.get(text)
        if found is None:
            matcher = self._matcher("exact", text)
            found = matcher.all_places() if matcher else _NOWHERE
            self.core.places.put(text, found, len(found))
        places: NDArray[Any] = found
        return places

    def _matcher(self, field: str, text: str) -> Matcher | None:
        return _matcher(self._reader, field, text)

    def lengths(self, field: str) -> Scores:
        """See `scan.Leaf`."""
        lengths = self.core.lengths
        if field not in lengths:
            column = self._reader._perdoc._cached_reader(f"_{field}_len", LENGTHS_COLUMN)
            lengths[field] = np.zeros(self.size, dtype=np.float32) if column is None else _LENGTHS[_raw(column, "u1", self.size)]
        return lengths[field]

    def records(self) -> columns.Columns:
        """See `scan.Leaf`."""
        if self.core.records is None:
            packed = np.zeros(self.size, dtype=columns.RECORD)
            if self._reader.has_column("record"):
                column = self._reader._perdoc.column_reader("record", self._reader.schema["record"].column_type)
                packed = _raw(column, columns.RECORD, self.size)
            self.core.records = columns.Columns(packed)
        return self.core.records

    def vocabulary(self) -> list[str]:
        """See `scan.Leaf`; in order."""
        if self.core.vocabulary is None:
            self.core.vocabulary = [bytes(text).decode("utf-8") for text in self._reader.lexicon("exact")]
        return self.core.vocabulary

    def key(self, number: int) -> str:
        """See `scan.Leaf`."""
        return str(self._reader.stored_fields(number)["key"])


def _matcher(reader: Any, field: str, text: str | bytes) -> Matcher | None:
    try:
        matcher = reader.postings(field, text)
    except TermNotFound:
        return None
    while not isinstance(matcher, Matcher):
        matcher = matcher.child  # the filter of deleted documents: that is `alive`
    return matcher


def read_all(reader: Any) -> None:
    """Read every word of a segment, as searching would: whoever stumbles has found damage."""
    for field, text in reader.all_terms():
        if matcher := _matcher(reader, field, text):
            matcher.all_postings()
            if field == "exact":
                matcher.all_places()


def _raw(column: Any, kind: Any, size: int) -> NDArray[Any]:
    """A column of fixed width as an array; Whoosh leaves off the last ones when they are the default, which is zeros."""
    count = min(int(column._count), size)
    values = np.zeros(size, dtype=kind)
    if count:
        values[:count] = np.frombuffer(column._dbfile.get(column._basepos, count * values.itemsize), dtype=kind)
    return values


class Scan(scan.Scan):
    """All documents of an index of Whoosh's at one commit."""

    def __init__(self, searcher: Any, known: dict[Any, Core]) -> None:
        """`known`: what was read of segments before, by their id; brought up to date here."""
        super().__init__()
        self.offsets: list[int] = []
        leaves: list[Leaf] = []
        present: dict[Any, Core] = {}
        for reader, offset in searcher.reader().leaf_readers():
            name = reader.segment().segment_id()
            leaves.append(Leaf(reader, known.get(name)))
            present[name] = leaves[-1].core
            self.offsets.append(int(offset))
        self.leaves = leaves
        known |= present
        for name in set(known) - set(present):
            known.pop(name, None)

    def beginning(self, prefix: str) -> Iterable[str]:
        """See `scan.Scan`."""
        found: set[str] = set()
        for leaf in self.leaves:
            words = leaf.vocabulary()
            for mark in ("", *leaf.marks):
                begun = mark + prefix
                there = words[bisect_left(words, begun) : bisect_left(words, begun + "\U0010ffff")]
                found.update(word.removeprefix(mark) for word in there)
        return found
