"""What every engine has to do alike: run on Whoosh with SQLite, on PostgreSQL with PostgreSQL."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alliance.core import clock
from alliance.search import query_language
from alliance.search.answering import IN_ITS_LANGUAGE
from alliance.search.engine import ATTACHMENT, Document, SearchEngine, Sight, Sort

Make = Callable[..., SearchEngine]
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def keys(engine: SearchEngine, text: str, limit: int = 50, language: str | None = None, sort: Sort = "relevance") -> list[str]:
    return [hit.key for hit in engine.search(query_language.parse(text, language), sort, limit).hits]


def test_documents_are_put_in_replaced_and_taken_out(new_engine: Make) -> None:
    engine = new_engine(Document("p1", "giraffes"))
    assert (keys(engine, "giraffes"), engine.position()) == (["p1"], 0)
    for position, animal in enumerate(("antelopes", "zebras", "lions"), 1):
        engine.update([Document("p1", animal), Document("p2", "elephants")], [], position)
        assert (keys(engine, animal), keys(engine, "giraffes"), engine.position()) == (["p1"], [], position)
        assert dict(engine.stamps()).keys() == {"p1", "p2"}
    engine.update([], ["p1", "p9"], 9)
    assert (keys(engine, "lions elephants"), engine.position()) == (["p2"], 9)
    assert dict(engine.stamps()) == {"p2": Document("p2", "elephants").stamp}


def test_a_constant_part_of_a_query_changes_no_order(new_engine: Make) -> None:
    """Whoosh's preloading union loses matches when it is told to skip ahead (as it is by what is merely optional)."""
    chance = random.Random(7)
    words = [f"word{number}" for number in range(60)]
    engine = new_engine(*(Document(f"p{number}", " ".join(chance.choices(words, k=30)), language="en") for number in range(200)))
    for _attempt in range(20):
        text = " ".join(chance.sample(words, 8))
        plain = engine.search(query_language.parse(text, "ar"), "relevance", 200).hits
        preferring = engine.search(query_language.parse(text, "en"), "relevance", 200).hits
        assert {hit.key: round(hit.rank - IN_ITS_LANGUAGE, 6) for hit in preferring} == {hit.key: round(hit.rank, 6) for hit in plain}


def test_a_title_counts_more_than_a_mention_and_rarity_is_of_all_fields(new_engine: Make) -> None:
    mentions = [Document(f"p{number}", "A mention of spectrum among many other words about radio") for number in range(30)]
    engine = new_engine(
        *mentions,
        Document("p90", "Who gets it, and what does it cost?", title="Spectrum for villages"),
        Document("p91", "Spectrum auctions, in detail"),
    )
    assert keys(engine, "spectrum")[0] == "p90"
    assert keys(engine, "spectrum auctions")[0] == "p91"


SAMPLES = {
    "en": [("The universal service fund pays for masts in villages nobody serves.", "who pays for village masts"), ("Teachers need training before tablets are handed out in schools.", "training of teachers")],
    "fr": [("Le fonds de service universel finance des pylônes dans les villages.", "financer un pylone au village"), ("Les enseignants doivent être formés avant les tablettes.", "formation des enseignants aux tablettes")],
    "es": [("El fondo de servicio universal paga torres en las aldeas.", "quién pagará la torre de la aldea"), ("Los maestros necesitan formación antes que tabletas.", "formacion de un maestro")],
    "ru": [("Фонд универсального обслуживания оплачивает вышки в сёлах.", "кто оплатит вышку в селах"), ("Учителям нужна подготовка до планшетов.", "подготовка учителей")],
    "ar": [("يموّل صندوق الخدمة الشاملة الأبراج في القرى النائية.", "صندوق للخدمة الشاملة والأبراج"), ("يحتاج المعلمون إلى التدريب قبل الأجهزة اللوحية.", "تدريب المعلمين")],
    "zh": [("普遍服务基金为偏远村庄的基站付费。", "谁为村庄的基站付费"), ("教师在使用平板电脑之前需要培训。", "培训教师")],
}  # fmt: skip


@pytest.mark.parametrize("language", SAMPLES)
def test_known_items_are_found_first_in_every_language(new_engine: Make, language: str) -> None:
    everything = [
        Document(f"{code}{number}", text, language=code) for code, rows in SAMPLES.items() for number, (text, _query) in enumerate(rows)
    ]
    engine = new_engine(*everything)
    for number, (_text, query) in enumerate(SAMPLES[language]):
        assert keys(engine, query)[0] == f"{language}{number}"


