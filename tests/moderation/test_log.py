"""The log is written once, each entry bound to the one before it; names and what is hidden are not in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import delete, update

from alliance.core import db
from alliance.moderation import log, queries, services
from alliance.moderation.models import LogEntry
from tests import discussing
from tests.people import People


@pytest.fixture
def entries(db: Any, people: People) -> list[int]:
    moderator, author = people.moderator(), people.participant(posts_count=9)
    found = discussing.discussion(author)
    post = discussing.reply(author, found)
    services.hide(moderator, post.id, "Advertising.", "spam")
    services.restore(moderator, post.id, "Seen wrongly.")
    services.lock(moderator, found.id, "Decided elsewhere.")
    return [entry.id for entry in reversed(queries.log(moderator)[0])]


def test_the_chain_holds_and_begins_at_nothing(entries: list[int]) -> None:
    assert log.verify() == (3, None)
    first = db.session().get_one(LogEntry, entries[0])
    assert first.previous == log.BEGINNING


def test_a_changed_entry_is_found(entries: list[int]) -> None:
    with db.transaction() as session:
        session.execute(update(LogEntry).where(LogEntry.id == entries[1]).values(reason="Something else."))
    assert log.verify() == (3, entries[1])


def test_an_entry_taken_away_is_found(entries: list[int], cli: Callable[..., Result]) -> None:
    assert "✓ moderation log: 3 entries" in cli("doctor").output
    with db.transaction() as session:
        session.execute(delete(LogEntry).where(LogEntry.id == entries[1]))
    assert log.verify() == (2, entries[2])
    assert f"✗ moderation log: entry {entries[2]} of 2" in cli("doctor").output


def test_nobody_changes_an_entry_by_mistake(entries: list[int]) -> None:
    with pytest.raises(RuntimeError, match="stays as it was written"), db.transaction() as session:
        session.get_one(LogEntry, entries[0]).reason = "Other."
    with pytest.raises(RuntimeError, match="stays as it was written"), db.transaction() as session:
        session.delete(session.get_one(LogEntry, entries[0]))
    assert log.verify() == (3, None)
