"""Who has a socket open in this process, and what each listens to."""

from __future__ import annotations

import time
from collections.abc import Iterable

from alliance.policy import Actor

# What one may ask at once, and per second on average; who goes on is told so, and in the end cut off.
BURST, PER_SECOND = 200.0, 4.0
MAX_MISTAKES = 60


class Connection:
    """What is known of one socket.

    Attributes:
        actor: who it is, as the rules know it.
        epoch: of the person's sessions; it moves when all of them are to end.
        handle, name: of the person.
        shown: whether others may see that the person is here.
        typing: whether the person tells, and is told, who is writing.
        subscriptions: discussion → language.
    """

    __slots__ = (
        "_allowed",
        "_counted",
        "_mistakes",
        "actor",
        "epoch",
        "handle",
        "name",
        "shown",
        "sid",
        "subscriptions",
        "typed",
        "typing",
    )

    def __init__(self, sid: str, actor: Actor, epoch: int = 0, handle: str = "", name: str = "") -> None:
        self.sid = sid
        self.actor = actor
        self.epoch = epoch
        self.handle = handle
        self.name = name
        self.shown = self.typing = False
        self.typed = 0.0
        self.subscriptions: dict[int, str] = {}
        self._allowed, self._counted = BURST, time.monotonic()
        self._mistakes = 0

    def within_rate(self) -> bool:
        """Count one message; False when there are too many."""
        now = time.monotonic()
        self._allowed = min(BURST, self._allowed + (now - self._counted) * PER_SECOND)
        self._counted = now
        if self._allowed < 1:
            return False
        self._allowed -= 1
        return True

    def mistaken(self) -> bool:
        """Count a message that could not be used; True when it was one too many."""
        self._mistakes += 1
        return self._mistakes > MAX_MISTAKES


_all: dict[str, Connection] = {}
_in_discussion: dict[int, dict[str, Connection]] = {}
_of_person: dict[int, dict[str, Connection]] = {}


def add(one: Connection) -> None:
    """A socket was opened."""
    _all[one.sid] = one
    if one.actor.person_id is not None:
        _of_person.setdefault(one.actor.person_id, {})[one.sid] = one


def get(sid: str) -> Connection | None:
    """The connection of a socket."""
    return _all.get(sid)


def remove(sid: str) -> Connection | None:
    """A socket was closed; its subscriptions are left to the caller."""
    one = _all.pop(sid, None)
    if one is not None and one.actor.person_id is not None:
        _leave(_of_person, one.actor.person_id, sid)
    return one


def subscribe(one: Connection, discussion_id: int, language: str) -> None:
    """A socket listens to a discussion."""
    one.subscriptions[discussion_id] = language
    _in_discussion.setdefault(discussion_id, {})[one.sid] = one


def unsubscribe(one: Connection, discussion_id: int) -> str | None:
    """A socket listens to a discussion no more; returns in which language it did."""
    _leave(_in_discussion, discussion_id, one.sid)
    return one.subscriptions.pop(discussion_id, None)


def _leave(groups: dict[int, dict[str, Connection]], key: int, sid: str) -> None:
    group = groups.get(key, {})
    group.pop(sid, None)
    if not group:
        groups.pop(key, None)


def in_discussion(discussion_id: int) -> list[Connection]:
    """Those who listen to a discussion."""
    return list(_in_discussion.get(discussion_id, {}).values())


def discussions() -> set[int]:
    """Discussions somebody listens to."""
    return set(_in_discussion)


def of_person(person_id: int) -> list[Connection]:
    """The sockets of a person."""
    return list(_of_person.get(person_id, {}).values())


def count() -> int:
    """How many sockets are open."""
    return len(_all)


def people() -> Iterable[int]:
    """Everybody who has a socket."""
    return list(_of_person)


def clear() -> None:
    """Forget all (another application takes over)."""
    _all.clear()
    _in_discussion.clear()
    _of_person.clear()
