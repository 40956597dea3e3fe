"""Who makes the request: found once, by the loader that `accounts` installs, and kept for the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import g

from alliance.policy import Actor


@dataclass(frozen=True, slots=True)
class Face:
    """What every page needs to know of the person signed in; `accounts` reads the rest."""

    id: int
    name: str
    handle: str
    interface_language: str
    reading_order: str
    role: str = "participant"
    epoch: int = 0
    confirmed: bool = True
    suspended: bool = False
    silenced: bool = False
    two_step: bool = False
    sign_in: str = field(default="", compare=False)  # of the session, not of the person
    own_version: int = field(default=0, compare=False)


Loader = Callable[[], tuple[Actor, Face | None]]
_loader: list[Loader] = []


def install(loader: Loader) -> Loader:
    """Decorator: `loader() -> (actor, face or None)` finds who makes the present request."""
    _loader[:] = [loader]
    return loader


def load_actor() -> None:
    """Find out who asks (before every request)."""
    g.actor, g.me = _loader[0]() if _loader else (Actor.guest(), None)


def current_actor() -> Actor:
    """Whoever makes the present request."""
    actor: Actor = g.get("actor") or Actor.guest()
    return actor


def me() -> Face | None:
    """The person signed in, or None."""
    face: Face | None = g.get("me")
    return face
