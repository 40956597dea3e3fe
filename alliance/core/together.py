"""Several short transactions of a process made durable together: a disk takes as long for one of them as for thirty.

SQLite: who has the turn to write hands it on, with the transaction still open, to the next in line who is brief too; each
works inside a SAVEPOINT of its own, so that one that fails takes back nothing but itself, and the last one commits for all.

PostgreSQL: each commits by itself without waiting for the disk (so that no lock is held for so long), and then waits for
a commit that does, made by one of them for all who had committed before it began.

Either way nobody goes on before what they wrote is on the disk.
"""

from __future__ import annotations

import copy
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from alliance.core.turns import Turns

BRIEF = "brief"
MOST = 32  # transactions in one commit: the first of them waits for all


class _Group:
    """One open transaction of SQLite, and who works in it."""

    def __init__(self, engine: Engine) -> None:
        self.connection = engine.connect().execution_options(writing=True)
        try:
            self._whole = self.connection.begin()
        except BaseException:
            self.connection.close()
            raise
        self.members = 0
        self.kept = 0
        self._done = threading.Event()
        self._error: Exception | None = None

    def finish(self) -> None:
        """Commit what its members wrote."""
        try:
            if self.kept:
                if not self.is_whole:
                    raise OperationalError("COMMIT", None, sqlite3.OperationalError("the transaction was taken back"))
                self._whole.commit()
        except Exception as error:  # whatever it is, each member is told
            self._error = error
            self.connection.invalidate()  # nobody knows what it is in the middle of
        finally:
            self.connection.close()
            self._done.set()

    @property
    def is_whole(self) -> bool:
        """Some errors (a full disk) make SQLite take back the whole transaction, whatever SAVEPOINTs it had."""
        raw: Any = self.connection.connection.dbapi_connection
        return bool(raw.in_transaction)

    def wait(self) -> None:
        """Wait until what one wrote is on the disk.

        Raises:
            DBAPIError: it could not be written; nothing of it is there.
        """
        self._done.wait()
        if self._error is not None:
            raise copy.copy(self._error) from self._error


class Groups:
    """Who writes together in a SQLite database.

    Args:
        turns: the line of all who write in it.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._open: _Group | None = None

    @contextmanager
    def member(self, engine: Engine) -> Iterator[Connection]:
        """Write through the connection given (in a SAVEPOINT); on the way out, wait until it is on the disk."""
        mine = self._turns.begin(BRIEF)
        try:
            group = self._joined(engine) if mine else _Group(engine)
        except BaseException:
            if mine:
                self._turns.end()
            raise
        try:
            yield group.connection
            group.kept += 1
        finally:
            self._leave(group) if mine else group.finish()
        group.wait()

    def _joined(self, engine: Engine) -> _Group:
        if self._open is None:
            self._open = _Group(engine)
        self._open.members += 1
        return self._open

    def _leave(self, group: _Group) -> None:
        if group.is_whole and group.members < MOST and self._turns.hand_on(BRIEF):
            return
        self._open = None
        try:
            group.finish()
        finally:
            self._turns.end()


class Flush:
    """Waiting for the disk once for all who wait.

    Args:
        write: returns when all that was committed before it was called is on the disk.
    """

    def __init__(self, write: Callable[[], None]) -> None:
        self._write = write
        self._changed = threading.Condition()
        self._begun = self._done = 0
        self._busy = False

    def wait(self) -> None:
        """Wait until all that was committed before is on the disk.

        Raises:
            DBAPIError: that is not known.
        """
        with self._changed:
            wanted = self._begun + 1  # one that began already may have been too early
            while self._done < wanted:
                if self._busy:
                    self._changed.wait()
                else:
                    self._lead()

    def _lead(self) -> None:
        """Write for all who wait now; the condition is held before and after, not meanwhile."""
        self._busy = True
        self._begun += 1
        number = self._begun
        self._changed.release()
        try:
            self._write()
        except BaseException:
            number = 0  # whoever waits for it writes by themselves, and learns what is wrong
            raise
        finally:
            self._changed.acquire()
            self._busy = False
            self._done = max(self._done, number)
            self._changed.notify_all()
