"""Postings kept in PostgreSQL, as arrays: what a query needs of all segments comes in one statement, and stays for a while."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance.search import scan, segments
from alliance.search.apart import beginnings
from alliance.search.columns import RECORD, Columns
from alliance.search.memory import Memory
from alliance.search.scan import Mask, Numbers, Scores

_NO_PLACES = np.zeros(0, dtype=segments.PLACE)


class Core:
    """What never changes in a segment; shared by the threads of a process."""

    def __init__(self, number: int, records: bytes, lengths: bytes, keys: bytes) -> None:
        self.id = number
        self.records = Columns(np.frombuffer(records, dtype=RECORD))
        self.size = self.records.size
        measured = np.frombuffer(lengths, dtype="<u2").reshape(len(segments.MEASURED), self.size)
        self.lengths = {name: measured[i].astype(np.float32) for i, name in enumerate(segments.MEASURED)}
        self.keys = keys.decode().split("\n")
        self.memory = Memory(3 * scan.room_for(self.size))
        self.entries = Memory(scan.room_for(self.size))
        self.places = Memory(scan.room_for(self.size) // 2)
        self.vocabulary: list[str] | None = None


class Leaf(scan.Leaf):
    """A segment as one query sees it."""

    def __init__(self, core: Core, alive: Mask, whole: Scan) -> None:
        self.core = core
        self.size = core.size
        self.memory = core.memory
        self._alive = alive
        self._whole = whole

    def alive(self) -> Mask:
        """See `scan.Leaf`."""
        return self._alive

    def records(self) -> Columns:
        """See `scan.Leaf`."""
        return self.core.records

    def lengths(self, field: str) -> Scores:
        """See `scan.Leaf`."""
        lengths: Scores = self.core.lengths[field]
        return lengths

    def read(self, field: str, text: str) -> tuple[Numbers, Scores] | None:
        """See `scan.Leaf`."""
        if field == "key":
            numbers = self._whole.numbers_of(text).get(self.core.id, [])
            return (np.array(numbers, np.int32), np.ones(len(numbers), np.float32)) if numbers else None
        entries = self.core.entries.get(text)
        if entries is None:
            entries = self._whole.load([text])[self.core.id, text]
        found = entries[entries["field"] == segments.CODE[field]]
        return (found["number"].astype(np.int32), found["times"].astype(np.float32)) if len(found) else None

    def read_places(self, text: str) -> NDArray[Any]:
        """See `scan.Leaf`."""
        places = self.core.places.get(text)
        if places is None:
            places = self._whole.load_places([text]).get((self.core.id, text), _NO_PLACES)
        found: NDArray[Any] = places
        return found

    def vocabulary(self) -> list[str]:
        """See `scan.Leaf`."""
        if self.core.vocabulary is None:
            self.core.vocabulary = self._whole.written(self.core.id)
        return self.core.vocabulary

    def key(self, number: int) -> str:
        """See `scan.Leaf`."""
        return self.core.keys[number]


class Scan(scan.Scan):
    """All documents of an index in PostgreSQL at one moment: everything is read in one transaction."""

    def __init__(self, cursor: Any, segments_: Sequence[tuple[Core, Mask]]) -> None:
        super().__init__()
        self._cursor = cursor
        self._numbers: dict[str, dict[int, list[int]]] = {}
        self.leaves: list[Leaf] = [Leaf(core, alive, self) for core, alive in segments_]
        self._ids = [core.id for core, _alive in segments_]

    def fetch(self, wanted: Iterable[tuple[str, str]], weighed: Iterable[tuple[str, str]] = ()) -> None:
        """See `scan.Scan`."""
        marks = beginnings(self.leaves)
        texts = {mark + text for field, text in wanted if field != "key" for mark in marks}
        texts |= {
            mark + text
            for field, text in weighed
            for mark in marks
            if not all(leaf.weighed(field, text, self.averages) for leaf in self.leaves)
        }
        missing = [text for text in texts if any(text not in leaf.core.entries for leaf in self.leaves)]
        if missing:
            self.load(missing)

    def load(self, texts: list[str]) -> dict[tuple[int, str], Any]:
        """The postings of some words in every segment."""
        rows = self._cursor.execute(
            "SELECT segment, term, entries FROM postings WHERE segment = ANY(%s) AND term = ANY(%s)", (self._ids, texts)
        )
        found = {(segment, term): segments.postings(blob) for segment, term, blob in rows}
        nothing = segments.postings(b"")
        for leaf in self.leaves:
            for text in texts:
                entries = found.setdefault((leaf.core.id, text), nothing)
                leaf.core.entries.put(text, entries, len(entries) // 2)
        return found

    def numbers_of(self, key: str) -> dict[int, list[int]]:
        """In which segments a document stands, under which numbers."""
        if key not in self._numbers:
            rows = self._cursor.execute("SELECT segment, number FROM documents WHERE key = %s", (key,))
            self._numbers[key] = {segment: [number] for segment, number in rows}
        return self._numbers[key]

    def beginning(self, prefix: str) -> Iterable[str]:
        """See `scan.Scan`."""
        query = "SELECT DISTINCT term FROM postings WHERE segment = ANY(%s) AND term >= %s AND term < %s AND places IS NOT NULL"
        found: set[str] = set()
        for mark in beginnings(self.leaves):
            rows = self._cursor.execute(query, (self._ids, mark + prefix, mark + prefix + "\U0010ffff"))
            found.update(term.removeprefix(mark) for (term,) in rows)
        return found

    def written(self, segment: int) -> list[str]:
        """Every word as written of a segment."""
        rows = self._cursor.execute("SELECT term FROM postings WHERE segment = %s AND places IS NOT NULL", (segment,))
        return [term for (term,) in rows]

    def fetch_places(self, texts: Sequence[str]) -> None:
        """See `scan.Scan`."""
        marked = {mark + text for text in texts for mark in beginnings(self.leaves)}
        missing = sorted({text for text in marked if any(text not in leaf.core.places for leaf in self.leaves)})
        if missing:
            self.load_places(missing)

    def load_places(self, texts: list[str]) -> dict[tuple[int, str], Any]:
        """The places of some words in every segment."""
        rows = self._cursor.execute(
            "SELECT segment, term, places FROM postings WHERE segment = ANY(%s) AND term = ANY(%s) AND places IS NOT NULL",
            (self._ids, texts),
        )
        found = {(segment, term): np.frombuffer(blob, dtype=segments.PLACE) for segment, term, blob in rows}
        for leaf in self.leaves:
            for text in texts:
                places = found.get((leaf.core.id, text), _NO_PLACES)
                leaf.core.places.put(text, places, len(places))
        return found
