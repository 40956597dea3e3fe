"""What is noted when something to be delivered was tried: a mail of the outbox, a digest for its readers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alliance.core import clock

FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=6)


def settled(row: Any, status: str, error: str = "") -> None:
    """Note that a delivery has come to its end, well or not.

    Args:
        row: with `status`, `error`, `attempts`, `next_at` and `sent_at`, in the present transaction.
        status: "sent", or another word for its end.
        error: what went wrong.
    """
    row.status, row.error, row.next_at = status, error, None
    row.attempts += 1
    row.sent_at = clock.now() if status == "sent" else None


def try_again(row: Any, error: str, give_up: timedelta) -> str:
    """Note that a delivery is to be tried again: after 1, 2, 4 … minutes, at most six hours, until `give_up` after it was made.

    Returns:
        Its status now: "failed" when it is given up.
    """
    row.attempts += 1
    row.error = error
    row.next_at = clock.now() + min(FIRST_DELAY * 2 ** min(row.attempts - 1, 12), LONGEST_DELAY)
    if clock.now() - row.created_at > give_up:
        row.status, row.next_at = "failed", None
    return str(row.status)
