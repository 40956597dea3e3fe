"""How a document's words lie in Whoosh's files: as arrays in large blocks, of which numpy reads each in one piece.

Whoosh's own blocks hold 128 postings as pickled tuples of Python numbers, and the places of a word pickled once a posting:
reading a common word of 100,000 documents takes tens of milliseconds, nearly all of them for making numbers. Here a block
is three compressed arrays (documents, how often, places), read apart; Whoosh itself goes on keeping terms, segments,
deletions, merges and commits, and reads the same blocks through the same matcher.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import fields, formats
from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher, W3PostingsWriter
from whoosh.util.numeric import byte_to_length, length_to_byte

from alliance.search.segments import FARTHEST

BLOCK = 4096  # postings
_MAGIC = b"ALP1"
# Whether it is the last, how many, greatest number and weight, shortest and longest field, bytes of the three arrays.
_HEAD = struct.Struct("<?IIfBBIII")
_FEW = 64
_STORED = struct.Struct("<HH")
_QUICK = 1  # zlib: documents close together compress well at any level


class Bag(formats.Format):  # type: ignore[misc]
    """How often a word occurs: its weight says it already."""

    posting_size = 0

    def occurrences(self, words: Iterable[str]) -> Iterator[tuple[str, int, bytes]]:
        """Each word, how often, and what is kept of it beside."""
        counted: dict[str, int] = {}
        for word in words:
            counted[word] = counted.get(word, 0) + 1
        return ((word, times, b"") for word, times in counted.items())


class Places(Bag):
    """How often a word occurs, and where."""

    posting_size = -1

    def occurrences(self, words: Iterable[str]) -> Iterator[tuple[str, int, bytes]]:
        """See `Bag`."""
        places: dict[str, list[int]] = {}
        for place, word in enumerate(words):
            places.setdefault(word, []).append(place)
        for word, found in places.items():
            near = found if found[-1] < FARTHEST else [place for place in found if place < FARTHEST]
            yield word, len(found), np.array(near, dtype="<u2").tobytes()


class Words(fields.FieldType):  # type: ignore[misc]
    """A field given as a list of words, in order."""

    def __init__(self, kind: Bag) -> None:
        super().__init__(kind, analyzer=None, scorable=True)

    def index(self, value: list[str], **_more: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """The words as Whoosh wants to be told of them."""
        return ((word.encode("utf-8", "replace"), times, float(times), beside) for word, times, beside in self.format.occurrences(value))


class Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's own, but for the postings."""

    def __init__(self) -> None:
        super().__init__(blocklimit=BLOCK)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> _Writer:
        """What writes postings."""
        return _Writer(dbfile, blocklimit=self._blocklimit, byteids=byteids)

    def postings_reader(self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None) -> Matcher:
        """What reads postings."""
        offset, length = terminfo.extent()
        return Matcher(dbfile, offset, length, format_, term=term, scorer=scorer)


class _Writer(W3PostingsWriter):  # type: ignore[misc]
    _maxweight: float
    _minlength: int | None
    _maxlength: int

    def add_posting(self, id_: int, weight: float, vbytes: bytes, length: int | None = None) -> None:
        if len(self._ids) >= self._blocklimit:
            self._write_block()
        self._ids.append(id_)
        self._weights.append(weight)
        self._values.append(vbytes)
        self._maxweight = max(self._maxweight, weight)
        if length:
            self._minlength = length if self._minlength is None else min(self._minlength, length)
            self._maxlength = max(self._maxlength, length)

    def _write_block(self, last: bool = False) -> None:
        if not self._blockcount:
            self._postfile.write(_MAGIC)
        self._terminfo.add_block(self)
        parts = (
            _bytes(_differences(self._ids)),
            _bytes(self._weights),
            _bytes(array("I", map(len, self._values))) + b"".join(self._values) if any(self._values) else b"",
        )
        packed = [_packed(part) for part in parts]
        shortest, longest = length_to_byte(self._minlength), length_to_byte(self._maxlength)
        head = (last, len(self._ids), self._ids[-1], self._maxweight, shortest, longest, *map(len, packed))
        self._postfile.write(_HEAD.pack(*head))
        for part in packed:
            self._postfile.write(part)
        self._blockcount += 1
        self._new_block()


