"""What was read or worked out of an index, kept up to a bound."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any


class Memory:
    """What words are worth, as far as it was asked for lately; may be shared by threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept = 0
        self._found: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._turn = threading.Lock()

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, name: Any) -> bool:
        return name in self._found

    def get(self, name: Any) -> Any:
        """What was kept under a name, or None."""
        with self._turn:
            if name not in self._found:
                return None
            self._found.move_to_end(name)
            return self._found[name][0]

    def keep(self, name: Any, make: Callable[[], Any], size: int) -> Any:
        """What was kept under a name; made and kept when nothing was."""
        found = self.get(name)
        if found is None:
            found = make()
            self.put(name, found, size)
        return found

    def put(self, name: Any, value: Any, size: int) -> None:
        """Keep something of some size; what was not asked for for longest is dropped."""
        with self._turn:
            self.kept += 8 + size - (8 + self._found.pop(name)[1] if name in self._found else 0)
            self._found[name] = (value, size)
            while self.kept > self.most and len(self._found) > 1:
                _name, (_value, dropped) = self._found.popitem(last=False)
                self.kept -= 8 + dropped
