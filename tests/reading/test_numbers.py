"""Sets written as runs behave as sets do."""

from __future__ import annotations

import random

import pytest

from alliance.reading.numbers import Numbers, after


def test_they_are_written_as_runs() -> None:
    assert str(Numbers.of([3, 1, 2, 7, 9, 8, 12])) == "1-3,7-9,12"
    assert str(Numbers.of([])) == ""
    assert str(Numbers.upto(4)) == "1-4"
    assert str(Numbers.upto(0)) == ""


@pytest.mark.parametrize("text", ["1-40,42", "7", "", "1,3,5-6"])
def test_what_is_written_is_read_again(text: str) -> None:
    assert str(Numbers.parse(text)) == text


def test_untidy_runs_are_tidied() -> None:
    assert str(Numbers.parse("5-2,3,3-8,4,0-1")) == "1,3-8"


@pytest.mark.parametrize("text", ["x", "1-", "-1", "1,,2", "1 2", "1-2-3", "9999999999", ",", "١"])
def test_what_is_not_a_set_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="numbers"):
        Numbers.parse(text)


def test_they_are_as_sets_are() -> None:
    chance = random.Random(7)
    for _time in range(400):
        one, other = ({chance.randint(1, 40) for _n in range(chance.randint(0, 30))} for _side in range(2))
        left, right = Numbers.of(one), Numbers.of(other)
        assert set(left | right) == one | other
        assert set(left & right) == one & other
        assert set(left - right) == one - other
        assert len(left - right) == len(one - other)
        assert all((number in left) == (number in one) for number in range(42))
        assert Numbers.parse(str(left)) == left


def test_a_number_above_all_is_added_without_reading_the_others() -> None:
    chance = random.Random(11)
    for _time in range(400):
        known = Numbers.of(chance.randint(1, 40) for _n in range(chance.randint(0, 30)))
        number = chance.randint(1, 45)
        longer = after(str(known), number)
        if known and number <= max(known):
            assert longer is None
        else:
            assert longer == str(known | Numbers.of([number]))
