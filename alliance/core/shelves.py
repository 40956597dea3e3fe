"""Things kept in memory up to a number of bytes: the longest unused go when there are too many."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Shelf(Generic[Thing]):
    """Things by their keys. `weight` says how many bytes one holds; whoever makes it heavier puts it again."""

    def __init__(self, most: int, weight: Callable[[Thing], int]) -> None:
        self._things: OrderedDict[Hashable, tuple[Thing, int]] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most
        self._weight = weight
        self._bytes = 0

    def get(self, key: Hashable) -> Thing | None:
        """What is under a key."""
        with self._lock:
            found = self._things.get(key)
            if found is None:
                return None
            self._things.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, thing: Thing) -> None:
        """Keep something."""
        with self._lock:
            self._drop(key)
            weight = self._weight(thing)
            self._things[key] = (thing, weight)
            self._bytes += weight
            while self._bytes > self._most:
                self._drop(next(iter(self._things)))

    def __len__(self) -> int:
        """How many things there are."""
        return len(self._things)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._things.clear()
            self._bytes = 0

    def _drop(self, key: Hashable) -> None:
        gone = self._things.pop(key, None)
        if gone is not None:
            self._bytes -= gone[1]
