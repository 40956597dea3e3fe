"""What changed, word by word, in bounded time."""

from __future__ import annotations

import time

import pytest

from alliance.discussions import diffing
from alliance.discussions.diffing import Piece, compare


def check(before: str, after: str) -> list[Piece]:
    pieces = compare(before, after)
    assert "".join(one.text for one in pieces if one.kind != "added") == before
    assert "".join(one.text for one in pieces if one.kind != "removed") == after
    return pieces


def test_a_word_replaced() -> None:
    assert check("The fund pays ten per cent.\n", "The fund pays eleven per cent.\n") == [
        Piece("same", "The fund pays "),
        Piece("removed", "ten"),
        Piece("added", "eleven"),
        Piece("same", " per cent.\n"),
    ]


def test_chinese_is_compared_by_characters() -> None:
    pieces = check("互联网治理论坛", "互联网治理的论坛")
    assert [one.text for one in pieces if one.kind == "added"] == ["的"]


@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("", "a"), ("a", ""), ("a\n", "a"), ("a\n\nb", "b\n\na"), ("x" * 100, "y" * 100), ("نحن نسأل", "نحن لا نسأل")],
)
def test_both_texts_can_be_read_from_it(before: str, after: str) -> None:
    check(before, after)


def test_another_text_is_not_cut_into_crumbs() -> None:
    kinds = [one.kind for one in check("We ask who pays for it all", "Nobody here knows what to say")]
    assert kinds == ["removed", "added"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a b " * 25_000, "b a " * 25_000),
        ("a\n" * 50_000, "b\na\n" * 25_000),
        ("\n".join(f"line {n % 7}" for n in range(1900)), "\n".join(f"line {n % 5}" for n in range(1900))),
        (" ".join(str(n % 3) for n in range(700)), " ".join(str(n % 2) for n in range(700))),
        ("[" * 100_000, "]" * 100_000),
    ],
)
def test_the_time_is_bounded(before: str, after: str) -> None:
    began = time.process_time()
    check(before, after)
    assert time.process_time() - began < 2


def test_a_long_history_stops_comparing() -> None:
    class Said:
        def __init__(self, number: int) -> None:
            self.number, self.body, self.editor_id, self.editor, self.replaced_at = number, f"{number} " + "word " * 15_000, 1, None, None

    post = Said(100)
    post.author_id = 1  # type: ignore[attr-defined]
    began = time.process_time()
    found = diffing.changes(post, [Said(number) for number in range(99, 0, -1)])
    assert time.process_time() - began < 4
    assert len(found) == 99
    assert found[0].pieces is not None
    assert found[-1].pieces is None
