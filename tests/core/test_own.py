"""The numbers that move when something of a person's own changes: of every table, on both databases, whoever writes at the same time."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import text

from alliance.core import clock, outbox, own
from alliance.core import db as database
from alliance.events import DiscussionOpened
from alliance.watching import services as watching
from alliance.watching.models import Bookmark
from tests import discussing
from tests.people import People
from tests.threads import in_threads


def test_the_database_watches_every_table_that_is_of_people(db: Any) -> None:
    where = "pg_trigger" if database.engine().dialect.name == "postgresql" else "sqlite_master WHERE type = 'trigger'"
    column = "tgname" if where == "pg_trigger" else "name"
    names = list(database.session().scalars(text(f"SELECT {column} FROM {where}")))
    for table in (*own.TABLES, "people"):
        assert any(name.startswith(f"own_{table}") for name in names), table
    own.watch()  # again and again


def test_processes_that_start_at_once_do_not_trip_over_each_other(db: Any) -> None:
    for table in ("watches", "people"):
        with database.engine().begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"DROP TRIGGER own_{table} ON {table}")
            else:
                connection.exec_driver_sql(f"DROP TRIGGER own_{table}_insert")
    go = threading.Barrier(4)

    def start() -> None:
        go.wait()
        for _time in range(5):
            own.watch()

    assert in_threads(4, start) == []
    with database.engine().connect() as connection:
        assert (own._postgresql_has if connection.dialect.name == "postgresql" else own._sqlite_has)(connection)


def test_triggers_of_another_version_are_made_anew(db: Any) -> None:
    with database.engine().begin() as connection:
        on_postgresql = connection.dialect.name == "postgresql"
        if on_postgresql:
            old = "CREATE OR REPLACE FUNCTION own_person_id_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
            connection.exec_driver_sql(old)
        else:
            connection.exec_driver_sql("DROP TRIGGER own_watches_insert")
            connection.exec_driver_sql("CREATE TRIGGER own_watches_insert AFTER INSERT ON watches BEGIN SELECT 1; END")
    has = own._postgresql_has if on_postgresql else own._sqlite_has
    with database.engine().connect() as connection:
        assert not has(connection)
    own.watch()
    with database.engine().connect() as connection:
        assert has(connection)


def test_who_writes_for_many_in_any_order_waits_for_nobody_for_ever(people: People) -> None:
    readers = [people.participant().person_id for _one in range(6)]
    made = [discussing.discussion(people.participant(), title=f"Question {n}").id for n in range(4)]
    go, errors = threading.Barrier(len(made)), []

    def write(discussion_id: int, order: list[int | None]) -> None:
        go.wait()
        try:
            for _time in range(5):
                with database.transaction() as session:
                    outbox.publish(DiscussionOpened(discussion_id, 1))
                    for person_id in order:
                        session.add(Bookmark(person_id=person_id, discussion_id=discussion_id, note="", created_at=clock.now()))
                        session.flush()
                with database.transaction() as session:
                    outbox.publish(DiscussionOpened(discussion_id, 1))
                    session.execute(text("DELETE FROM bookmarks WHERE discussion_id = :id"), {"id": discussion_id})
        except Exception as error:  # told in the test's own thread
            errors.append(error)
        finally:
            database.release()

    threads = [threading.Thread(target=write, args=(one, readers if n % 2 else readers[::-1])) for n, one in enumerate(made)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    database.release()
    found = dict(database.session().execute(text("SELECT id, version FROM own_versions")).tuples().all())
    assert all(found[one] >= 40 for one in readers)


def test_the_number_moves_for_both_when_something_changes_hands(people: People) -> None:
    first, second = people.participant(), people.participant()
    made = discussing.discussion(people.participant())
    watching.keep_discussion(first, made.id)

    def numbers() -> list[int]:
        database.release()
        found = dict(database.session().execute(text("SELECT id, version FROM own_versions")).tuples().all())
        return [found.get(actor.person_id or 0, 0) for actor in (first, second)]

    before = numbers()
    with database.transaction() as session:
        session.execute(text("UPDATE bookmarks SET person_id = :second"), {"second": second.person_id})
    assert all(new > old for new, old in zip(numbers(), before, strict=True))
    before = numbers()
    with database.transaction() as session:
        session.execute(text("DELETE FROM bookmarks"))
    assert [new > old for new, old in zip(numbers(), before, strict=True)] == [False, True]
