"""Every process follows the event log by itself and tells the sockets it holds.

Nothing is announced through a message queue, so nothing is lost with one: whatever was committed is in the log, and
a process that was away reads on. A subscriber is told each event exactly once: joining (with what was missed up to the
position) and telling (what lies behind it) exclude each other.

What ends somebody's right to listen stands in the log too, so it is heeded before anything that came after it. And
before every delivery the listeners are asked for who may still see the discussion.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from alliance import events
from alliance.core import db, i18n, outbox, wake
from alliance.core.outage import Outage
from alliance.core.outbox import Recorded
from alliance.realtime.payloads import KINDS, News, news

log = structlog.get_logger(__name__)
BATCH = 200
POLL_SECONDS = 0.5
REST_SECONDS = 0.02
PERSONAL = events.PersonNotified.__name__
WATCHERS = events.WatchersNotified.__name__
ABOUT_PEOPLE = {one.__name__ for one in (events.PersonChanged, events.PersonSignedOut, events.TokenRevoked, events.MembershipChanged)}
GROUP = events.GroupChanged.__name__
# The database does not answer: nothing is passed over, it is told when it does.
AWAY = (OperationalError, InterfaceError)
Emit = Callable[[str, str, dict[str, object]], None]


def room(discussion_id: int, language: str) -> str:
    """The room of those who read a discussion in a language."""
    return f"discussion:{discussion_id}:{language}"


def person_room(person_id: int) -> str:
    """The room of all sockets of a person."""
    return f"person:{person_id}"


@dataclass(frozen=True)
class Readers:
    """What the tail asks about those who have a socket here.

    Attributes:
        unread: the number of unread notifications of a person.
        unread_of_told: the same of all who have a socket here and were told of an event, by person.
        check: (discussion) ends delivery to those who may not see it any more.
        changed: (event about a person) ends what that person may not have any more.
        here: whether a person has a socket here.
    """

    unread: Callable[[int], int]
    unread_of_told: Callable[[int], dict[int, int]]
    check: Callable[[int], None]
    changed: Callable[[Any], None]
    here: Callable[[int], bool]


class Tail:
    """The place in the log this process has told its sockets up to.

    Args:
        emit: (event name, room, data) to the sockets of this process.
        readers: about those who have them.
    """

    def __init__(self, emit: Emit, readers: Readers) -> None:
        self.lock = threading.RLock()
        self.position = 0
        self.listening: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._emit = emit
        self._readers = readers
        self._outage = Outage("database (sockets)")
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
        return missed(discussion_id, language, since, self.position) if since is not None else []

    def advance(self) -> None:
        """Tell everything up to the end of the log."""
        with self.lock:
            while True:
                newest = outbox.head()
                batch = outbox.read(self.position, BATCH, (*KINDS, PERSONAL, WATCHERS, GROUP, *ABOUT_PEOPLE))
                for record in batch:
                    self._tell(record)
                    self.position = record.id
                if len(batch) < BATCH:
                    self.position = max(self.position, newest)
                    return

    def _tell(self, record: Recorded) -> None:
        """Tell one event; what cannot be told (one bad post must not silence a process) is a reason to reload."""
        kind = type(record.event).__name__
        try:
            if kind in ABOUT_PEOPLE:
                self._readers.changed(record.event)
            elif kind == GROUP:  # rare: whatever is listened to here is asked about anew
                for discussion_id in list(self.listening):
                    self._readers.check(discussion_id)
            elif kind in {PERSONAL, WATCHERS}:
                self._tell_people(record)
            else:
                self._tell_discussion(record)
        except AWAY:
            raise
        except Exception:
            log.exception("realtime.not_told", event_id=record.id)
            db.release()

    def _tell_people(self, record: Recorded) -> None:
        event = record.event
        if type(event).__name__ == WATCHERS:
            counts = self._readers.unread_of_told(event.event_id)
        else:
            counts = {event.person_id: self._readers.unread(event.person_id)} if self._readers.here(event.person_id) else {}
        for person_id, count in counts.items():
            self._emit("notification", person_room(person_id), {"unread": count})

    def _tell_discussion(self, record: Recorded) -> None:
        """First all is read and rendered, once for each language; then all is sent."""
        discussion_id = record.event.discussion_id
        if discussion_id not in self.listening:
            return
        self._readers.check(discussion_id)
        told = [(language, _rendered(record, language)) for language in list(self.listening.get(discussion_id, ()))]
        for language, one in told:
            if one is not None:
                self._emit(one.name, room(discussion_id, language), one.data)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._flag.wait(POLL_SECONDS)
            self._flag.clear()
            began = time.monotonic()
            try:
                self.advance()
                self._outage.answered()
            except AWAY as error:  # the log waits
                self._stop.wait(self._outage.failed(error))
            except Exception:
                log.exception("realtime.tail_failed")
                self._stop.wait(1.0)
            finally:
                db.release()
            # Where much is written, what comes in the meantime is told together.
            self._stop.wait(min(REST_SECONDS, time.monotonic() - began))


def missed(discussion_id: int, language: str, since: int, position: int) -> list[News] | None:
    """What was told of a discussion between two cursors; None when that is too much, or `since` is of another log."""
    if since > position and since > outbox.head():
        return None
    found = outbox.read(since, BATCH + 1, KINDS, discussion_id)
    if len(found) > BATCH:
        return None
    told = [_rendered(record, language) for record in found if record.id <= position]
    return [one for one in told if one is not None]


def _rendered(record: Recorded, language: str) -> News | None:
    """The news of an event; where a post cannot be shown, that something changed."""
    try:
        with i18n.use_locale(language):
            return news(record, language)
    except AWAY:
        raise
    except Exception:
        log.exception("realtime.not_rendered", event_id=record.id)
        db.release()
        event = record.event
        return News("discussion.changed", {"id": event.discussion_id, "discussion": event.discussion_id, "cursor": record.id})