def test_collections(new_engine: Make, corpora: Path | None) -> None:
    """Titles of the Declaration's articles find their articles; questions find their paragraphs."""
    if corpora is None:
        return
    texts = json.loads((corpora / "udhr_six_languages" / "udhr_six.json").read_text(encoding="utf-8"))
    documents = [
        Document(f"{code}{a['n']}", "\n".join(a["paras"]), title=a["title"], language=code)
        for code, text in texts.items()
        for a in text["articles"]
    ]
    engine = new_engine(*documents)
    for code, text in texts.items():
        right = sum(keys(engine, a["title"], 5, code)[:1] == [f"{code}{a['n']}"] for a in text["articles"] if a["n"])
        assert right >= 28, code
    paragraphs = [
        p
        for article in json.loads((corpora / "ir_xquad" / "xquad.en.json").read_text(encoding="utf-8"))["data"]
        for p in article["paragraphs"]
    ]
    engine = new_engine(*(Document(str(number), p["context"], language="en") for number, p in enumerate(paragraphs)))
    ranks = [(keys(engine, qa["question"], 10), str(number)) for number, p in enumerate(paragraphs) for qa in p["qas"]]
    assert sum(1 / (1 + found.index(key)) for found, key in ranks if key in found) / len(ranks) >= 0.95


def test_what_may_not_be_seen_is_in_no_count(new_engine: Make) -> None:
    engine = new_engine(
        Document("p1", "radio masts", language="en", space_id=1, discussion_id=1, created_at=NOW, stakeholder_type="media", country="KE"),
        Document("p2", "radio secrets", language="fr", space_id=2, discussion_id=2, created_at=NOW, stakeholder_type="government"),
        Document("u1", "radio amateur", kind="person"),
        Document("p3", "radio taken away", space_id=1, discussion_id=3, created_at=NOW),
        Document("p4", "radio hidden", space_id=1, discussion_id=4, created_at=NOW),
    )
    sight = Sight(frozenset({1}), frozenset({"p3"}), frozenset({4}))
    found = engine.search(query_language.parse("radio"), "relevance", 10, sight, facets=True)
    assert {hit.key for hit in found.hits} == {"p1", "u1"}
    assert found.total == 2
    assert found.facets == {
        "space": {"1": 1},
        "kind": {"post": 1, "person": 1},
        "language": {"en": 1},
        "type": {"media": 1},
        "country": {"KE": 1},
        "year": {"2026": 1},
    }
    assert engine.similar_words(["secrts"], sight) == {}
    assert engine.similar_words(["secrts"], Sight()) == {"secrts": ["secrets"]}
    assert engine.similar_words(["radoi"], sight) == {"radoi": ["radio"]}
    assert engine.similar_words(["radio"], sight) == {}
    only = engine.search(query_language.parse("radio"), "relevance", 10, Sight(kinds=("person",)))
    assert [hit.key for hit in only.hits] == ["u1"]


def test_orders(new_engine: Make) -> None:
    engine = new_engine(
        Document("p1", "radio radio radio", created_at=NOW - timedelta(days=400), support=2),
        Document("p2", "radio and many other words that nobody looks for", created_at=NOW, support=0),
        Document("p3", "radio and some other words", created_at=NOW - timedelta(days=30), support=9),
    )
    assert keys(engine, "radio", sort="new") == ["p2", "p3", "p1"]
    assert keys(engine, "radio", sort="supported") == ["p3", "p1", "p2"]


def test_what_is_new_and_what_is_supported_come_before_their_equals_only(new_engine: Make) -> None:
    with clock.freeze(NOW):
        engine = new_engine(
            Document("p1", "radio masts", created_at=NOW - timedelta(days=2000)),
            Document("p2", "radio masts", created_at=NOW),
            Document("p3", "radio masts", created_at=NOW, support=40),
            Document("p4", "radio masts in villages", created_at=NOW - timedelta(days=2000)),
        )
        assert keys(engine, "radio masts")[:3] == ["p3", "p2", "p1"]
        assert keys(engine, "radio masts villages")[0] == "p4"


def test_phrases_stand_in_one_piece_and_in_one_place(new_engine: Make) -> None:
    engine = new_engine(
        Document("p1", "the fund of the universal service", title="Universal service"),
        Document("p2", "fund pays", title="A universal service"),
        Document("p3", "a universal service fund"),
        Document("p4", "service fund universal"),
        Document("p5", "普遍服务基金"),
    )
    assert keys(engine, '"universal service fund"') == ["p3"]
    assert set(keys(engine, '"universal service"')) == {"p1", "p2", "p3"}
    assert set(keys(engine, '"service fund"')) == {"p3", "p4"}
    assert keys(engine, '"服务基金"') == ["p5"]
    assert keys(engine, '"universal service fund" OR "fund universal"', language="en") in (["p3", "p4"], ["p4", "p3"])
    assert set(keys(engine, "pays OR 普遍服务")) == {"p2", "p5"}
    assert keys(engine, "service pays OR nothing") == ["p2"]


def test_titles_made_of_the_query_come_first(new_engine: Make) -> None:
    engine = new_engine(
        Document("p1", "rural rural broadband broadband rural broadband rural broadband and so on", title="Minutes"),
        Document("p2", "What to do?", title="Rural broadband"),
        Document("p3", "What to do about rural broadband?", title="Broadband in the capital and in other large towns of the region"),
    )
    assert keys(engine, "rural broadband")[0] == "p2"


