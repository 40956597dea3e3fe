from __future__ import annotations

import math
from pathlib import Path

import pytest

from alliance.core.errors import Invalid
from alliance.search import evaluation


def test_measures_against_numbers_worked_out_by_hand() -> None:
    found = {"q1": ["a", "x", "b", "y"], "q2": ["x", "y"], "q3": ["c"]}
    judged = {"q1": {"a": 2.0, "b": 1.0, "z": 1.0, "x": 0.0}, "q2": {"c": 1.0}, "q4": {"a": 0.0}}
    measures = evaluation.measure(found, judged)
    gain, ideal = 2 + 1 / math.log2(4), 2 + 1 / math.log2(3) + 1 / math.log2(4)
    assert measures.queries == 2
    assert measures.map == pytest.approx(((1 + 2 / 3) / 3 + 0) / 2)
    assert measures.ndcg10 == pytest.approx(gain / ideal / 2)
    assert measures.mrr10 == pytest.approx(0.5)
    assert measures.recall100 == pytest.approx((2 / 3) / 2)


def test_nothing_beyond_the_tenth_place_counts_for_mrr_and_ndcg() -> None:
    measures = evaluation.measure({"q": [f"x{number}" for number in range(10)] + ["a"]}, {"q": {"a": 1.0}})
    assert (measures.mrr10, measures.ndcg10, measures.map, measures.recall100) == (0, 0, pytest.approx(1 / 11), 1)


@pytest.mark.parametrize(
    ("qrels", "expected"),
    [
        ("q1\ta\t1\n\nq1\tb\t0\n", {"q1": {"a": 1.0, "b": 0.0}}),
        ("q1 0 a 2\n", {"q1": {"a": 2.0}}),
        ("query-id\tcorpus-id\tscore\nq1\ta\t1\n", {"q1": {"a": 1.0}}),
    ],
)
def test_judgements_as_others_write_them(tmp_path: Path, qrels: str, expected: dict[str, dict[str, float]]) -> None:
    (tmp_path / "qrels.tsv").write_text(qrels)
    assert evaluation.Collection(tmp_path).judgements() == expected


@pytest.mark.parametrize("qrels", ["q1\ta\t1\nq1\ta\n", "q1\ta\t1\nq\ta\tmany\n", "q1\ta\tnan\nq1\ta\tnan\n"])
def test_a_judgement_that_cannot_be_read_is_named(tmp_path: Path, qrels: str) -> None:
    (tmp_path / "qrels.tsv").write_text(qrels)
    with pytest.raises(Invalid, match=r"qrels\.tsv:"):
        evaluation.Collection(tmp_path).judgements()


@pytest.mark.parametrize("line", ["no json", "[1]", '{"text": "x"}', '"id"'])
def test_a_document_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "documents.jsonl").write_text('{"id": 1, "text": "x"}\n' + line + "\n")
    with pytest.raises(Invalid, match=r"documents\.jsonl:2"):
        list(evaluation.Collection(tmp_path).documents())


def test_languages_are_taken_as_given_or_detected(tmp_path: Path) -> None:
    (tmp_path / "documents.jsonl").write_text(
        '{"_id": "1", "text": "宽带接入成本很高"}\n{"id": "2", "text": "x", "title": "T", "lang": "fr"}\n', encoding="utf-8"
    )
    one, two = evaluation.Collection(tmp_path).documents()
    assert (one.key, one.language, two.title, two.language) == ("1", "zh", "T", "fr")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"id": 1, "text": "a"}\n{"id": 1, "text": "b"}\n', r"jsonl:2: the id 1 stands there twice"),
        (b'{"id": 1, "text": "a"}\n{"id": 2, "text": "caf\xe9"}\n', r"jsonl: near line . it is not UTF-8"),
        (b'{"id": "a\\nb", "text": "a"}\n', r"jsonl:1: an id of letters"),
        (b'{"id": "\\ud800", "text": "a"}\n', r"jsonl:1: an id of letters"),
    ],
)
def test_a_collection_that_cannot_be_measured_is_refused_in_words(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "documents.jsonl").write_bytes(content)
    with pytest.raises(Invalid, match=said):
        list(evaluation.Collection(tmp_path).documents())


def test_a_query_without_words_or_language_finds_nothing_and_fails_nothing(tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_text('{"id": 1}\n{"id": 2, "text": null, "lang": ["fr"]}\n')
    assert [(one.text, one.language) for one in evaluation.Collection(tmp_path).questions()] == [("", None), ("", None)]
