from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alliance.search.filters import Filters, chosen, period


def test_the_choices_of_the_form() -> None:
    filters, wrong = chosen({"space": " C2 ", "language": "fr", "from": "2026-06", "to": "2026-06", "stakeholder_type": "", "other": "x"})
    assert filters == Filters(
        spaces=("c2",), languages=("fr",), since=datetime(2026, 6, 1, tzinfo=UTC), until=datetime(2026, 7, 1, tzinfo=UTC)
    )
    assert wrong == {}
    filters, wrong = chosen({"from": "2026-13", "language": "\x00", "stakeholder_type": "x" * 100_000})
    assert set(wrong) == {"from", "stakeholder_type"}
    assert all(len(message) < 300 for messages in wrong.values() for message in messages)


@pytest.mark.parametrize(
    ("value", "first", "following"),
    [("2026", (2026, 1, 1), (2027, 1, 1)), ("2026-12", (2026, 12, 1), (2027, 1, 1)), ("2024-2-29", (2024, 2, 29), (2024, 3, 1))],
)
def test_periods(value: str, first: tuple[int, int, int], following: tuple[int, int, int]) -> None:
    assert period(value) == (datetime(*first, tzinfo=UTC), datetime(*following, tzinfo=UTC))


@pytest.mark.parametrize("value", ["9999", "9999-12", "9999-12-31"])
def test_the_last_year_there_is(value: str) -> None:
    with pytest.raises(ValueError, match="not a date"):
        period(value)
