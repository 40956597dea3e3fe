"""Pages of people signed in, of which what is not one's own is made once for all of the same rights.

An *outline* is a page as it is for **nobody**: rendered for an actor with somebody's rights who is no person
(`Actor.nobody`), with places left open. Nothing of a person can come into it, because the making knows of none. For each
request the places are filled by functions that ask who reads; the token of the session is a place, too. An outline
is found by everything it was made from (address, language, theme, rights) and is valid as long as its source says what it
said before it was made, exactly as guests' pages are (`web.kept`).

What a person sees that others of the same rights may not (a discussion of a private group) is not there for nobody:
such a page is made whole, for them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from alliance.core import db, i18n, prepared
from alliance.core.errors import NotFound
from alliance.core.shelves import Shelf
from alliance.web import actors, asking, owned
from alliance.web.actors import Face
from alliance.web.asking import Source

BYTES = 48 * 2**20
SECONDS = 600  # what a page says of "now" is not older than this
_OPEN = re.compile("\x02([0-9]+):([^\x02]*)\x02")  # no page holds these otherwise: texts are kept without control characters
TOKEN = "\x03token\x03"  # noqa: S105 - a place for one: in pieces made once for everybody; whoever puts them into a page puts the token in
Group = Callable[..., Mapping[str, str]]
_fillers: dict[str, Callable[..., Any]] = {}


@dataclass(slots=True)
class _Making:
    """An outline being made: what will fill its places."""

    groups: list[tuple[Group, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Outline:
    """A page in pieces; between them stands `places[n]` = (group, key)."""

    stamp: tuple[Any, ...]
    made: float
    pieces: list[str]
    places: list[tuple[int, str]]
    groups: list[tuple[Group, dict[str, Any]]]

    def filled(self) -> str:
        """The page of whoever makes the present request."""
        found = [group(**context) for group, context in self.groups]
        parts = [self.pieces[0]]
        for (group, key), piece in zip(self.places, self.pieces[1:], strict=True):
            parts += (found[group].get(key, ""), piece)
        return "".join(parts)

    def weight(self) -> int:
        """Bytes it holds, about."""
        return 2 * sum(map(len, self.pieces)) + 100 * len(self.places) + 1000


shelf: Shelf[Outline] = Shelf(BYTES, Outline.weight)
db.when_replaced(shelf.clear)


def filler(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: `function(**context)` gives what stands at the places `own_part(name, …)` of templates; text is escaped."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _fillers[name] = function
        return function

    return register


def own(name: str, **context: Any) -> Markup:
    """In a template: what is the reader's own. The context must be of the page, not of the reader, and stay true as long as it."""
    making = _making()
    if making is None:
        return escape(_fillers[name](**context))
    making.groups.append((_alone, {"name": name, "context": context}))
    return Markup(f"\x02{len(making.groups) - 1}:\x02")  # noqa: S704 - our own mark


def several(function: Group, **context: Any) -> Callable[[Any], Markup]:
    """Many places filled by one call: `function(**context) -> {key: HTML}`; returns what gives the place of a key."""
    making = _making()
    if making is None:
        found = function(**context)
        return lambda key: Markup(found.get(str(key), ""))  # noqa: S704 - made by templates, which escape
    making.groups.append((function, context))
    number = len(making.groups) - 1
    return lambda key: Markup(f"\x02{number}:{key}\x02")  # noqa: S704


def _alone(name: str, context: dict[str, Any]) -> Mapping[str, str]:
    return {"": str(escape(_fillers[name](**context)))}


def _making() -> _Making | None:
    making: _Making | None = g.get("outline")
    return making


def page(source: Source, thing: int | None, make: Callable[[], Any]) -> Any:
    """The page of a person signed in.

    Args:
        source: what the page depends on, besides its reader.
        thing: the parameter of its query.
        make: renders it, by the actor of the present request (`current_actor`).
    """
    actor, face = actors.current_actor(), actors.me()
    if face is None or actor.scope is not None or request.method not in {"GET", "HEAD"}:
        return make()
    stamp = asking.stamp(source, *(() if thing is None else (thing,)))
    if stamp is None:
        return make()
    theme = request.cookies.get("theme", "")
    key = (request.path, request.query_string, i18n.current_locale(), theme, request.is_secure, actor.nobody, face.reading_order)
    outline = shelf.get(key)
    if outline is None or outline.stamp != stamp or time.monotonic() - outline.made > SECONDS:
        outline = _outline(stamp, make)
        if outline is None:
            return make()
        shelf.put(key, outline)
    owned.allow()
    with prepared.one_connection():
        return outline.filled()


def _outline(stamp: tuple[Any, ...], make: Callable[[], Any]) -> Outline | None:
    """Make a page for nobody; None when it is none for all of the same rights (not there, an error, a way elsewhere)."""
    reader, face = g.actor, g.me
    making, before = _Making([]), set(g)
    g.actor, g.me, g.outline = reader.nobody, Face(0, "", "", face.interface_language, face.reading_order), making
    try:
        made = make()
    except NotFound:
        return None
    finally:
        g.actor, g.me, g.outline = reader, face, None
        noted = set(g) - before - {"outline"}  # of nobody, and not to be believed of the reader
        for name in noted:
            g.pop(name)
    html = made[0] if isinstance(made, tuple) and made[1] == 200 else made
    if not isinstance(html, str) or "csrf_token" in noted:
        return None  # the token of a session would be in it
    cut = _OPEN.split(html)
    places = [(int(group), key) for group, key in zip(cut[1::3], cut[2::3], strict=True)]
    return Outline(stamp, time.monotonic(), cut[::3], places, making.groups)


@filler("token")
def token() -> str:
    """The token of the session."""
    return str(generate_csrf())


@filler("name")
def name() -> str:
    """The name of the person."""
    face = actors.me()
    return face.name if face is not None else ""


@filler("handle")
def handle() -> str:
    """The handle of the person."""
    face = actors.me()
    return face.handle if face is not None else ""
