"""Packed pages with a hole: whatever is put into it, what is unpacked is the page."""

from __future__ import annotations

import gzip
import random

import brotli
import pytest

from alliance.web import patched

UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "": lambda page: page}


@pytest.mark.parametrize("way", UNPACK)
def test_whatever_is_put_in_comes_out(way: str) -> None:
    chance = random.Random(7)
    words = ["<p>مرحبا", "the cable", '<input value="', "\n", "naïve 中文", "aaaaaaaaaa", '" type="hidden">']
    for level in (1, 4, 5, 9):
        for size in (0, 1, 3, 300, 5000):
            before, after = ("".join(chance.choices(words, k=size)).encode() for _side in range(2))
            made = patched.packed(before, 22, after, way, level)
            assert made is not None
            for _time in range(5):
                hole = bytes(chance.choices(b"abcdefghijklmnop_-AB", k=22))
                assert UNPACK[way](made.filled(hole)) == before + hole + after
        assert UNPACK[way](patched.whole(b"x" * 999, way, level)) == b"x" * 999


def test_it_is_smaller_than_the_page() -> None:
    page = b"<p>The users do.</p>\n" * 500
    made = patched.packed(page, 22, page, "br", 4)
    assert made is not None
    assert len(made.filled(b"-" * 22)) < 400
