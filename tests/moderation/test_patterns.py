"""Watched words as patterns: words, and stars within words; at the borders of words, but where writing has none."""

from __future__ import annotations

import pytest

from alliance.core.folding import fold
from alliance.moderation import patterns


@pytest.mark.parametrize(
    ("written", "said", "met"),
    [
        ("casino", "The Casíno!", True),
        ("casino", "casinos", False),
        ("casino*", "casinos", True),
        ("*coin", "bitcoin now", True),
        ("*coin", "coins", False),
        ("*foo*", "xfoox", True),
        ("c*s*o", "casino", True),
        ("c*s*o", "casinos", False),
        ("ab*ba", "aba", False),
        ("ab*ba", "abba", True),
        ("free money", "FREE\n money", True),
        ("free money", "free moneys", False),
        ("buy casino* now", "please buy casinosss now", True),
        ("x ab*", "x x abc", True),
        ("ax*b c", "axx axb c", True),
        ("bit-coin*", "Bit coins", True),
        ("a.c", "abc", False),
        ("(a+)+b", "aaaa", False),
        ("赌场", "在线赌场很好", True),
        ("赌*场", "在线赌大场很好", True),
        ("赌*场", "在线赌很好", False),
        ("买VPN", "你买VPN吧", True),
        ("买VPN", "你买VPNS吧", False),
        ("قمار", "القِمار", False),
        ("*قمار", "القِمار", True),
        ("казино*", "КАЗИНО́М", True),
    ],
)
def test_what_a_pattern_meets(written: str, said: str, met: bool) -> None:
    assert patterns.found(patterns.made(written), fold(said)) is met


@pytest.mark.parametrize("written", ["*", "a*", "*a*", "**", "a", "!!", "good *", "x" * 81])
def test_what_would_mean_nothing_or_everything_is_no_pattern(written: str) -> None:
    with pytest.raises(patterns.Unusable):
        patterns.made(written)


def test_every_place_of_a_long_text_is_looked_at_once() -> None:
    """Texts made to have a matcher go back: words of one letter, one endless word."""
    for said in ("a" * 100_000, "ab " * 33_000, "aab" * 33_000):
        text, asked = fold(said), _Counting(fold(said))
        for written in ("aa*b*c", "ab* zz*", "*aab*aab*c", "a aa*z"):
            assert not patterns.found(patterns.made(written), asked)
        assert asked.asked <= 4 * 8 * len(text.split()), "a few steps a word"


class _Counting(str):
    """A text that counts how often it is looked through."""

    asked = 0

    def find(self, *given: object) -> int:  # type: ignore[override]
        self.asked += 1
        return super().find(*given)  # type: ignore[arg-type]
