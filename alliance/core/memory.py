"""Memory that is no longer needed, given back to the system (where the C library is glibc; elsewhere nothing is done).

glibc gives every few threads a heap of their own and keeps what was freed in each: with hundreds of threads that answer
requests now and then, a process would hold far more than it uses.
"""

from __future__ import annotations

import array
import ctypes
import mmap
import tempfile
import time
from contextlib import suppress
from typing import Any

ARENAS = 2
M_ARENA_MAX = -8  # of malloc.h
SECONDS = 10.0  # between two times of giving back
_given = [0.0]


def few_heaps() -> None:
    """Let all threads of this process (and of those it forks) share a few heaps. To be called before there are threads."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """After much work: what was freed goes back to the system (once in a while, however often this is called)."""
    now = time.monotonic()
    if now - _given[0] > SECONDS:
        _given[0] = now
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def outsourced(numbers: array.array[int]) -> Any:
    """The same numbers in a file without a name: only the parts that are used are in memory, and forked processes share them."""
    with tempfile.TemporaryFile() as file:
        numbers.tofile(file)
        file.flush()
        held: Any = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return held.cast(numbers.typecode)
