"""Figures of mail that is to leave."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.figures import ask_database, seconds_since
from alliance.core.meters import Sample, describe, source
from alliance.mailing import queries

WAITING = describe("alliance_mail_waiting", "Mails that wait to be sent.")
DUE = describe("alliance_mail_due_seconds", "For how long the oldest of them could have been sent; 0 when none could.")
FAILED = describe("alliance_mail_failed", "Mails that were given up.")


@source(shared=True)
def mail() -> Iterator[Sample]:
    """What waits, for how long, and what was given up."""
    ask_database()
    yield Sample(WAITING, queries.waiting())
    yield Sample(DUE, seconds_since(queries.due_since()))
    yield Sample(FAILED, queries.failed_count())
