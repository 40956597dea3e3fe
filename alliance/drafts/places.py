"""Where one writes: "d:45" a reply in discussion 45, "s:c1" a discussion to be opened in space c1, "p:123" post 123 being edited.

What a place is called is known by the room it belongs to, which stands above this one and says so with `naming`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.policy import Actor

_PLACE = re.compile(r"([dp]):([1-9][0-9]{0,9})|(s):([a-z0-9][a-z0-9-]{0,59})")
_ADDRESSES = {"d": "/d/{}#reply", "s": "/action-lines/{}/new", "p": "/p/{}/edit"}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as shown: what is done there, the title of the thing, the language of the title, and whether one may go there."""

    label: str
    title: str = ""
    language: str | None = None
    is_open: bool = True


Namer = Callable[[Actor, Sequence[str]], Mapping[str, Spot]]
_namers: dict[str, Namer] = {}


def naming(kind: str) -> Callable[[Namer], Namer]:
    """Decorator: `function(actor, keys) -> {key: Spot}` for places of a kind; what one may not see is left out."""

    def register(function: Namer) -> Namer:
        _namers[kind] = function
        return function

    return register


def check(place: str) -> str:
    """The place, when it is written as one.

    Raises:
        NotFound: it is not.
    """
    if _PLACE.fullmatch(place) is None:
        raise NotFound
    return place


def address(place: str) -> str:
    """The page with the form of a place."""
    kind, _colon, key = check(place).partition(":")
    return _ADDRESSES[kind].format(key)


def described(actor: Actor, places: Sequence[str]) -> dict[str, Spot]:
    """Places as the actor may see them."""
    keys: dict[str, list[str]] = {}
    for place in places:
        kind, _colon, key = place.partition(":")
        keys.setdefault(kind, []).append(key)
    known = {f"{kind}:{key}": spot for kind, found in keys.items() for key, spot in _named(actor, kind, found).items()}
    return {place: known.get(place) or Spot(_("A place that is not open to you (any more)"), is_open=False) for place in places}


def _named(actor: Actor, kind: str, keys: list[str]) -> Mapping[str, Spot]:
    return _namers[kind](actor, keys) if kind in _namers else {}