def test_names_of_one_thing_in_six_languages(new_engine: Make) -> None:
    engine = new_engine(
        Document("en", "The role of ICTs in schools", language="en"),
        Document("ru", "Роль ИКТ в школах", language="ru"),
        Document("zh", "信息通信技术在学校中的作用", language="zh"),
        Document("ar", "دور تكنولوجيا المعلومات والاتصالات في المدارس", language="ar"),
        Document("fr", "Le rôle des technologies de l'information et de la communication", language="fr"),
        Document("other", "Nothing of the kind", language="en"),
    )
    for text in ("ICT", "ИКТ", "СКТ", "信通技术", "TIC", "تكنولوجيا المعلومات والاتصالات"):
        assert set(keys(engine, text)) == {"en", "ru", "zh", "ar", "fr"}, text
    assert keys(engine, "ИКТ")[0] == "ru"


def test_accents_marks_and_characters_in_either_writing(new_engine: Make) -> None:
    engine = new_engine(
        Document("fr", "télécommunications", language="fr"),
        Document("en", "telecommunications", language="en"),
        Document("ar", "كل الأفراد متساوون", language="ar"),
        Document("ru", "всё о сёлах", language="ru"),
        Document("hant", "普遍服務基金與電信", language="zh"),
        Document("hans", "普遍服务基金与电信", language="zh"),
    )
    assert set(keys(engine, "telecommunications")) == {"fr", "en"}
    assert keys(engine, "télécommunications")[0] == "fr"
    assert keys(engine, "أَفْرَاد") == ["ar"]
    assert keys(engine, "село") == keys(engine, "сёла") == ["ru"]
    assert set(keys(engine, "電信")) == set(keys(engine, "电信")) == {"hant", "hans"}


def test_flags_and_organizations(new_engine: Make) -> None:
    engine = new_engine(
        Document("p1", "radio", flags=ATTACHMENT, organization=("itu", "International Telecommunication Union", "ITU")),
        Document("p2", "radio", organization=("acme", "Acme Telecommunication")),
    )
    assert keys(engine, "radio has:attachment") == ["p1"]
    assert keys(engine, "org:itu") == ["p1"]
    assert set(keys(engine, "radio org:telecommunication")) == {"p1", "p2"}
    assert keys(engine, "-org:itu radio") == ["p2"]


def test_what_may_not_be_seen_changes_no_rank_and_no_suggestion(new_engine: Make) -> None:
    """How rare words are, how long texts are, which words there are: nothing of it tells of what lies in private spaces."""
    chance = random.Random(5)
    words = [f"{begun}{number}" for begun in ("radio", "mast", "fibre") for number in range(12)]
    public = [
        Document(
            f"p{number}",
            " ".join(chance.choices(words, k=20)),
            f"title {chance.choice(words)}",
            language="en",
            space_id=number % 3,
            created_at=NOW,
        )
        for number in range(120)
    ]
    private = [
        Document(
            f"x{number}", f"radio3 mast4 zeppelin fibrea{number % 100:03} " * (1 + number % 40), "radio5 mast1", language="en", space_id=9
        )
        for number in range(400)
    ]
    alone, among = new_engine(*public, name="alone"), new_engine(*private[:200], *public, *private[200:], name="among")
    among.update(private[:30], ["x390"], 1)
    for asker in (Sight(frozenset({1, 2}), public=frozenset({1, 2})), Sight(frozenset({1, 2}), public=frozenset({1}))):
        for text in (
            "radio3 mast4",
            "radio3",
            "fibre*",
            '"radio3 mast4"',
            'radio5 OR "mast1 radio3"',
            "zeppelin radio1 mast2",
            "mast4 -radio5",
        ):
            asked = query_language.parse(text)
            assert alone.search(asked, "relevance", 200, asker, facets=True) == among.search(asked, "relevance", 200, asker, facets=True), (
                text
            )
        for word in ("zepelin", "radoi3", "fibra001", "mst4"):
            assert alone.similar_words([word], asker) == among.similar_words([word], asker), word
    inside = Sight(frozenset({1, 2, 9}), public=frozenset({1, 2}))
    assert among.search(query_language.parse("zeppelin"), "relevance", 10, inside).total == 399


def test_beginnings_are_of_words_that_may_be_seen_the_shortest_first(new_engine: Make) -> None:
    engine = new_engine(
        *(Document(f"x{number}", f"conn{number:03}", space_id=9) for number in range(150)),
        Document("p1", "connectivity", space_id=1),
        Document("p2", "connection", space_id=1),
    )
    found = engine.search(query_language.parse("conn*"), "relevance", 10, Sight(frozenset({1}), public=frozenset({1})))
    assert sorted(hit.key for hit in found.hits) == ["p1", "p2"]
    assert engine.search(query_language.parse("conn*"), "relevance", 10, Sight()).total == 100
