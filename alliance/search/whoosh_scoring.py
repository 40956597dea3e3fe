"""BM25F over several fields of one document, which Whoosh scores as if each were a collection of its own."""

from __future__ import annotations

import math
from typing import Any

from whoosh import scoring

SATURATION = 1.2
LENGTH = 0.75
LENGTH_OF_LINES = 0.4
LINE = 6.0  # words in an ordinary title
LINES = frozenset({"title", "about"})


class Weighting(scoring.BM25F):  # type: ignore[misc]
    """BM25F with one rarity of a word for all fields, and titles measured against titles.

    Whoosh counts in how many *titles* a word is found and calls it rare, though most posts have no title; and it takes
    the average length of titles over those too, so that every title would seem long.
    """

    def __init__(self) -> None:
        super().__init__(B=LENGTH, K1=SATURATION)

    def idf(self, searcher: Any, fieldname: str, text: bytes | str) -> float:
        """How rare a word is among all documents."""
        parent = searcher.get_parent()
        fields = ("title", "body") if fieldname in LINES | {"body"} else (fieldname,)
        frequency = max(parent.doc_frequency(name, text) for name in fields)
        return math.log(parent.doc_count_all() / (frequency + 1)) + 1 if frequency < parent.doc_count_all() else 1.0

    def scorer(self, searcher: Any, fieldname: str, text: bytes | str, qf: float = 1) -> Any:
        """The scorer of one word in one field."""
        if not searcher.schema[fieldname].scorable:
            return scoring.WeightScorer.for_(searcher, fieldname, text)
        return _LineScorer(searcher, fieldname, text) if fieldname in LINES else super().scorer(searcher, fieldname, text, qf)


class _LineScorer(scoring.BM25FScorer):  # type: ignore[misc]
    """A word in a field of a few words."""

    def __init__(self, searcher: Any, fieldname: str, text: bytes | str) -> None:
        self.idf = searcher.get_parent().idf(fieldname, text)
        self.avgfl, self.B, self.K1, self.qf = LINE, LENGTH_OF_LINES, SATURATION, 1
        self.setup(searcher, fieldname, text)
