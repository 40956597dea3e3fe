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


class _Waiting(threading.Event):
    """Somebody in line."""

    def __init__(self, what_for: str) -> None:
        super().__init__()
        self.what_for = what_for


class Turns:
    """A line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._taken = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and hold it."""
        mine = self.begin()
        try:
            yield
        finally:
            if mine:
                self.end()

    def begin(self, what_for: str = "") -> bool:
        """Wait for one's turn; False when patience ended before it came. `what_for` tells those before why one waits."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            called = _Waiting(what_for)
            self._waiting.append(called)
        if called.wait(PATIENCE):
            return True
        with self._lock:
            if called.is_set():
                return True
            self._waiting.remove(called)
            return False

    def end(self) -> None:
        """One's turn is over."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()  # handed on: nobody can slip in between
            else:
                self._taken = False

    def hand_on(self, what_for: str) -> bool:
        """Give one's turn to the next in line if that one waits for the same; returns whether."""
        with self._lock:
            if not self._waiting or self._waiting[0].what_for != what_for:
                return False
            self._waiting.popleft().set()
            return True
