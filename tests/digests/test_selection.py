"""Selection: breadth before volume, everybody heard, the same answer each time, in bounded time."""

from __future__ import annotations

import io
import json
import time

import pytest

from alliance.core.errors import Invalid
from alliance.digests.evaluate import evaluate
from alliance.digests.material import Source
from alliance.digests.selection import select, select_words, usual_number

SUBJECTS = (
    "spectrum fees",
    "school lines",
    "rural masts",
    "data protection",
    "local content",
    "public tenders",
    "backup power",
    "open standards",
)


def post(key: int, body: str, author: int = 1, kind: str | None = "government", discussion: int = 1) -> Source:
    """A post."""
    return Source(key=key, discussion=discussion, author=author, body=body, language="en", stakeholder_type=kind)


def test_a_loud_author_does_not_fill_the_digest() -> None:
    loud = [post(n, f"The ministry should lower {subject} before the next review begins.", 1) for n, subject in enumerate(SUBJECTS * 5)]
    others = [
        post(100 + n, f"Our members have measured {SUBJECTS[n]} in nine provinces since March.", 10 + n, "civil_society") for n in range(4)
    ]
    found = select([*loud, *others], 5).strands
    assert {strand.lead.source.author for strand in found} == {1, 10, 11, 12, 13}


def test_a_small_type_is_heard() -> None:
    many = [
        post(n, f"Operator number {n} should share {SUBJECTS[n % 8]} with its neighbours at cost.", n, "private_sector", n % 9)
        for n in range(95)
    ]
    few = [post(200, "Newsrooms ask that outages be announced the day before they happen.", 200, "media", 3)]
    assert "media" in {strand.lead.source.stakeholder_type for strand in select([*many, *few], 6).strands}


def test_saying_it_ten_times_counts_once() -> None:
    same = [post(n, "Universal service funds should be published every quarter.", n, "civil_society") for n in range(10)]
    found = select([*same, post(50, "Schools need electricity before they need any screens.", 50)], 4)
    assert len(found.strands) == 2
    assert found.distinct == 2
    assert {len(strand.people()) for strand in found.strands} == {10, 1}


def test_one_of_each_strand_before_a_second_of_any() -> None:
    posts = [post(n, f"States should cut the tax on {SUBJECTS[n % 4]} by half in {2000 + n}.", n, discussion=n) for n in range(20)]
    leads = [strand.lead.sentence.text for strand in select(posts, 4).strands]
    assert len({subject for subject in SUBJECTS[:4] for text in leads if subject in text}) == 4


def test_every_choice_has_reasons_and_is_repeated() -> None:
    posts = [post(n, f"States should cut the tax on {SUBJECTS[n % 8]} in {2000 + n}.", n, discussion=n) for n in range(30)]
    once, again = select(posts, 6), select(posts, 6)
    assert [strand.lead for strand in once.strands] == [strand.lead for strand in again.strands]
    assert all(strand.reasons[0]["code"] == "strand" for strand in once.strands)


@pytest.mark.parametrize("posts", [[], [post(1, "")], [post(1, "Thanks!")]])
def test_nothing_said_gives_nothing(posts: list[Source]) -> None:
    assert select(posts, 5).strands == []
    assert select_words(posts, 100) == []


def test_ten_thousand_identical_posts() -> None:
    began = time.monotonic()
    found = select([post(n, "The fund should pay for the school lines first. " * 20, n % 50) for n in range(10_000)], 40)
    assert len(found.strands) == 1
    assert time.monotonic() - began < 60


def test_usual_number_grows_slowly() -> None:
    assert [usual_number(n) for n in (0, 1, 100, 10_000)] == [0, 3, 18, 40]


def test_evaluate_keeps_the_budget_and_the_words() -> None:
    messages = [
        {"id": str(n), "author": "a", "text": f"Hello all, the tax on {subject} should be lower this year."}
        for n, subject in enumerate(SUBJECTS)
    ]
    thread = {"id": "t", "messages": messages, "budget_words": 30}
    flat = {"id": "f", "messages": messages, "n_points": 3}
    first, second = evaluate(io.StringIO(json.dumps(thread) + "\n\n" + json.dumps(flat) + "\n"))
    assert 0 < sum(len(one["text"].split()) for one in first["sentences"]) <= 30
    assert len(second["sentences"]) == 3
    said = {message["id"]: message["text"] for message in messages}
    assert all(one["text"] in said[one["message"]] for one in first["sentences"] + second["sentences"])


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"messages": [], "budget_words": "x"}', '{"messages": [{}], "n_points": 1}', '{"messages": 3, "n_points": 1}'],
)
def test_evaluate_names_the_bad_line(line: str) -> None:
    with pytest.raises(Invalid, match="1"):
        list(evaluate(io.StringIO(line)))
