from __future__ import annotations

import json
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
from alliance.search.whoosh_query import IN_ITS_LANGUAGE


def filled(folder: Path, *documents: Document) -> WhooshEngine:
    engine = WhooshEngine(folder)
    engine.rebuild(documents, 0).adopt()
    return engine


def keys(engine: WhooshEngine, text: str, limit: int = 50, language: str | None = None) -> list[str]:
    return [hit.key for hit in engine.search(query_language.parse(text, language), "relevance", limit)]


def test_documents_are_put_in_replaced_and_taken_out(tmp_path: Path) -> None:
    engine = filled(tmp_path, Document("p1", "giraffes"))
    assert (keys(engine, "giraffes"), engine.position()) == (["p1"], 0)
    for position, animal in enumerate(("antelopes", "zebras", "lions"), 1):
        engine.update([Document("p1", animal), Document("p2", "elephants")], [], position)
        assert (keys(engine, animal), keys(engine, "giraffes"), engine.position()) == (["p1"], [], position)
        assert dict(engine.stamps()).keys() == {"p1", "p2"}
    engine.update([], ["p1", "p9"], 9)
    assert (keys(engine, "lions elephants"), engine.position()) == (["p2"], 9)
    assert dict(engine.stamps()) == {"p2": Document("p2", "elephants").stamp}


def test_a_constant_part_of_a_query_changes_no_order(tmp_path: Path) -> None:
    """Whoosh's preloading union loses matches when it is told to skip ahead (as it is by what is merely optional)."""
    chance = random.Random(7)
    words = [f"word{number}" for number in range(60)]
    engine = filled(tmp_path, *(Document(f"p{number}", " ".join(chance.choices(words, k=30)), language="en") for number in range(200)))
    for _attempt in range(20):
        text = " ".join(chance.sample(words, 8))
        plain = engine.search(query_language.parse(text, "ar"), "relevance", 200)
        preferring = engine.search(query_language.parse(text, "en"), "relevance", 200)
        assert {hit.key: round(hit.rank - IN_ITS_LANGUAGE, 6) for hit in preferring} == {hit.key: round(hit.rank, 6) for hit in plain}


def test_a_title_counts_more_than_a_mention_and_rarity_is_of_all_fields(tmp_path: Path) -> None:
    mentions = [Document(f"p{number}", "A mention of spectrum among many other words about radio") for number in range(30)]
    engine = filled(
        tmp_path,
        *mentions,
        Document("p90", "Who gets it, and what does it cost?", title="Spectrum for villages"),
        Document("p91", "Spectrum auctions, in detail"),
    )
    assert keys(engine, "spectrum")[0] == "p90"
    assert keys(engine, "spectrum auctions")[0] == "p91"


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
        deadline = time.monotonic() + 30
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


SAMPLES = {
    "en": [("The universal service fund pays for masts in villages nobody serves.", "who pays for village masts"), ("Teachers need training before tablets are handed out in schools.", "training of teachers")],
    "fr": [("Le fonds de service universel finance des pylônes dans les villages.", "financer un pylone au village"), ("Les enseignants doivent être formés avant les tablettes.", "formation des enseignants aux tablettes")],
    "es": [("El fondo de servicio universal paga torres en las aldeas.", "quién pagará la torre de la aldea"), ("Los maestros necesitan formación antes que tabletas.", "formacion de un maestro")],
    "ru": [("Фонд универсального обслуживания оплачивает вышки в сёлах.", "кто оплатит вышку в селах"), ("Учителям нужна подготовка до планшетов.", "подготовка учителей")],
    "ar": [("يموّل صندوق الخدمة الشاملة الأبراج في القرى النائية.", "صندوق للخدمة الشاملة والأبراج"), ("يحتاج المعلمون إلى التدريب قبل الأجهزة اللوحية.", "تدريب المعلمين")],
    "zh": [("普遍服务基金为偏远村庄的基站付费。", "谁为村庄的基站付费"), ("教师在使用平板电脑之前需要培训。", "培训教师")],
}  # fmt: skip


@pytest.mark.parametrize("language", SAMPLES)
def test_known_items_are_found_first_in_every_language(tmp_path: Path, language: str) -> None:
    everything = [
        Document(f"{code}{number}", text, language=code) for code, rows in SAMPLES.items() for number, (text, _query) in enumerate(rows)
    ]
    engine = filled(tmp_path, *everything)
    for number, (_text, query) in enumerate(SAMPLES[language]):
        assert keys(engine, query)[0] == f"{language}{number}"


def test_collections(tmp_path: Path, corpora: Path | None) -> None:
    """Titles of the Declaration's articles find their articles; questions find their paragraphs."""
    if corpora is None:
        return
    texts = json.loads((corpora / "udhr_six_languages" / "udhr_six.json").read_text(encoding="utf-8"))
    documents = [
        Document(f"{code}{a['n']}", "\n".join(a["paras"]), title=a["title"], language=code)
        for code, text in texts.items()
        for a in text["articles"]
    ]
    engine = filled(tmp_path / "udhr", *documents)
    for code, text in texts.items():
        right = sum(keys(engine, a["title"], 5, code)[:1] == [f"{code}{a['n']}"] for a in text["articles"] if a["n"])
        assert right >= 28, code
    paragraphs = [
        p
        for article in json.loads((corpora / "ir_xquad" / "xquad.en.json").read_text(encoding="utf-8"))["data"]
        for p in article["paragraphs"]
    ]
    engine = filled(tmp_path / "xquad", *(Document(str(number), p["context"], language="en") for number, p in enumerate(paragraphs)))
    ranks = [(keys(engine, qa["question"], 10), str(number)) for number, p in enumerate(paragraphs) for qa in p["qas"]]
    assert sum(1 / (1 + found.index(key)) for found, key in ranks if key in found) / len(ranks) >= 0.95
