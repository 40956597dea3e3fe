"""Turns: threads that want the same thing get it one after the other, in the order in which they asked.

SQLite lets one write at a time; who finds it busy sleeps and tries again, and may find it busy again for seconds where
much is written. The threads of a process therefore stand in line here before they ask SQLite.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 30.0  # seconds, after which one goes without a turn: SQLite itself then says whether it is free


class Turns:
    """A line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and hold it."""
        mine = self._begin()
        try:
            yield
        finally:
            if mine:
                self._end()

    def _begin(self) -> bool:
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(PATIENCE):
            return True
        with self._lock:
            if called.is_set():
                return True
            self._waiting.remove(called)
            return False

    def _end(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()  # handed on: nobody can slip in between
            else:
                self._taken = False
