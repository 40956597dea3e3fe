"""Who waits for an answer comes first: work that can wait rests after each piece, and longer while requests are answered."""

from __future__ import annotations

import threading
import time

REST = 1.0  # times as long as it worked
REST_WHEN_ASKED = 4.0
MAX_REST = 2.0  # seconds
LATELY = 0.1  # seconds after an answer, in which the next request is to be expected
_lock = threading.Lock()
_asked: set[str] = set()
_answered = [0.0]


def begin(request_id: str) -> None:
    """Somebody waits for an answer from now on."""
    with _lock:
        _asked.add(request_id)


def end(request_id: str) -> None:
    """The answer is given."""
    with _lock:
        _asked.discard(request_id)
        _answered[0] = time.monotonic()


def is_asked() -> bool:
    """Whether this process answers requests at present."""
    return bool(_asked) or time.monotonic() - _answered[0] < LATELY


def give_way(worked: float, most: float = MAX_REST) -> None:
    """Rest after `worked` seconds of something that can wait (`most` seconds at most); what gathers meanwhile is done at once."""
    time.sleep(min(most, worked * (REST_WHEN_ASKED if is_asked() else REST)))
