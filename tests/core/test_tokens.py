"""Signed links, seals and secrets: what was made here is taken, nothing that was altered or made up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alliance.core import settings, tokens
from alliance.core.errors import NotFound

# With lone surrogates: JSON brings them in.
ANY = st.text(st.characters(exclude_categories=()), max_size=200)
PARTS = st.lists(st.none() | st.integers(-(2**53), 2**53) | st.text(max_size=40), max_size=4)


@pytest.fixture(autouse=True, scope="module")
def _settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as set_to:
        set_to.setattr(settings, "current", lambda: settings.Settings(secret_key="a key of the tests"))
        yield


@given(PARTS)
def test_what_was_signed_is_opened_for_its_purpose_alone(parts: list[object]) -> None:
    token = tokens.sign("reset", parts)
    assert tokens.opened("reset", token, 60, len(parts)) == parts
    for purpose, size in (("confirm", len(parts)), ("reset", len(parts) + 1)):
        with pytest.raises(NotFound):
            tokens.opened(purpose, token, 60, size)


@given(PARTS, st.integers(0, 400), ANY)
def test_nothing_that_was_altered_says_anything_else(parts: list[object], place: int, other: str) -> None:
    token = tokens.sign("reset", parts)
    altered = token[:place] + other + token[place + 1 :]
    with contextlib.suppress(NotFound):  # what is not of its alphabet is passed over at the end of a signature
        assert tokens.opened("reset", altered, 60, len(parts)) == parts


@given(ANY)
def test_no_text_is_a_link(token: str) -> None:
    with pytest.raises(NotFound):
        tokens.opened("reset", token, None, 2)


@given(ANY, ANY)
def test_no_text_is_the_seal_of_another(given_seal: str, text: str) -> None:
    assume(len(given_seal) != 16)
    assert not tokens.is_seal(given_seal, "reply", "5.7")
    assert len(tokens.digest_of(text)) == 64


def test_a_seal_is_read_in_capitals_too() -> None:
    assert tokens.is_seal(tokens.seal("reply", "5.7").upper(), "reply", "5.7")
    assert not tokens.is_seal(tokens.seal("reply", "5.7"), "review", "5.7")
