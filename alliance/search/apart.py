"""Words of spaces that not everybody may read are kept apart from all others, each space's by themselves.

Whoever may not read in a space never looks its words up: whether one is said there changes neither an answer nor how long
it takes. Where nobody but everybody is, nothing of this costs anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from alliance.core import db
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.search.columns import Columns
from alliance.search.engine import Document
from alliance.search.indexing import APART, mark

Times = tuple[NDArray[np.int32], NDArray[np.float32]]


def noted(found: list[Document]) -> list[Document]:
    """The documents, with a note on those in spaces that not everybody may read."""
    spaces = {one.space_id for one in found} - {0}
    public = set(db.session().scalars(select(Space.id).where(Space.id.in_(spaces), visible(Actor.guest(), Space)))) if spaces else set()
    return [replace(one, apart=True) if one.space_id in spaces - public else one for one in found]


class Words(ABC):
    """The words of a segment, as far as whoever asks may know of them."""

    marks: tuple[str, ...] = ()  # of the spaces whose words are kept apart and may be read

    @abstractmethod
    def read(self, field: str, text: str) -> Times | None:
        """The documents a word is in, deleted ones included, in order, and how often."""

    @abstractmethod
    def read_places(self, text: str) -> NDArray[Any]:
        """Where a word as written stands: the document above the lower 16 bits, the place in it in them; in order."""

    @abstractmethod
    def vocabulary(self) -> list[str]:
        """The words of all documents, as written; marked where they are kept apart."""

    @abstractmethod
    def records(self) -> Columns:
        """The records of all documents."""

    def open_to(self, spaces: frozenset[int] | None) -> None:
        """Whoever asks may read these spaces; None: all."""
        apart = self.records().apart
        self.marks = tuple(mark(space) for space in sorted(apart if spaces is None else apart & spaces)) if apart else ()

    def times(self, field: str, text: str) -> Times | None:
        """As `read`, of every word that is the same."""
        found = self.read(field, text)
        if not self.marks or field == "key":
            return found
        there = [part for part in (found, *(self.read(field, one + text) for one in self.marks)) if part is not None]
        if len(there) < 2:
            return there[0] if there else None
        numbers = np.concatenate([part[0] for part in there])
        order = np.argsort(numbers)
        return numbers[order], np.concatenate([part[1] for part in there])[order]

    def places(self, text: str) -> NDArray[Any]:
        """As `read_places`, of every word that is the same."""
        if not self.marks:
            return self.read_places(text)
        return np.sort(np.concatenate([self.read_places(one + text) for one in ("", *self.marks)]))

    def words(self) -> list[str]:
        """The words as written, each once, without marks."""
        every = self.vocabulary()
        found = dict.fromkeys(word for word in every if not word.startswith(APART))
        for one in self.marks:
            found.update((word.removeprefix(one), None) for word in every if word.startswith(one))
        return list(found)


def beginnings(leaves: Iterable[Words]) -> set[str]:
    """What a word may begin with in some segments: nothing, and the marks of what is kept apart and may be read."""
    return {"", *(one for leaf in leaves for one in leaf.marks)}
