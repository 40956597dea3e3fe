"""What can wait for a decision in the review queue: a registry that any room may fill.

A room declares a kind once, with what may be decided about its things and the functions that do it, and publishes
`events.ReviewAsked(kind, id, …)` in the transaction in which such a thing begins to wait (`events.ReviewEnded` when it was
decided elsewhere or is no more). The review queue itself lives in `moderation`, which no lower room knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Shown:
    """A thing in the queue, as a moderator may see it: one line, where it is, its text (rendered HTML, or plain when `plain`); why that
    moderator does not decide it, if so (`barred`).
    """

    title: str
    url: str
    html: str = ""
    plain: str = ""
    language: str | None = None
    facts: Sequence[str] = ()
    barred: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody decides: by whom (an actor), of which item, with which words; `text` is a new text where one is given."""

    actor: Any
    item: Any
    code: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that may be decided.

    Attributes:
        label: on the button.
        act: does it, inside the transaction; it writes whatever the room itself has to.
        undo: takes it back within 24 hours; None when that cannot be done.
        reasoned: whether a reason has to be given.
        kind: of the button (primary, danger or "").
        logged: the act in the public log, "" where `act` writes it or nothing is to be written.
    """

    label: Any
    act: Callable[[Ruling], None]
    undo: Callable[[Ruling], None] | None = None
    reasoned: bool = True
    kind: str = ""
    logged: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of things that wait.

    `shown(actor, ids)` gives what is to be seen of the things with these ids, in a number of queries that does not grow with them.
    """

    name: str
    label: Any
    decisions: Mapping[str, Decision]
    shown: Callable[[Any, Sequence[Any]], Mapping[int, Shown]]
    audience: str = "moderators"
    bulk: Sequence[str] = field(default_factory=tuple)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Declare a kind."""
    _kinds[kind.name] = kind
    return kind


def kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    return dict(_kinds)


def kind(name: str) -> Kind | None:
    """A kind; None when there is none of that name (any more)."""
    return _kinds.get(name)
