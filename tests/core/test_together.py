"""Short transactions that share a commit: each stands or falls alone, and nobody goes on before the disk has it."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import OperationalError

from alliance.accounts.models import Person
from alliance.core import db as database
from alliance.core import outbox, rows, stamps
from alliance.core.together import Flush, Groups
from alliance.core.turns import Turns
from alliance.events import PersonChanged
from tests.people import People
from tests.threads import in_threads


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with an empty table."""
    with sqlite3.connect(tmp_path / "some.db") as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("CREATE TABLE t (n INTEGER)")
    return tmp_path / "some.db"


@pytest.fixture
def engine(file: Path) -> Any:
    """Its engine, as `core.db` makes one."""
    made = create_engine(f"sqlite:///{file}", connect_args={"check_same_thread": False}, pool_size=0)
    event.listen(made, "connect", database._sqlite_connect)
    event.listen(made, "begin", database._sqlite_begin)
    yield made
    made.dispose()


def stored(file: Path) -> list[int]:
    """What somebody else reads."""
    with sqlite3.connect(file) as raw:
        return [row[0] for row in raw.execute("SELECT n FROM t ORDER BY n")]


class Crowd:
    """Threads that write together: all stand in line before the first one goes."""

    def __init__(self, engine: Any, file: Path, number: int) -> None:
        self.turns = Turns()
        self.groups = Groups(self.turns)
        self.engine, self.file = engine, file
        self.commits = 0
        self.errors: dict[int, BaseException] = {}
        self.seen: dict[int, bool] = {}
        event.listen(engine, "commit", self._count)
        self.threads = [threading.Thread(target=self._write, args=(n,)) for n in range(number)]

    def _count(self, _connection: Any) -> None:
        self.commits += 1

    def write(self, connection: Any, n: int) -> None:
        connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": n})

    def _write(self, n: int) -> None:
        try:
            with self.groups.member(self.engine) as connection, connection.begin_nested():
                self.write(connection, n)
            self.seen[n] = n in stored(self.file)
        except Exception as error:
            self.errors[n] = error

    def run(self) -> None:
        with self.turns.turn():
            for thread in self.threads:
                thread.start()
            while len(self.turns._waiting) < len(self.threads):
                time.sleep(0.001)
        for thread in self.threads:
            thread.join()


def test_those_who_wait_are_committed_at_once_and_see_it_on_the_disk(engine: Any, file: Path) -> None:
    crowd = Crowd(engine, file, 16)
    crowd.run()
    assert stored(file) == list(range(16))
    assert crowd.seen == dict.fromkeys(range(16), True)
    assert not crowd.errors
    assert crowd.commits == 1
    assert not crowd.turns._taken


