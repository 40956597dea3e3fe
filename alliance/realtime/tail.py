"""Every process follows the event log by itself and tells the sockets it holds.

Nothing is announced through a message queue, so nothing is lost with one: whatever was committed is in the log, and
a process that was away reads on. A subscriber is told each event exactly once: joining (with what was missed up to the
position) and telling (what lies behind it) exclude each other.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable

import structlog

from alliance import events
from alliance.core import db, i18n, outbox, wake
from alliance.core.outbox import Recorded
from alliance.realtime.payloads import KINDS, News, news

log = structlog.get_logger(__name__)
BATCH = 200
POLL_SECONDS = 0.5
PERSONAL = events.PersonNotified.__name__
WATCHERS = events.WatchersNotified.__name__
Emit = Callable[[str, str, dict[str, object]], None]


def room(discussion_id: int, language: str) -> str:
    """The room of those who read a discussion in a language."""
    return f"discussion:{discussion_id}:{language}"


def person_room(person_id: int) -> str:
    """The room of all sockets of a person."""
    return f"person:{person_id}"


class Tail:
    """The place in the log this process has told its sockets up to.

    Args:
        emit: (event name, room, data) to the sockets of this process.
        unread: the number of unread notifications of a person.
        unread_of_told: the same of all who have a socket here and were told of an event, by person.
    """

    def __init__(self, emit: Emit, unread: Callable[[int], int], unread_of_told: Callable[[int], dict[int, int]] | None = None) -> None:
        self.lock = threading.RLock()
        self.position = 0
        self.listening: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._emit = emit
        self._unread = unread
        self._unread_of_told = unread_of_told or (lambda _event_id: {})
        self._stop = threading.Event()
        self._flag = wake.waiter()
        self._thread = threading.Thread(target=self._run, name="tail", daemon=True)

    def start(self) -> None:
        """Begin at the end of the log."""
        self.position = outbox.head()
        db.release()
        self._thread.start()

    def stop(self) -> None:
        """End (the thread is a daemon and needs no waiting for)."""
        self._stop.set()
        self._flag.set()
        wake.forget(self._flag)

    def join(self, discussion_id: int, language: str, since: int | None) -> tuple[int, list[News] | None]:
        """Count a subscriber in; returns the cursor it is at from now on, and what it missed (None: too much, reload).

        The caller holds `lock` and puts the socket into its room before letting go.
        """
        if since is not None and since > self.position:
            self.advance()
        missed = self._missed(discussion_id, language, since)
        self.listening[discussion_id][language] += 1
        return self.position, missed

    def leave(self, discussion_id: int, language: str) -> None:
        """Count a subscriber out."""
        with self.lock:
            self.listening[discussion_id][language] -= 1
            if self.listening[discussion_id][language] <= 0:
                del self.listening[discussion_id][language]
            if not self.listening[discussion_id]:
                del self.listening[discussion_id]

    def _missed(self, discussion_id: int, language: str, since: int | None) -> list[News] | None:
        if since is None:
            return []
        found = outbox.read(since, BATCH + 1, KINDS, discussion_id)
        if len(found) > BATCH:
            return None
        told = [news(record, language) for record in found if record.id <= self.position]
        return [one for one in told if one is not None]

    def advance(self) -> None:
        """Tell everything up to the end of the log."""
        with self.lock:
            while True:
                newest = outbox.head()
                batch = outbox.read(self.position, BATCH, (*KINDS, PERSONAL, WATCHERS))
                for record in batch:
                    self._tell(record)
                    self.position = record.id
                if len(batch) < BATCH:
                    self.position = max(self.position, newest)
                    return

    def _tell(self, record: Recorded) -> None:
        """Tell one event; what cannot be told is logged and passed over (a reload shows it)."""
        try:
            if type(record.event).__name__ == PERSONAL:
                person_id = record.event.person_id
                self._emit("notification", person_room(person_id), {"unread": self._unread(person_id)})
                return
            if type(record.event).__name__ == WATCHERS:
                for person_id, count in self._unread_of_told(record.event.event_id).items():
                    self._emit("notification", person_room(person_id), {"unread": count})
                return
            for language in list(self.listening.get(record.event.discussion_id, ())):
                with i18n.use_locale(language):
                    one = news(record, language)
                if one is not None:
                    self._emit(one.name, room(record.event.discussion_id, language), one.data)
        except Exception:  # one bad post must not silence a whole process
            log.exception("realtime.not_told", event_id=record.id)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._flag.wait(POLL_SECONDS)
            self._flag.clear()
            try:
                if outbox.head() > self.position:
                    self.advance()
            except Exception:  # the database may be away for a while; the log waits
                log.exception("realtime.tail_failed")
                self._stop.wait(1.0)
            finally:
                db.release()
