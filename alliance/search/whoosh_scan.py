"""Whoosh's postings as arrays.

Whoosh walks a tree of Python objects for every posting: half a second for a question over 20,000 posts. Its postings
lie in blocks, though, and a block is two arrays (which documents, how often): they are read as such.

This module alone knows how Whoosh keeps postings and columns; tests compare what it reads with Whoosh's own readers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as wq
from whoosh.codec.whoosh3 import LENGTHS_COLUMN, W3LeafMatcher
from whoosh.reading import TermNotFound
from whoosh.util.numeric import byte_to_length

from alliance.search import columns, scan
from alliance.search.scan import Mask, Memory, Numbers, Scores

_LENGTHS = np.array([byte_to_length(number) for number in range(256)], dtype=np.float32)


class Leaf(scan.Leaf):
    """A segment of Whoosh's."""

    def __init__(self, reader: Any) -> None:
        self.size = int(reader.doc_count_all())
        self.memory = Memory(scan.room_for(self.size))
        self.postings = Memory(scan.room_for(self.size))
        self._lengths: dict[str, Scores] = {}
        self._records: columns.Columns | None = None
        self._vocabulary: list[str] | None = None
        self.renew(reader)

    def renew(self, reader: Any) -> None:
        """The same segment, read by a newer reader (more of its documents may be deleted)."""
        self._reader = reader
        self._alive = np.ones(self.size, dtype=bool)
        self._alive[list(reader.segment().deleted_docs())] = False

    def alive(self) -> Mask:
        """See `scan.Leaf`."""
        return self._alive

    def times(self, field: str, text: str) -> tuple[Numbers, Scores] | None:
        """See `scan.Leaf`."""
        found = self.postings.get((field, text))
        if found is None:
            found = self._read(field, text)
            self.postings.put((field, text), found, len(found[0]))
        return found if len(found[0]) else None

    def _read(self, field: str, text: str) -> tuple[Numbers, Scores]:
        try:
            matcher = self._reader.postings(field, text)
        except TermNotFound:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
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
        return np.array(ids, dtype=np.int32), np.array(weights, dtype=np.float32)

    def lengths(self, field: str) -> Scores:
        """See `scan.Leaf`."""
        if field not in self._lengths:
            column = self._reader._perdoc._cached_reader(f"_{field}_len", LENGTHS_COLUMN)
            self._lengths[field] = np.zeros(self.size, dtype=np.float32) if column is None else _LENGTHS[_raw(column, "u1", self.size)]
        return self._lengths[field]

    def records(self) -> columns.Columns:
        """See `scan.Leaf`."""
        if self._records is None:
            packed = np.zeros(self.size, dtype=columns.RECORD)
            if self._reader.has_column("record"):
                column = self._reader._perdoc.column_reader("record", self._reader.schema["record"].column_type)
                packed = _raw(column, columns.RECORD, self.size)
            self._records = columns.Columns(packed)
        return self._records

    def expansions(self, field: str, prefix: str, most: int) -> list[str]:
        """See `scan.Leaf`."""
        found = []
        for text in self._reader.expand_prefix(field, prefix):
            found.append(bytes(text).decode("utf-8"))
            if len(found) >= most:
                break
        return found

    def vocabulary(self) -> list[str]:
        """See `scan.Leaf`."""
        if self._vocabulary is None:
            self._vocabulary = [bytes(text).decode("utf-8") for text in self._reader.lexicon("exact")]
        return self._vocabulary

    def key(self, number: int) -> str:
        """See `scan.Leaf`."""
        return str(self._reader.stored_fields(number)["key"])


def _raw(column: Any, kind: Any, size: int) -> NDArray[Any]:
    """A column of fixed width as an array; Whoosh leaves off the last ones when they are the default, which is zeros."""
    count = min(int(column._count), size)
    values = np.zeros(size, dtype=kind)
    if count:
        values[:count] = np.frombuffer(column._dbfile.get(column._basepos, count * values.itemsize), dtype=kind)
    return values


class Scan(scan.Scan):
    """All documents of an index of Whoosh's at one commit."""

    def __init__(self, searcher: Any, known: dict[Any, Leaf]) -> None:
        """`known`: the segments read before, by their id; brought up to date here."""
        super().__init__()
        self._searcher = searcher
        self.offsets: list[int] = []
        leaves: list[Leaf] = []
        present = set()
        for reader, offset in searcher.reader().leaf_readers():
            name = reader.segment().segment_id()
            present.add(name)
            if name in known:
                known[name].renew(reader)
            else:
                known[name] = Leaf(reader)
            leaves.append(known[name])
            self.offsets.append(int(offset))
        self.leaves = leaves
        for name in set(known) - present:
            del known[name]

    def _phrase(self, forms: tuple[str, ...]) -> list[Mask]:
        whole = np.zeros(self.size, dtype=bool)
        whole[list(self._searcher.docs_for_query(wq.Phrase("exact", list(forms), slop=1)))] = True
        return [whole[offset : offset + leaf.size] for leaf, offset in zip(self.leaves, self.offsets, strict=True)]
