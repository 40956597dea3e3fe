"""What a word is worth in a segment, kept small and quick to add up.

A word in few documents is a list of them; one in many is a number for every document, which is a tenth of the work to add.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SATURATION = 1.2
UNIT = (SATURATION + 1) / 65_535  # worths are kept as so many of these
DENSE = 8  # a word that is in more than one of so many documents has a number for each


class Impact(NamedTuple):
    """What a word is worth in a leaf, before rarity.

    Attributes:
        numbers: its documents, those in which it is said first; None: `values` is of all documents.
        values: its worth in each, in units.
        said: of `numbers`, how many are documents in which it is said; or the bits of those documents.
    """

    numbers: NDArray[np.int32] | None
    values: NDArray[np.uint16]
    said: Any

    @property
    def places(self) -> Any:
        """Where the values belong; of the index type itself, which numpy takes in half the time."""
        return slice(None) if self.numbers is None else self.numbers.astype(np.intp)

    def worth(self, rarity: float) -> NDArray[np.float32]:
        """The values with rarity."""
        return self.values * np.float32(rarity * UNIT)

    def said_in(self, mask: NDArray[np.bool_], bits: NDArray[np.uint8]) -> int:
        """In how many documents of a mask (and the bits of it) the word is said."""
        if self.numbers is None:
            return int(np.bitwise_count(self.said & bits).sum())
        return int(np.count_nonzero(mask[self.numbers[: self.said].astype(np.intp)]))

    @property
    def size(self) -> int:
        """How much room it takes, in pairs of four bytes."""
        return (len(self.values) * (2 if self.numbers is None else 6)) // 8


NONE = Impact(np.zeros(0, np.int32), np.zeros(0, np.uint16), 0)


def impact(occurrences: NDArray[np.float32], said: NDArray[np.bool_]) -> Impact:
    """Weighted occurrences in all documents, saturated; `said`: in which documents the word is said."""
    there = occurrences > 0
    count = int(np.count_nonzero(there))
    if count * DENSE > len(occurrences):
        return Impact(None, _kept(occurrences, there), np.packbits(said))
    first = np.flatnonzero(said)
    numbers = np.concatenate([first, np.flatnonzero(there & ~said)])
    return Impact(numbers.astype(np.int32), _kept(occurrences[numbers], there[numbers]), len(first))


def _kept(occurrences: NDArray[np.float32], there: NDArray[np.bool_]) -> NDArray[np.uint16]:
    worth = np.rint((SATURATION + 1) / UNIT * occurrences / (SATURATION + occurrences))
    return np.where(there, np.clip(worth, 1, 65_535), 0).astype(np.uint16)
