"""Sets of post numbers, written as runs: "1-40,42". Who reads on leaves one run, however long the discussion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Run = tuple[int, int]
_WRITTEN = re.compile(r"(?:[0-9]{1,9}(?:-[0-9]{1,9})?)(?:,[0-9]{1,9}(?:-[0-9]{1,9})?)*")


@dataclass(frozen=True, slots=True)
class Numbers:
    """A set of positive numbers as runs: in order, apart from each other, both ends within."""

    runs: tuple[Run, ...] = ()

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Numbers:
        """The set of these numbers."""
        return cls(_joined((number, number) for number in numbers))

    @classmethod
    def upto(cls, last: int) -> Numbers:
        """1 to `last`."""
        return cls(((1, last),)) if last > 0 else cls()

    @classmethod
    def parse(cls, text: str) -> Numbers:
        """The set written as runs.

        Raises:
            ValueError: it is not written that way.
        """
        if not text:
            return cls()
        if not _WRITTEN.fullmatch(text):
            raise ValueError("numbers are written like 1-40,42")
        ends = [part.split("-") for part in text.split(",")]
        return cls(_joined((int(end[0]), int(end[-1])) for end in ends))

    def __str__(self) -> str:
        return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in self.runs)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.runs)

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.runs)

    def __iter__(self) -> Iterator[int]:
        for low, high in self.runs:
            yield from range(low, high + 1)

    def __or__(self, other: Numbers) -> Numbers:
        return Numbers(_joined((*self.runs, *other.runs)))

    def __and__(self, other: Numbers) -> Numbers:
        return self - (self - other)

    def __sub__(self, other: Numbers) -> Numbers:
        left: list[Run] = []
        cuts = iter(other.runs)
        cut = next(cuts, None)
        for low, high in self.runs:
            start = low
            while cut is not None and cut[1] < start:
                cut = next(cuts, None)
            while cut is not None and cut[0] <= high:
                if cut[0] > start:
                    left.append((start, cut[0] - 1))
                start = cut[1] + 1
                if start > high:
                    break
                cut = next(cuts, None)
            if start <= high:
                left.append((start, high))
        return Numbers(tuple(left))


def after(text: str, number: int) -> str | None:
    """A set that is written, with one more number that lies above all of it; None when it does not.

    Unlike `Numbers.parse` this takes no longer for many runs than for one.
    """
    last = text.rpartition(",")[2]
    low, _dash, high = last.partition("-")
    top = int(high or low or 0)
    if top >= number:
        return None
    if top != number - 1 or not top:
        return f"{text},{number}" if text else str(number)
    return f"{text.removesuffix(last)}{low}-{number}"


def _joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Runs in order, those that touch made one; empty ones and what lies below 1 left out."""
    made: list[Run] = []
    for low, high in sorted((max(low, 1), high) for low, high in runs):
        if low > high:
            continue
        if made and low <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(made[-1][1], high))
        else:
            made.append((low, high))
    return tuple(made)
