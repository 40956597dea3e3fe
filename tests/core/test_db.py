"""One commit, no lost update, times with a zone: on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from alliance.accounts.models import Person
from tests.people import People
from tests.threads import in_threads


def test_load_check_save_in_eight_threads_loses_nothing(db: Any, people: People) -> None:
    identity = people.person(posts_count=0).id
    db.release()

    def count() -> None:
        for _ in range(25):
            with db.transaction() as session:
                person = session.get_one(Person, identity, with_for_update=True)
                person.posts_count += 1
            db.release()

    assert in_threads(8, count) == []
    assert db.session().get_one(Person, identity).posts_count == 200


def test_what_was_read_before_is_read_again_inside(db: Any, people: People) -> None:
    person = people.person(name="Before")
    assert person.name == "Before"

    def rename() -> None:
        with db.transaction() as session:
            session.execute(sa.update(Person).values(name="After"))
        db.release()

    assert in_threads(1, rename) == []
    with db.transaction():
        assert person.name == "After"


def two_people_and_a_failure(db: Any, people: People) -> None:
    with db.transaction():
        people.person()
        with db.transaction():
            people.person()
        raise ZeroDivisionError


def test_an_inner_transaction_joins_the_outer_one(db: Any, people: People) -> None:
    with pytest.raises(ZeroDivisionError):
        two_people_and_a_failure(db, people)
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Person)) == 0


def test_an_error_leaves_nothing_and_the_session_works_on(db: Any, people: People) -> None:
    people.person(handle="same")
    with pytest.raises(sa.exc.IntegrityError):
        people.person(handle="same")
    assert people.person(handle="other").id


def test_moments_keep_their_instant_and_come_back_in_utc(db: Any, people: People) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    identity = people.person(created_at=moment).id
    db.release()
    found = db.session().get_one(Person, identity).created_at
    assert found == moment
    assert found.tzinfo == UTC


def test_a_moment_without_a_zone_is_refused(db: Any, people: People) -> None:
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        people.person(created_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_sqlite_waits_for_the_disk_and_keeps_its_references(db: Any, database_kind: str) -> None:
    with db.engine().connect() as connection:
        if database_kind == "sqlite":
            assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
            assert connection.scalar(sa.text("PRAGMA synchronous")) == 2
            assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1
        else:
            assert connection.scalar(sa.text("SHOW server_encoding")) == "UTF8"
