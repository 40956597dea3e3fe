"""The one clock: every time in the product is asked here, so that tests can stop it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_frozen: list[datetime] = []


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Stop the clock at an aware `moment` for the length of a `with` block (tests)."""
    _frozen.append(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.pop()
