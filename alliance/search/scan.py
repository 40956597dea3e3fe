"""Matching and BM25F over arrays, whichever engine keeps the postings.

An index is a few leaves, each of some ten thousand documents that never change; of each word a leaf knows in which of
its documents it is and how often. The fields' occurrences are weighted and added *before* saturation (Robertson,
Zaragoza, Taylor 2004), with one rarity of a word for all fields. What a word is worth in a leaf is kept for as long as
the leaf is, so that a warm query is a few additions over the documents its words are in.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from alliance.search import segments
from alliance.search.apart import Words
from alliance.search.columns import Columns
from alliance.search.impact import NONE, Impact, impact
from alliance.search.memory import Memory

Mask = NDArray[np.bool_]
Scores = NDArray[np.float32]
Numbers = NDArray[np.int32]
# How much an occurrence counts in each field, and how much the length of the field matters.
# `about` lets a reply be found by what it replies to, behind what says it itself.
WEIGHTS = {
    "stem": {"title": 4.0, "body": 1.0, "about": 0.4, "tags": 2.0},
    "exact": {"exact": 1.0},
    "accented": {"accented": 1.0},
    "author": {"author": 1.0},
}
LENGTH = {"body": 0.75, "exact": 0.75}
LENGTH_OF_LINES = 0.3
LINE = 6.0  # words in an ordinary title: posts without one must not make every title seem long
SAID = ("title", "body", "tags", "exact", "accented", "author")  # a word is as rare as it is in these


class Common(NamedTuple):
    """The documents of a leaf that everybody may read: which, how many, how long their fields are together."""

    alive: Mask
    spaces: frozenset[int] | None
    mask: Mask
    bits: NDArray[np.uint8]
    size: int
    lengths: dict[str, float]


_COMMON = "~common"


class Leaf(Words):
    """One segment: what never changes in it is read once and kept for as long as the segment is there."""

    size: int
    memory: Memory

    @abstractmethod
    def lengths(self, field: str) -> Scores:
        """How long a field is in each document."""

    @abstractmethod
    def alive(self) -> Mask:
        """The documents that are not deleted (not to be changed)."""

    @abstractmethod
    def key(self, number: int) -> str:
        """The key of a document."""

    def impact(self, group: str, text: str, averages: dict[str, float]) -> Impact:
        """What a word is worth, over the weighted fields of a group."""
        name = (group, text, bucket(averages), self.marks)
        found = self.memory.get(name)
        if found is None:
            found = self._weigh(group, text, averages)
            self.memory.put(name, found, found.size)
        kept: Impact = found
        return kept

    def weighed(self, group: str, text: str, averages: dict[str, float]) -> bool:
        """Whether what a word is worth (and in which titles it is) is remembered, so that its postings need not be read."""
        titled = group != "stem" or ("title", text, self.marks) in self.memory
        return titled and (group, text, bucket(averages), self.marks) in self.memory

    def _weigh(self, group: str, text: str, averages: dict[str, float]) -> Impact:
        parts = [(field, weight, found) for field, weight in WEIGHTS[group].items() if (found := self.times(field, text))]
        if not parts:
            return NONE
        occurrences = np.zeros(self.size, dtype=np.float32)
        said = np.zeros(self.size, dtype=bool)
        for field, weight, (numbers, times) in parts:
            share = LENGTH.get(field, LENGTH_OF_LINES)
            long = self.lengths(field)[numbers] / averages.get(field, LINE)
            occurrences[numbers] += weight * times / (1 - share + share * long)
            if field in SAID:
                said[numbers] = True
        return impact(occurrences, said)

    def common(self, spaces: frozenset[int] | None) -> Common:
        """The documents that everybody may read: what lies in these spaces (None: in any) or in none."""
        kept: Common | None = self.memory.get(_COMMON)
        if kept is None or kept.alive is not self.alive() or kept.spaces != spaces:
            mask = self.alive() & self.within(spaces)
            lengths = {field: float(self.lengths(field)[mask].sum(dtype=np.float64)) for field in LENGTH}
            kept = Common(self.alive(), spaces, mask, np.packbits(mask), int(np.count_nonzero(mask)), lengths)
            self.memory.put(_COMMON, kept, self.size // 4)
        return kept

    def within(self, spaces: frozenset[int] | None) -> Mask:
        """The documents that lie in these spaces (None: in any), or in none (not to be changed)."""
        return cast("Mask", self.memory.keep(("within", spaces), lambda: within(self.records(), spaces), self.size // 8))

    def following(self, texts: tuple[str, ...]) -> Mask:
        """The documents in which these words stand one after another."""
        numbers = self.memory.get(("phrase", texts, self.marks))
        if numbers is None:
            places = [self.places(text) for text in texts]
            numbers = segments.following(places) if all(len(one) for one in places) else np.zeros(0, np.int32)
            self.memory.put(("phrase", texts, self.marks), numbers, len(numbers))
        mask = np.zeros(self.size, dtype=bool)
        mask[numbers] = True
        return mask

    def having(self, field: str, texts: Iterable[str]) -> Mask:
        """The documents with one of these words."""
        mask = np.zeros(self.size, dtype=bool)
        for text in texts:
            mask[self._titled(text) if field == "title" else self._numbers(field, text)] = True
        return mask

    def _numbers(self, field: str, text: str) -> NDArray[np.intp]:
        found = self.times(field, text)
        return found[0].astype(np.intp) if found else np.zeros(0, np.intp)

    def _titled(self, text: str) -> NDArray[np.intp]:
        """The documents with a word in their title: asked for with nearly every query, and few."""
        kept: NDArray[np.intp] | None = self.memory.get(("title", text, self.marks))
        if kept is None:
            kept = self._numbers("title", text)
            self.memory.put(("title", text, self.marks), kept, len(kept))
        return kept

    def count(self, field: str, texts: Iterable[str], among: Mask) -> dict[str, int]:
        """How many of some documents have each of these words; those of none are left out."""
        found = {text: int(np.count_nonzero(among[having[0]])) for text in texts if (having := self.times(field, text))}
        return {text: number for text, number in found.items() if number}


def within(records: Columns, spaces: frozenset[int] | None) -> Mask:
    """The documents that lie in these spaces (None: in any), or in none; the mark of the index's position is no document."""
    mask: Mask = records["created"] > 0
    if spaces is not None:
        space = records["space"]
        top = max((0, *map(abs, spaces), int(space.max(initial=0)), -int(space.min(initial=0))))
        open_ = np.zeros(2 * top + 1, dtype=bool)  # closed discussions of a space have its number below nought, counted from the end
        open_[[0, *spaces]] = True
        mask &= open_[space]
    return mask


