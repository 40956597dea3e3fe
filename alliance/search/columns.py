"""What an index knows of each document beside its words: one small record, the same in every engine."""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance.core.i18n import LANGUAGES
from alliance.core.vocabulary import STAKEHOLDER_TYPES
from alliance.search.engine import KINDS, Document
from alliance.search.filters import APART

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECORD = np.dtype(
    [
        ("created", "<i8"),  # seconds; 0 where that was never said
        ("discussion", "<i4"),
        ("space", "<i4"),  # 0: in none; negative: in a closed discussion of it
        ("support", "<i4"),
        ("country", "<u2"),  # two letters, as digits of base 27
        ("kind", "u1"),  # all that follow: 1 + place in their list; 0 for none
        ("language", "u1"),
        ("type", "u1"),
        ("flags", "u1"),
    ]
)
_PACKED = struct.Struct("<qiiiHBBBB")
EMPTY = bytes(_PACKED.size)
_LANGUAGES = {code: number for number, code in enumerate(LANGUAGES, 1)}
_TYPES = {code: number for number, code in enumerate(STAKEHOLDER_TYPES, 1)}
_KINDS = {code: number for number, code in enumerate(KINDS, 1)}
WIDTHS = (len(KINDS) + 1, len(LANGUAGES) + 1, len(STAKEHOLDER_TYPES) + 1)
FIRST_YEAR, LAST_YEAR = 1980, 2100
_YEARS = np.array([int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in range(FIRST_YEAR, LAST_YEAR)], dtype=np.int64)


def seconds(moment: datetime) -> int:
    """A moment as it stands in the index."""
    return int((moment - EPOCH).total_seconds())


def country_number(code: str | None) -> int:
    """A country's code as a number; 0 for none."""
    if not code or len(code) != 2 or not code.isascii() or not code.isalpha():
        return 0
    first, second = code.upper().encode()
    return (first - 64) * 27 + second - 64


def country_code(number: int) -> str:
    """The country of a number."""
    return chr(64 + number // 27) + chr(64 + number % 27)


def record(document: Document) -> bytes:
    """The record of a document."""
    return _PACKED.pack(
        max(1, seconds(document.created_at)) if document.created_at else 1,
        document.discussion_id,
        document.space_id,
        min(document.support, 2**31 - 1),
        country_number(document.country),
        _KINDS[document.kind],
        _LANGUAGES.get(document.language or "", 0),
        _TYPES.get(document.stakeholder_type or "", 0),
        document.flags | APART * document.apart,
    )


def numbers(column: str, values: tuple[str, ...]) -> list[int]:
    """The values of a column for what people call them."""
    if column == "country":
        return [country_number(value) for value in values]
    known = {"kind": _KINDS, "language": _LANGUAGES, "type": _TYPES}[column]
    return [known[value] for value in values if value in known]


class Columns(dict[str, NDArray[Any]]):
    """Records column by column, each in one piece (or every look at one would walk over all)."""

    def __init__(self, records: NDArray[Any]) -> None:
        super().__init__({name: np.ascontiguousarray(records[name]) for name in RECORD.names or ()})
        self.size = len(records)
        #: What facets count beside space and country, three in one (kind, language, type); and the year.
        self.many = (self["kind"].astype(np.uint16) * WIDTHS[1] + self["language"]) * WIDTHS[2] + self["type"]
        self.years = np.where(self["created"] > 1, np.searchsorted(_YEARS, self["created"], side="right"), 0).astype(np.uint8)
        #: Spaces whose words are kept apart, as not everybody may read there.
        self.apart = frozenset(np.unique(self["space"][self["flags"] >= APART]).tolist())


def counts(records: Columns, chosen: NDArray[Any]) -> dict[str, NDArray[np.int64]]:
    """How many of the chosen documents have which value, by column; years from FIRST_YEAR on."""
    few = len(chosen) < records.size
    found = {}
    for column, every in (("space", np.abs(records["space"])), ("country", records["country"]), ("year", records.years)):
        found[column] = np.bincount(every[chosen] if few else every, minlength=1)
    many = np.bincount(records.many[chosen] if few else records.many, minlength=math.prod(WIDTHS)).reshape(WIDTHS)
    for axis, column in enumerate(("kind", "language", "type")):
        found[column] = many.sum(axis=tuple({0, 1, 2} - {axis}))
    return found


def named(column: str, counted: NDArray[np.int64]) -> dict[str, int]:
    """Counts by what people call the values (spaces by their id); those of no value are left out."""
    names: Any = {
        "space": str,
        "kind": lambda number: KINDS[number - 1],
        "language": lambda number: LANGUAGES[number - 1],
        "type": lambda number: STAKEHOLDER_TYPES[number - 1],
        "country": country_code,
        "year": lambda number: str(FIRST_YEAR - 1 + number),
    }[column]
    return {names(int(number)): int(counted[number]) for number in np.flatnonzero(counted) if number}