def test_no_more_than_so_many_share_a_commit(engine: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alliance.core.together.MOST", 5)
    crowd = Crowd(engine, file, 12)
    crowd.run()
    assert stored(file) == list(range(12))
    assert crowd.commits == 3


@pytest.mark.parametrize("bad", [{0}, {7}, {15}, {0, 7, 15}, set(range(16))])
def test_one_that_fails_takes_back_nothing_but_itself(engine: Any, file: Path, bad: set[int]) -> None:
    class Failing(Crowd):
        def write(self, connection: Any, n: int) -> None:
            super().write(connection, n)
            if n in bad:
                raise ValueError(n)

    crowd = Failing(engine, file, 16)
    crowd.run()
    assert stored(file) == [n for n in range(16) if n not in bad]
    assert crowd.errors.keys() == bad
    assert all(isinstance(error, ValueError) for error in crowd.errors.values())
    assert not crowd.turns._taken


def test_a_commit_that_fails_is_told_to_every_member(engine: Any, file: Path) -> None:
    crowd = Crowd(engine, file, 3)

    def refuse(_connection: Any) -> None:
        raise OperationalError("COMMIT", None, sqlite3.OperationalError("disk I/O error"))

    event.listen(engine, "commit", refuse)
    crowd.run()
    assert stored(file) == []
    assert sorted(crowd.errors) == [0, 1, 2]
    assert all("disk I/O error" in str(error) for error in crowd.errors.values())
    assert not crowd.turns._taken
    event.remove(engine, "commit", refuse)
    again = Crowd(engine, file, 2)
    again.run()
    assert not again.errors
    assert stored(file) == [0, 1]


def test_a_transaction_that_sqlite_took_back_is_told_to_those_in_it(engine: Any, file: Path) -> None:
    class TakenBack(Crowd):
        def write(self, connection: Any, n: int) -> None:
            super().write(connection, n)
            if len(self.turns._waiting) == 1:  # as a full disk does, in the middle of the group
                connection.connection.dbapi_connection.execute("ROLLBACK")

    crowd = TakenBack(engine, file, 3)
    crowd.run()
    assert sorted(crowd.errors) == [0, 1]
    assert stored(file) == [2], "the next one begins anew"
    assert not crowd.turns._taken


def test_who_is_not_brief_is_not_waited_for(engine: Any, file: Path) -> None:
    """The group is committed before a long transaction gets its turn."""
    turns = Turns()
    groups = Groups(turns)
    seen: list[list[int]] = []

    def brief() -> None:
        with groups.member(engine) as connection, connection.begin_nested():
            connection.execute(text("INSERT INTO t VALUES (1)"))

    def long() -> None:
        with turns.turn():
            seen.append(stored(file))

    threads = [threading.Thread(target=work) for work in (brief, long)]
    with turns.turn():
        for place, thread in enumerate(threads):
            thread.start()
            while len(turns._waiting) <= place:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert seen == [[1]]


class Disk:
    """Notes what had been committed when a flush began."""

    def __init__(self) -> None:
        self.committed = 0
        self.flushed = 0
        self.flushes = 0
        self.broken = False

    def write(self) -> None:
        self.flushes += 1
        committed = self.committed
        time.sleep(0.005)
        if self.broken:
            raise OperationalError("x", None, Exception("gone"))
        self.flushed = max(self.flushed, committed)


def test_a_flush_serves_all_who_had_committed_before_it_began() -> None:
    disk, lock, wrong = Disk(), threading.Lock(), []
    flush = Flush(disk.write)

    def work() -> None:
        for _ in range(20):
            with lock:
                disk.committed += 1
                mine = disk.committed
            flush.wait()
            if disk.flushed < mine:
                wrong.append(mine)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert disk.flushes < 320


def test_a_flush_that_fails_is_told_and_the_next_one_tries_again() -> None:
    disk = Disk()
    flush = Flush(disk.write)
    disk.broken = True
    errors = in_threads(8, flush.wait)
    assert len(errors) == 8
    disk.broken = False
    assert not in_threads(8, flush.wait)


def test_brief_transactions_lose_no_update_and_keep_the_log_in_order(db: Any, people: People) -> None:
    identity = people.person(posts_count=0).id
    before = outbox.head()
    db.release()

    def count() -> None:
        for n in range(10):
            try:
                with db.transaction(brief=True) as session:
                    row = session.get_one(Person, identity, with_for_update=True)
                    row.posts_count += 1
                    outbox.publish(PersonChanged(identity))
                    if n % 5 == 4:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            db.release()

    assert not in_threads(8, count)
    assert db.session().get_one(Person, identity).posts_count == 64
    assert len(outbox.read(before, 1000)) == 64
    assert db.session().bind is db.engine()


def test_an_awaited_transaction_begins_with_the_first_inside(db: Any) -> None:
    begun: list[bool] = []
    with db.awaited_transaction(lambda: begun.append(True)) as session:
        assert not session.info.get("writing")
        with db.transaction():
            assert session.info["writing"]
            stamps.move()
        with db.transaction():
            stamps.move()
        assert session.info["writing"], "it ends with the outermost"
    assert begun == [True]
    assert not session.info.get("writing")
    with db.awaited_transaction(lambda: begun.append(True)):
        stamps.site()
    assert begun == [True], "nothing was written"
    assert "awaited" not in session.info


def test_what_an_awaited_transaction_wrote_goes_with_an_error(db: Any) -> None:
    before = stamps.site()

    def write() -> None:
        with db.awaited_transaction(lambda: None):
            with db.transaction():
                stamps.move()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    assert stamps.site() == before
    with pytest.raises(ZeroDivisionError), db.awaited_transaction(lambda: 1 / 0), db.transaction():
        raise AssertionError("it has not begun")
    with db.transaction():
        stamps.move()
    assert stamps.site() == before + 1


def test_a_row_added_at_once_is_as_if_read(db: Any) -> None:
    with db.transaction() as session:
        made = rows.add(stamps.Stamp(name="another", version=4))
        assert made.id
        assert session.get(stamps.Stamp, made.id) is made
        made.version = 5
    assert db.session().scalars(select(stamps.Stamp.version).where(stamps.Stamp.name == "another")).one() == 5
