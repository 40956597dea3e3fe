"""Ids as they come from outside: in addresses, forms and programs' requests."""

from __future__ import annotations

MAX_ID = 2**31 - 1  # the greatest any column of ours can hold


def given(text: str | None) -> int | None:
    """The id a form or a query names; None for what no row can have (no digits, too many of them, zero)."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 10:
        return None
    number = int(text)
    return number if 0 < number <= MAX_ID else None
