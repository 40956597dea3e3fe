from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from alliance.search import query_language
from alliance.search.engine import Document, IndexUnavailable
from alliance.search.whoosh_engine import WhooshEngine


def filled(folder: Path, *documents: Document) -> WhooshEngine:
    engine = WhooshEngine(folder)
    engine.rebuild(documents, 0).adopt()
    return engine


def keys(engine: WhooshEngine, text: str, limit: int = 50, language: str | None = None) -> list[str]:
    return [hit.key for hit in engine.search(query_language.parse(text, language), "relevance", limit).hits]


def test_a_folder_that_is_lacking_or_of_another_format_is_no_index(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "nowhere")
    for ask in (engine.position, engine.stamps, lambda: keys(engine, "x"), lambda: engine.update([], [], 1)):
        with pytest.raises(IndexUnavailable):
            ask()
    assert not engine.verify()
    engine = filled(tmp_path, Document("p1", "x"))
    (tmp_path / "CURRENT").write_text("v0-old")
    with pytest.raises(IndexUnavailable):
        keys(engine, "x")
    (tmp_path / "CURRENT").write_bytes(b"\xff\x00../../etc")
    with pytest.raises(IndexUnavailable):
        keys(engine, "x")


@pytest.mark.parametrize("damage", ["cut", "zeros", "gone", "noise"])
@pytest.mark.parametrize("pattern", ["*.toc", "*.seg"])
def test_damage_is_noticed(tmp_path: Path, damage: str, pattern: str) -> None:
    filled(tmp_path, *(Document(f"p{number}", f"word{number} radio " * 20) for number in range(100)))
    file = next(iter(next(tmp_path.glob("v*")).glob(pattern)))
    size = file.stat().st_size
    if damage == "cut":
        os.truncate(file, size // 3)
    elif damage == "zeros":
        file.write_bytes(bytes(size))
    elif damage == "noise":
        file.write_bytes(random.Random(1).randbytes(size))
    else:
        file.unlink()
    engine = WhooshEngine(tmp_path)
    assert not engine.verify()


def test_a_new_index_takes_the_place_of_the_old_one_while_it_is_read(tmp_path: Path) -> None:
    engine = filled(tmp_path, Document("p1", "radio"))
    wrong: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                assert keys(engine, "radio")
            except Exception as error:
                wrong.append(repr(error))
                return

    threads = [threading.Thread(target=read) for _number in range(3)]
    for thread in threads:
        thread.start()
    for _round in range(5):
        made = engine.rebuild([Document("p1", "radio"), Document("p2", "radio")], 1)
        made.update([Document("p3", "radio")], [], 2)
        made.adopt()
        for number in range(4):
            engine.update([Document(f"p{10 + number}", "radio")], [], 3)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(list(tmp_path.glob("v*"))) == 1
    assert engine.position() == 3


def test_an_abandoned_rebuild_leaves_the_index_alone_and_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    engine = filled(tmp_path, Document("p1", "radio"))
    engine.rebuild([Document("p2", "radio")], 1)
    assert keys(engine, "radio") == ["p1"]
    engine.rebuild([Document("p3", "radio")], 1).discard()
    assert keys(engine, "radio") == ["p1"]
    engine.rebuild([Document("p4", "radio")], 1).adopt()
    assert keys(engine, "radio") == ["p4"]
    assert len(list(tmp_path.glob("v*"))) == 1


def _write_without_end(folder: str) -> None:
    engine = WhooshEngine(Path(folder))
    number = engine.position()
    while True:
        number += 1
        with engine.writing():
            engine.update([Document(f"p{number}", f"radio {number}"), Document("p0", f"radio {number}")], [], number)


def test_killed_at_any_moment_the_last_commit_can_be_read_and_written_on(tmp_path: Path) -> None:
    filled(tmp_path)
    context = multiprocessing.get_context("spawn")
    reached = 0
    for round_ in range(6):
        writer = context.Process(target=_write_without_end, args=(str(tmp_path),))
        writer.start()
        deadline = time.monotonic() + 120
        engine = WhooshEngine(tmp_path)
        while engine.position() <= reached and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(random.Random(round_).random() * 0.05)
        assert writer.pid
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        engine = WhooshEngine(tmp_path)
        assert engine.verify()
        assert engine.position() > reached
        reached = engine.position()
        # p1 … of every commit so far, and p0, each once.
        assert sorted(key for key, _stamp in engine.stamps()) == sorted(f"p{number}" for number in range(reached + 1))
    with engine.writing():
        engine.update([Document("last", "television")], [], reached + 1)
    assert keys(engine, "television") == ["last"]
