"""When something outside does not answer: said once, again from time to time, and when it is over; never once a second."""

from __future__ import annotations

import threading
import time

import structlog

log = structlog.get_logger(__name__)
SAY_AGAIN_SECONDS = 60.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0


class Outage:
    """What is known of one thing's absence, for everybody in this process who needs it.

    Args:
        name: for the log.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._since = self._said = self._try_again = 0.0
        self._wait = FIRST_WAIT

    @property
    def away(self) -> bool:
        """Whether it did not answer last time, and is not to be asked again yet."""
        return bool(self._since) and time.monotonic() < self._try_again

    def failed(self, error: Exception) -> float:
        """It did not answer; returns in how many seconds it may be asked again."""
        with self._lock:
            now = time.monotonic()
            self._since = self._since or now
            self._wait = min(self._wait * 2, LONGEST_WAIT)
            self._try_again = now + self._wait
            if not self._said or now - self._said >= SAY_AGAIN_SECONDS:
                self._said = now
                log.warning("outage", what=self.name, seconds=round(now - self._since), error=str(error))
            return self._wait

    def answered(self) -> None:
        """It answers."""
        if not self._since:
            return
        with self._lock:
            if self._since:
                log.warning("outage.over", what=self.name, seconds=round(time.monotonic() - self._since))
            self._since = self._said = self._try_again = 0.0
            self._wait = FIRST_WAIT


redis_server = Outage("redis")
