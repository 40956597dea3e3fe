"""Cursors: what a list gave out is read again, and nothing else is."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core import cursors
from alliance.core.cursors import BadCursor
from alliance.core.ids import MAX_ID
from alliance.core.text import storable

TEXTS = st.text(max_size=60).filter(lambda text: storable(text) == text)
NUMBERS = st.integers(-MAX_ID, MAX_ID)
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.sampled_from(["t", "x"]), one),
)
KINDS = st.lists(st.sampled_from([int, str, float, datetime]), max_size=4).map(tuple)


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(TEXTS, NUMBERS, MOMENTS)
def test_what_was_given_out_is_read_again(text: str, number: int, moment: datetime) -> None:
    assert cursors.decode(cursors.encode(text, number, moment), (str, int, datetime)) == (text, number, moment)


@given(st.text(max_size=200), KINDS)
def test_any_text_is_a_cursor_or_refused(token: str, kinds: tuple[type, ...]) -> None:
    _read(token, kinds)


@given(JSON, KINDS)
def test_whatever_is_packed_like_one_has_the_types_asked_for(value: object, kinds: tuple[type, ...]) -> None:
    _read(packed(value), kinds)


@given(st.binary(max_size=200), KINDS)
def test_any_bytes_packed_like_one_are_read_or_refused(raw: bytes, kinds: tuple[type, ...]) -> None:
    _read(base64.urlsafe_b64encode(raw).decode(), kinds)


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 100_000, '[{"t":"' + "9" * 100_000 + '"}]', "[NaN]", "[Infinity]", "[1e999]"])
def test_what_only_means_harm_is_refused(text: str) -> None:
    token = base64.urlsafe_b64encode(text.encode()).decode()
    for kind in (int, str, datetime):
        with pytest.raises(BadCursor):
            cursors.decode(token, (kind,))


def _read(token: str, kinds: tuple[type, ...]) -> None:
    try:
        found = cursors.decode(token, kinds)
    except BadCursor:
        return
    assert len(found) == len(kinds)
    for part, kind in zip(found, kinds, strict=True):
        assert isinstance(part, kind)
        assert not isinstance(part, int) or abs(part) <= MAX_ID
        assert not isinstance(part, str) or storable(part) == part
        assert not isinstance(part, datetime) or part.tzinfo is UTC