def _differences(numbers: array[int]) -> array[int]:
    """Each number less the one before; most words stand in so few documents that asking numpy would take longer."""
    if len(numbers) > _FEW:
        return array("I", np.diff(np.frombuffer(numbers, dtype=np.uint32), prepend=np.uint32(0)).tobytes())
    return array("I", [after - before for before, after in zip((0, *numbers), numbers, strict=False)])


def _bytes(numbers: array[Any]) -> bytes:
    """As they lie in the file: the smallest byte first."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _packed(part: bytes) -> bytes:
    """What zlib unpacks to these bytes (RFC 1950, 1951). A few are stored as they are: preparing to compress takes longer than writing them."""
    size = len(part)
    if size > _FEW:
        return zlib.compress(part, _QUICK)
    return b"\x78\x01\x01" + _STORED.pack(size, size ^ 0xFFFF) + part + zlib.adler32(part).to_bytes(4, "big")


class Matcher(W3LeafMatcher):  # type: ignore[misc]
    """Reads postings, one by one for Whoosh, or a word's at once."""

    _values: list[bytes] | None

    def _read_header(self) -> None:
        if self._postfile.get(self._startoffset, len(_MAGIC)) != _MAGIC:
            raise ValueError("not a list of postings")
        self._baseoffset = self._startoffset + len(_MAGIC)

    def _goto(self, position: int) -> None:
        self._ids = self._weights = self._values = None
        self._i = 0
        head = _HEAD.unpack(self._postfile.get(position, _HEAD.size))
        self._lastblock, self._blocklength, self._maxid, self._maxweight, shortest, longest, *self._sizes = head
        self._minlength, self._maxlength = byte_to_length(shortest), byte_to_length(longest)
        self._dataoffset = position + _HEAD.size
        self._nextoffset = self._dataoffset + sum(self._sizes)

    def _part(self, which: int) -> bytes:
        at = self._dataoffset + sum(self._sizes[:which])
        return zlib.decompress(self._postfile.get(at, self._sizes[which]))

    def _numbers(self) -> NDArray[np.int32]:
        return np.cumsum(np.frombuffer(self._part(0), dtype="<u4"), dtype=np.int64).astype(np.int32)

    def _times(self) -> NDArray[np.float32]:
        return np.frombuffer(self._part(1), dtype="<f4")

    def _places(self) -> tuple[NDArray[Any], bytes]:
        """How many bytes each posting's places are, and all of them."""
        part = self._part(2)
        if not part:
            return np.zeros(self._blocklength, dtype="<u4"), b""
        return np.frombuffer(part, dtype="<u4", count=self._blocklength), part[4 * self._blocklength :]

    def _read_ids(self) -> None:
        self._ids = self._numbers().tolist()

    def _read_weights(self) -> None:
        self._weights = self._times().tolist()

    def _read_values(self) -> None:
        sizes, whole = self._places()
        ends = np.cumsum(sizes).tolist()
        self._values = [whole[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]

    def _blocks(self) -> Iterator[None]:
        """Stand on one block after the other."""
        self.reset()
        while not self._atend:
            yield
            self._next_block()

    def all_postings(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The documents of the word, and how often it is in each."""
        blocks = [(self._numbers(), self._times()) for _block in self._blocks()]
        return np.concatenate([one[0] for one in blocks]), np.concatenate([one[1] for one in blocks])

    def all_places(self) -> NDArray[np.int64]:
        """Where the word stands, each place as one number: the document above the lower 16 bits, the place in them."""
        found = []
        for _block in self._blocks():
            sizes, whole = self._places()
            documents = np.repeat(self._numbers().astype(np.int64), sizes // 2)
            found.append(documents << 16 | np.frombuffer(whole, dtype="<u2"))
        return np.concatenate(found)
