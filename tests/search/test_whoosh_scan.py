from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from whoosh.index import open_dir

from alliance.search import scan as scan_module
from alliance.search import whoosh_codec
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
    total = sum(leaf.size for leaf in scan.leaves)
    assert len(leaves) > 1
    alive = np.concatenate([leaf.alive() for leaf in scan.leaves])
    assert alive.tolist() == [not reader.is_deleted(number) for number in range(total)]
    for field in ("body", "title", "exact"):
        lengths = np.concatenate([leaf.lengths(field) for leaf in scan.leaves])
        assert lengths.tolist() == [reader.doc_field_length(number, field) or 0 for number in range(total)]
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
    assert scan.size == int(alive.sum()) - 1  # the mark of the index's position is no document
    created = {leaf.key(number): int(moment) for leaf in scan.leaves for number, moment in enumerate(leaf.records()["created"])}
    assert created["p13"] == int((datetime(2026, 1, 1, 13, tzinfo=UTC)).timestamp())
    assert (created["p12"], created["~position"]) == (1, 0)


def test_places_are_those_that_whoosh_reads(searcher: Any) -> None:
    scan = Scan(searcher, {})
    for leaf, (reader, _offset) in zip(scan.leaves, searcher.reader().leaf_readers(), strict=True):
        mine: dict[int, list[int]] = {}
        for place in leaf.places("word7").tolist():
            mine.setdefault(place >> 16, []).append(place & 0xFFFF)
        matcher = reader.postings("exact", "word7")
        while matcher.is_active():
            assert np.frombuffer(matcher.value(), "<u2").tolist() == mine[matcher.id()]
            assert len(mine[matcher.id()]) == matcher.weight()
            matcher.next()
        assert leaf.places("nothing").tolist() == []


def test_postings_of_many_blocks_are_skipped_merged_and_found_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whoosh_codec, "BLOCK", 16)
    engine = WhooshEngine(tmp_path)
    engine.rebuild([Document(f"p{number}", f"radio mast number{number}") for number in range(300)], 0).adopt()
    for number in range(3):
        engine.update([Document(f"p{number}", "a radio mast")], [f"p{100 + number}"], number + 1)
    folder = next(tmp_path.glob("v*"))
    open_dir(str(folder)).writer(codec=whoosh_codec.Codec()).commit(optimize=True)
    searcher = engine._searcher()
    matcher = searcher.reader().postings("exact", "radio")
    matcher.skip_to(200)
    assert (matcher.id(), searcher.reader().doc_count_all()) == (200, 298)
    [leaf] = Scan(searcher, {}).leaves
    found = leaf.times("exact", "radio")
    assert found is not None
    assert len(found[0]) == int(leaf.following(("radio", "mast")).sum()) == 297
    assert engine.verify()
    [file] = folder.glob("*.seg")
    content = bytearray(file.read_bytes())
    content[content.rindex(b"ALP1") + 4 + whoosh_codec._HEAD.size + 3] ^= 0xFF
    file.write_bytes(bytes(content))
    assert not WhooshEngine(tmp_path).verify()


def test_a_word_is_worth_what_bm25f_says(searcher: Any) -> None:
    scan = Scan(searcher, {})
    reader = searcher.reader()
    impacts = scan.impacts("exact", "word7")
    leaf, impact = max(zip(scan.leaves, impacts, strict=True), key=lambda pair: pair[0].size)
    assert impact.numbers is None, "in so many documents that each has a number"
    number = int(np.argmax(impact.values))
    times = next(w for i, w in _postings(reader, "word7") if i == number + scan.offsets[scan.leaves.index(leaf)])
    length, average = leaf.lengths("exact")[number], scan.averages["exact"]
    within = times / (0.25 + 0.75 * length / average)
    assert impact.worth(1)[number] == pytest.approx(2.2 * within / (1.2 + within), rel=1e-4)
    assert int(np.unpackbits(impact.said).sum()) == len(leaf.times("exact", "word7")[0])
    everywhere = [len(alive_) for leaf in scan.leaves if (alive_ := _alive(leaf, "word7"))]
    assert scan.frequency(impacts) == sum(everywhere)
    assert scan.rarity(10) == pytest.approx(math.log(scan.size / 11) + 1)


def _alive(leaf: Any, text: str) -> list[int]:
    return [number for number in leaf.times("exact", text)[0].tolist() if leaf.alive()[number]]


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
    assert scan.size == 300
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
    [core] = leaves.values()
    assert core.memory.kept <= 2000
    assert core.postings.kept <= 500
    assert len(core.postings) == 4