def room_for(size: int) -> int:
    """How many occurrences of words a leaf of so many documents may keep in memory."""
    return 20_000 + 16 * size


def bucket(averages: dict[str, float]) -> int:
    """Averages that differ by less than some percent are one: a new post must not make everything be weighed again."""
    return sum(int(math.log(max(1.0, value)) * 25) * 1000**place for place, value in enumerate(averages.values()))


class Scan(ABC):
    """All documents of an index at one commit, as they are for one query at a time.

    What a word is worth is weighed against what everybody may read, and nothing else: were the rarity of words, or how
    long texts are, that of the whole index, then the order of what one may read would tell of what one may not.
    """

    leaves: Sequence[Leaf]

    def __init__(self) -> None:
        self._public: frozenset[int] | None = None
        self._commons: list[Common] | None = None
        self._averages: dict[str, float] | None = None
        self._masks: dict[tuple[str, ...], list[Mask]] = {}

    def begin(self, public: frozenset[int] | None, spaces: frozenset[int] | None) -> None:
        """Another query is to be answered; `public`: the spaces that everybody may read, `spaces`: that the asker may; None for all."""
        for leaf in self.leaves:
            leaf.open_to(spaces)
        self._masks.clear()
        self._averages = self._commons = None
        self._public = public

    def fetch(self, wanted: Iterable[tuple[str, str]], weighed: Iterable[tuple[str, str]] = ()) -> None:  # noqa: B027 (most engines need not)
        """Words (field, text) that will be asked for, and (group, text) only their worth: an engine may read them all at once."""

    def fetch_places(self, texts: Sequence[str]) -> None:  # noqa: B027 (most engines need not)
        """The same for the places of words."""

    @abstractmethod
    def beginning(self, prefix: str) -> Iterable[str]:
        """All words as written that begin with a prefix and that the asker may know of, in any order."""

    def expansions(self, prefix: str, most: int, among: Sequence[Mask]) -> list[str]:
        """Words that begin with a prefix and stand in one of these documents, the shortest first."""
        every = sorted(self.beginning(prefix), key=lambda text: (len(text), text))
        found: list[str] = []
        for start in range(0, len(every), most):
            part = every[start : start + most]
            self.fetch([("exact", text) for text in part])
            found += [text for text in part if self.stands("exact", text, among)]
            if len(found) >= most:
                break
        return found[:most]

    def stands(self, field: str, text: str, among: Sequence[Mask]) -> int:
        """In how many of some documents a word stands."""
        count = 0
        for leaf, mask in zip(self.leaves, among, strict=True):
            if found := leaf.times(field, text):
                count += int(np.count_nonzero(mask[found[0].astype(np.intp)]))
        return count

    def phrase(self, forms: Sequence[str]) -> list[Mask]:
        """The documents of each leaf in which these words follow one another (not to be changed)."""
        name = tuple(forms)
        if name not in self._masks:
            only = len(name) == 1
            if not only:
                self.fetch_places(name)
            self._masks[name] = [leaf.having("exact", name) if only else leaf.following(name) for leaf in self.leaves]
        return self._masks[name]

    def commons(self) -> list[Common]:
        """What everybody may read, leaf by leaf."""
        if self._commons is None:
            self._commons = [leaf.common(self._public) for leaf in self.leaves]
        return self._commons

    @property
    def size(self) -> int:
        """How many documents there are that everybody may read."""
        return sum(one.size for one in self.commons())

    @property
    def averages(self) -> dict[str, float]:
        """How long the fields are on average for which that matters."""
        if self._averages is None:
            commons, size = self.commons(), self.size
            self._averages = {field: sum(one.lengths[field] for one in commons) / max(1, size) or 1.0 for field in LENGTH}
        return self._averages

    def impacts(self, group: str, text: str) -> list[Impact]:
        """What a word is worth, leaf by leaf, its rarity not yet counted."""
        return [leaf.impact(group, text, self.averages) for leaf in self.leaves]

    def frequency(self, impacts: Sequence[Impact]) -> int:
        """In how many documents that everybody may read a word is said."""
        return sum(one.said_in(common.mask, common.bits) for common, one in zip(self.commons(), impacts, strict=True))

    def frequency_of(self, masks: Sequence[Mask]) -> int:
        """How many of some documents everybody may read."""
        return sum(int(np.count_nonzero(common.mask & mask)) for common, mask in zip(self.commons(), masks, strict=True))

    def rarity(self, frequency: int) -> float:
        """What it counts that a word is in so many documents only."""
        return math.log(max(1.0, self.size / (frequency + 1))) + 1
