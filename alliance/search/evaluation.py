"""How well search finds: a collection with judged queries, through the real analysis and ranking.

A collection is a folder with `documents.jsonl` ({"id","text","title"?,"lang"?}), `queries.jsonl` ({"id","text","lang"?})
and `qrels.tsv` (query<TAB>document<TAB>grade; TREC's four columns are read too).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance.core.errors import Invalid
from alliance.core.text import detect_language
from alliance.search import query_language
from alliance.search.engine import Document, SearchEngine

DEPTH = 1000
_NAMES = {
    "documents": ("documents.jsonl", "docs.jsonl", "corpus.jsonl"),
    "queries": ("queries.jsonl",),
    "qrels": ("qrels.tsv", "qrels.txt", "qrels"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A query of a collection."""

    id: str
    text: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Measures:
    """Averages over the judged queries that have a relevant document."""

    queries: int
    map: float
    ndcg10: float
    mrr10: float
    recall100: float


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, queries, and which documents answer which query how well."""

    folder: Path

    def _file(self, kind: str) -> Path:
        for name in _NAMES[kind]:
            if (self.folder / name).is_file():
                return self.folder / name
        raise Invalid.field("", f"{self.folder} has no {_NAMES[kind][0]}")

    def documents(self) -> Iterator[Document]:
        """The documents; a language that is not given is detected, as it is for posts."""
        for row in _rows(self._file("documents")):
            text, title = str(row.get("text") or ""), str(row.get("title") or "")
            yield Document(str(row["id"]), text, title, language=_language(row) or detect_language(f"{title}\n{text}"))

    def questions(self) -> list[Question]:
        """The queries."""
        return [Question(str(row["id"]), str(row.get("text") or ""), _language(row)) for row in _rows(self._file("queries"))]

    def judgements(self) -> dict[str, dict[str, float]]:
        """Grades by query and document."""
        file = self._file("qrels")
        found: dict[str, dict[str, float]] = {}
        for number, line in enumerate(map(str.rstrip, _lines(file)), 1):
            columns = line.split("\t") if "\t" in line else line.split()
            if len(columns) == 4:
                columns = [columns[0], columns[2], columns[3]]
            if not line.strip() or (number == 1 and len(columns) == 3 and not _is_number(columns[2])):
                continue
            if len(columns) != 3 or not _is_number(columns[2]):
                raise Invalid.field("", f"{file}:{number}: query, document and grade are expected")
            found.setdefault(columns[0], {})[columns[1]] = float(columns[2])
        return found


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file, each with an id of its own."""
    known: set[str] = set()
    for number, line in enumerate(_lines(file), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if "_id" in row:
                row.setdefault("id", row["_id"])
            name = str(row["id"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise Invalid.field("", f"{file}:{number}: not a JSON object with an id") from error
        if not name.strip() or not name.isprintable():
            raise Invalid.field("", f"{file}:{number}: an id of letters, digits and signs is expected")
        if name in known:
            raise Invalid.field("", f"{file}:{number}: the id {name} stands there twice")
        known.add(name)
        yield row


def _lines(file: Path) -> Iterator[str]:
    number = 1  # of the line that is read
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                number += 1
                yield line
    except UnicodeDecodeError as error:
        raise Invalid.field("", f"{file}: near line {number} it is not UTF-8") from error
    except OSError as error:
        raise Invalid.field("", f"{file} cannot be read: {error.strerror}") from error


def _language(row: Mapping[str, Any]) -> str | None:
    """The language a row says it is in."""
    return str(row["lang"]).lower() if isinstance(row.get("lang"), str) and row["lang"] else None


def rankings(engine: SearchEngine, questions: Sequence[Question]) -> Iterator[tuple[Question, list[tuple[str, float]]]]:
    """Each query with what is found for it, best first."""
    for question in questions:
        query = query_language.parse(question.text, question.language)
        hits = [] if query.empty else engine.search(query, "relevance", DEPTH).hits
        yield question, [(hit.key, hit.rank) for hit in hits]


def measure(found: Mapping[str, Sequence[str]], judged: Mapping[str, Mapping[str, float]]) -> Measures:
    """Average precision, nDCG (linear gain) and reciprocal rank over ten, recall over a hundred.

    Args:
        found: document ids by query, best first.
        judged: grades by query and document; 0 and less are not relevant.
    """
    rows = []
    for query, grades in judged.items():
        relevant = {document: grade for document, grade in grades.items() if grade > 0}
        if relevant:
            rows.append(_measure_one(found.get(query, ()), relevant))
    count = max(1, len(rows))
    averages = [sum(row[i] for row in rows) / count for i in range(4)]
    return Measures(len(rows), *averages)


def _measure_one(found: Sequence[str], relevant: Mapping[str, float]) -> tuple[float, float, float, float]:
    right = [rank for rank, document in enumerate(found, 1) if document in relevant]
    precision = sum(i / rank for i, rank in enumerate(right, 1)) / len(relevant)
    gain = sum(relevant.get(document, 0.0) / math.log2(rank + 1) for rank, document in enumerate(found[:10], 1))
    ideal = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(sorted(relevant.values(), reverse=True)[:10], 1))
    reciprocal = 1 / right[0] if right and right[0] <= 10 else 0.0
    return precision, gain / ideal, reciprocal, sum(rank <= 100 for rank in right) / len(relevant)
