"""Who is here, and who is writing: nothing that is kept, only what the processes tell each other.

Each process counts its own sockets and tells the others through Redis, when something changed and every
`REFRESH_SECONDS`; a process that is not heard of for `FORGET_SECONDS` is forgotten with all its readers. With one
process, or while Redis is away, each tells its own. Readers are told at most every `PAUSE_SECONDS` in a discussion,
less often where there are many.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from alliance.core import db
from alliance.core.channels import Channel
from alliance.discussions import masks
from alliance.realtime import connections
from alliance.realtime.connections import Connection

log = structlog.get_logger(__name__)
CHANNEL = "alliance:presence"
PAUSE_SECONDS = 2.0
# Telling a thousand readers that one came is not worth more than a message of each in ten seconds.
CROWD, CROWD_PAUSE_SECONDS = 100, 10.0
REFRESH_SECONDS = 20.0
FORGET_SECONDS = 60.0
TYPING_SECONDS = 3.0
NAMED = 20
# (event, data, readers of a discussion that are to be told)
Tell = Callable[[str, dict[str, Any], int, list[Connection] | None], None]
People = dict[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Here:
    """Who reads a discussion through one process."""

    people: People
    guests: int
    at: float = field(default=0.0, compare=False)


NOBODY = Here({}, 0)


def counted(discussion_id: int) -> Here:
    """Who reads a discussion through this process. Whoever wants not to be seen is not counted at all."""
    people: People = {}
    guests = 0
    for one in connections.in_discussion(discussion_id):
        if one.actor.person_id is None:
            guests += 1
        elif one.shown:
            people[one.actor.person_id] = (one.handle, one.name)
    return Here(people, guests)


class Board:
    """What this process knows of everybody's presence.

    Args:
        tell: tells the readers of a discussion in this process.
        url: of Redis; "" with one process.
    """

    def __init__(self, tell: Tell, url: str = "") -> None:
        self.me = secrets.token_hex(6)
        self._tell = tell
        self._elsewhere: dict[tuple[int, str], Here] = {}
        self._told: dict[int, tuple[float, Here | None]] = {}
        self._said: dict[int, tuple[float, Here]] = {}
        self._changed: set[int] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._channel = Channel(url, CHANNEL, self.hear, self._ask) if url else None

    def start(self) -> None:
        """Tell and listen from now on."""
        if self._channel:
            self._channel.follow()
        threading.Thread(target=self._run, name="presence", daemon=True).start()

    def stop(self) -> None:
        """No more."""
        self._stop.set()
        if self._channel:
            self._say({"gone": True})
            self._channel.stop()

    def changed(self, discussion_id: int, newcomer: bool = False) -> None:
        """Somebody came or went; a newcomer is to be told even when the numbers stay."""
        with self._lock:
            self._changed.add(discussion_id)
            if newcomer and discussion_id in self._told:
                self._told[discussion_id] = (self._told[discussion_id][0], None)

    def typing(self, one: Connection, discussion_id: int) -> None:
        """Somebody is writing: tell those who want to know, here and elsewhere."""
        now = time.monotonic()
        if not one.typing or now - one.typed < TYPING_SECONDS:
            return
        one.typed = now
        word = {"typing": discussion_id, "person": one.actor.person_id, "handle": one.handle, "name": one.name}
        self._typed(word)
        self._say(word)

    def hear(self, message: bytes) -> None:
        """What another process says."""
        word = json.loads(message)
        sender = word.pop("from")
        if sender == self.me:
            return
        if "typing" in word:
            self._typed(word)
        elif word.get("ask"):
            with self._lock:
                self._said.clear()
        elif word.get("gone"):
            self._forget(lambda key, _here: key[1] == sender)
        else:
            people = {int(key): (value[0], value[1]) for key, value in word["people"].items()}
            with self._lock:
                self._elsewhere[word["here"], sender] = Here(people, word["guests"], time.monotonic())
                self._changed.add(word["here"])

    def here(self, discussion_id: int) -> Here:
        """Everybody who reads a discussion, through whichever process."""
        own = counted(discussion_id)
        people, guests = dict(own.people), own.guests
        with self._lock:
            others = [here for (discussion, _sender), here in self._elsewhere.items() if discussion == discussion_id]
        for other in others:
            people |= other.people
            guests += other.guests
        return Here(people, guests)

    def tick(self, now: float) -> None:
        """Tell the others what changed here, and readers what changed anywhere."""
        self._forget(lambda _key, here: now - here.at > FORGET_SECONDS)
        mine = connections.discussions()
        for discussion_id in mine | set(self._said):
            self._say_own(discussion_id, now)
        with self._lock:
            waiting = list(self._changed)
        for discussion_id in waiting:
            readers = len(connections.in_discussion(discussion_id))
            before, shown = self._told.get(discussion_id, (0.0, None))
            if not readers:
                self._done(discussion_id, None)
            elif now - before >= (CROWD_PAUSE_SECONDS if readers > CROWD else PAUSE_SECONDS):
                here = self.here(discussion_id)
                self._done(discussion_id, (now, here))
                if here != shown:
                    self._tell("presence", _message(discussion_id, here, named=not masks.hides(discussion_id)), discussion_id, None)

    def _done(self, discussion_id: int, told: tuple[float, Here] | None) -> None:
        with self._lock:
            self._changed.discard(discussion_id)
            if told is None:
                self._told.pop(discussion_id, None)
            else:
                self._told[discussion_id] = told

    def _say_own(self, discussion_id: int, now: float) -> None:
        if self._channel is None:
            return
        own = counted(discussion_id)
        said_at, said = self._said.get(discussion_id, (0.0, NOBODY))
        if own == said and (now - said_at < REFRESH_SECONDS or own == NOBODY):
            if own == NOBODY:
                self._said.pop(discussion_id, None)
            return
        if self._say({"here": discussion_id, "people": dict(list(own.people.items())[:500]), "guests": own.guests}):
            self._said[discussion_id] = (now, own)

    def _say(self, word: dict[str, Any]) -> bool:
        return self._channel is not None and self._channel.say(json.dumps({"from": self.me, **word}).encode())

    def _ask(self) -> None:
        """This process has begun to listen: have the others say how it stands, and say it to them."""
        with self._lock:
            self._said.clear()
        self._say({"ask": True})

    def _typed(self, word: dict[str, Any]) -> None:
        discussion_id = word["typing"]
        curious = [one for one in connections.in_discussion(discussion_id) if one.typing and one.actor.person_id != word["person"]]
        if curious and not masks.hides(discussion_id):
            self._tell("typing", {"discussion": discussion_id, "handle": word["handle"], "name": word["name"]}, discussion_id, curious)

    def _forget(self, which: Callable[[tuple[int, str], Here], bool]) -> None:
        with self._lock:
            for key in [key for key, here in self._elsewhere.items() if which(key, here)]:
                del self._elsewhere[key]
                self._changed.add(key[0])

    def _run(self) -> None:
        while not self._stop.wait(1.0):
            try:
                self.tick(time.monotonic())
            except SQLAlchemyError as error:  # the database may be away for a while; those who wait are told later
                log.info("presence.later", error=type(error).__name__)
            except Exception:  # who is here is not worth a thread's life
                log.exception("presence.failed")
            finally:
                db.release()


def _message(discussion_id: int, here: Here, *, named: bool) -> dict[str, Any]:
    """Who is here; where authors are not named, how many."""
    some = sorted(here.people.values(), key=lambda one: one[1].casefold())[:NAMED] if named else []
    people = [{"handle": handle, "name": name} for handle, name in some]
    return {"discussion": discussion_id, "people": people, "count": len(here.people), "guests": here.guests}
