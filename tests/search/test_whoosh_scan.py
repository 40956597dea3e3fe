from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alliance.search import scan as scan_module
from alliance.search.engine import Document
from alliance.search.whoosh_engine import WhooshEngine
from alliance.search.whoosh_scan import Scan

WORDS = [f"word{number}" for number in range(40)]


@pytest.fixture
def searcher(tmp_path: Path) -> Any:
    """An index of several segments, some documents deleted, some without a title or a date."""
    chance = random.Random(3)
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def document(number: int) -> Document:
        title = " ".join(chance.choices(WORDS, k=3)) if number % 3 == 0 else ""
        moment = start + timedelta(hours=number) if number % 4 else None
        return Document(f"p{number}", " ".join(chance.choices(WORDS, k=chance.randint(1, 300))), title, created_at=moment, language="en")

    engine = WhooshEngine(tmp_path)
    engine.rebuild([document(number) for number in range(700)], 0).adopt()
    for number in range(5):
        engine.update([document(number * 7), document(1000 + number)], [f"p{number * 11}"], number)
    return engine._searcher()


def test_what_is_read_is_what_whoosh_reads(searcher: Any) -> None:
    reader = searcher.reader()
    leaves: dict[Any, Any] = {}
    scan = Scan(searcher, leaves)
    assert len(leaves) > 1
    alive = np.concatenate([leaf.alive() for leaf in scan.leaves])
    assert alive.tolist() == [not reader.is_deleted(number) for number in range(scan.size)]
    for field in ("body", "title", "exact"):
        lengths = np.concatenate([leaf.lengths(field) for leaf in scan.leaves])
        assert lengths.tolist() == [reader.doc_field_length(number, field) or 0 for number in range(scan.size)]
    for text in ("word1", "word39", "nothing"):
        mine = {
            int(offset + i): float(w)
            for leaf, offset in zip(scan.leaves, scan.offsets, strict=True)
            if (p := leaf.times("body", text))
            for i, w in zip(*p, strict=True)
        }
        theirs: dict[int, float] = {}
        if ("body", text) in reader:
            matcher = reader.postings("body", text)
            while matcher.is_active():
                theirs[matcher.id()] = matcher.weight()
                matcher.next()
        assert {number: weight for number, weight in mine.items() if alive[number]} == theirs
    created = {leaf.key(number): int(moment) for leaf in scan.leaves for number, moment in enumerate(leaf.records()["created"])}
    assert created["p13"] == int((datetime(2026, 1, 1, 13, tzinfo=UTC)).timestamp())
    assert (created["p12"], created["~position"]) == (1, 0)


def test_a_word_is_worth_what_bm25f_says(searcher: Any) -> None:
    scan = Scan(searcher, {})
    reader = searcher.reader()
    impacts = scan.impacts("exact", "word7")
    leaf, impact = max(zip(scan.leaves, impacts, strict=True), key=lambda pair: pair[0].size)
    place = int(np.argmax(impact.values))
    number = int(impact.numbers[place])
    times = next(w for i, w in _postings(reader, "word7") if i == number + scan.offsets[scan.leaves.index(leaf)])
    length, average = leaf.lengths("exact")[number], scan.averages["exact"]
    within = times / (0.25 + 0.75 * length / average)
    assert impact.values[place] == pytest.approx(2.2 * within / (1.2 + within), rel=1e-5)
    assert impact.frequency == len(leaf.times("exact", "word7")[0])
    assert scan.rarity(10) == pytest.approx(math.log(scan.size / 11) + 1)


def _postings(reader: Any, text: str) -> list[tuple[int, float]]:
    found = []
    matcher = reader.postings("exact", text)
    while matcher.is_active():
        found.append((matcher.id(), matcher.weight()))
        matcher.next()
    return found


def test_segments_are_read_once_and_forgotten_with_their_files(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path)
    engine.rebuild([Document(f"p{number}", "radio " * 5) for number in range(300)], 0).adopt()
    leaves: dict[Any, Any] = {}
    Scan(engine._searcher(), leaves)
    [(name, first)] = leaves.items()
    engine.update([Document("p1", "television")], [], 1)
    scan = Scan(engine._searcher(), leaves)
    assert leaves[name] is first
    assert sum(int(leaf.alive().sum()) for leaf in scan.leaves) == 301
    engine.rebuild([Document("p1", "radio")], 2).adopt()
    Scan(engine._searcher(), leaves)
    assert name not in leaves


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "room_for", lambda _size: 500)
    engine = WhooshEngine(tmp_path)
    engine.rebuild([Document(f"p{number}", " ".join(WORDS)) for number in range(100)], 0).adopt()
    leaves: dict[Any, Any] = {}
    scan = Scan(engine._searcher(), leaves)
    for text in WORDS:
        scan.impacts("exact", text)
    [leaf] = leaves.values()
    assert leaf.memory.kept <= 500
    assert leaf.postings.kept <= 500
    assert len(leaf.memory) == 4
