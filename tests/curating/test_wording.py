"""Sentences and the posts they name: none without."""

from __future__ import annotations

import pytest

from alliance.core.errors import Invalid
from alliance.curating.wording import Claim, read, written


def test_sentences_and_their_posts() -> None:
    words = "Fees should fall. [#2, #3] Nobody [as yet] knows the cost [https://x.org/p/17 /p/18]\n\nتخفض الرسوم. [٤]"
    assert read(words) == [
        Claim("Fees should fall.", (2, 3), ()),
        Claim("Nobody [as yet] knows the cost", (), (17, 18)),
        Claim("تخفض الرسوم.", (4,), ()),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "at least one"),
        ("Fees should fall.", "Fees should fall."),
        ("Fees should fall. [#2] Schools too.", "Schools too."),
        ("Fees should certainly fall! Schools come first. [#2]", "Fees should certainly fall!"),
        ("The tariff remains. Schools come first. [#2]", "The tariff remains."),
        ("学校优先。费用下降。 [#2]", "学校优先。"),
        ("[#2]", "has to stand before"),
        ("x" * 601 + " [#1]", "at most 600"),
        ("a [#1]\n" * 41, "at most 40"),
    ],
)
def test_what_is_not_taken(words: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(words)
    assert said in str(caught.value)


def test_abbreviations_end_no_sentence() -> None:
    assert len(read("As Dr. Ba of the U.N. says in para. 5 of the report, fees fall. [#1]")) == 1


def test_it_is_written_as_it_was_read() -> None:
    said = [{"text": "Fees fall.", "posts": [7, 8]}]
    assert written(said, lambda post: f"#{post}") == "Fees fall. [#7, #8]"
