"""What holds memory, held lightly."""

from __future__ import annotations

import array

from alliance.core import identify, memory


def test_numbers_in_a_file_are_the_same_numbers() -> None:
    numbers = array.array("I", [3, 1, 4_000_000_000, 0, 5])
    held = memory.outsourced(numbers)
    assert list(held) == list(numbers)
    assert held[2] == 4_000_000_000


def test_the_language_model_keeps_no_large_table_in_memory() -> None:
    identify.warm()
    held = identify._identifier(("en", "es", "fr"))
    assert not isinstance(held.tk_nextmove, array.array)
    assert held.tk_nextmove.readonly
    assert identify.detect_language("Everybody in the meeting agreed that the network has to be open.") == "en"
    assert identify.detect_language("Tout le monde convient que le réseau doit rester ouvert à tous.") == "fr"


def test_giving_back_does_no_harm() -> None:
    memory.few_heaps()
    memory.give_back()
    memory.give_back()
