"""Opaque cursors of keyset lists: the sort values of the last row shown."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

from alliance.core.errors import Invalid
from alliance.core.ids import MAX_ID
from alliance.core.text import storable

Part = str | int | float | datetime | None


class BadCursor(Invalid):
    """A cursor that no list of ours gave out."""

    def __init__(self) -> None:
        super().__init__({"after": ["This cursor is not one that a list gave out; begin the list again without it."]})


def encode(*parts: Part) -> str:
    """A cursor of the given sort values."""
    plain = [{"t": p.astimezone(UTC).isoformat()} if isinstance(p, datetime) else p for p in parts]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(token: str, kinds: tuple[type, ...]) -> tuple[Part, ...]:
    """The sort values of a cursor.

    Args:
        token: what `encode` returned, from outside and so never trusted.
        kinds: the type each value must have.

    Raises:
        BadCursor: it is not such a cursor.
    """
    try:
        plain = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        parts = tuple(_moment(p["t"]) if isinstance(p, dict) else p for p in plain)
    except (ValueError, TypeError, KeyError, OverflowError, binascii.Error, RecursionError) as error:
        raise BadCursor from error
    if len(parts) != len(kinds) or not all(_fits(p, k) for p, k in zip(parts, kinds, strict=True)):
        raise BadCursor
    return parts


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(written)
    return moment.astimezone(UTC)


def _fits(part: Part, kind: type) -> bool:
    if kind is int:
        return isinstance(part, int) and not isinstance(part, bool) and abs(part) <= MAX_ID
    if kind is datetime:
        return isinstance(part, datetime)
    return isinstance(part, kind) and (not isinstance(part, str) or storable(part) == part)
