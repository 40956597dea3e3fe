"""Who makes the request: found once, by the loader that `accounts` installs, and kept for the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g

from alliance.policy import Actor

Loader = Callable[[], tuple[Actor, Any]]
_loader: list[Loader] = []


def install(loader: Loader) -> Loader:
    """Decorator: `loader() -> (actor, person or None)` finds who makes the present request."""
    _loader[:] = [loader]
    return loader


def load_actor() -> None:
    """Find out who asks (before every request)."""
    g.actor, g.me = _loader[0]() if _loader else (Actor.guest(), None)


def current_actor() -> Actor:
    """Whoever makes the present request."""
    actor: Actor = g.get("actor") or Actor.guest()
    return actor


def me() -> Any:
    """The person signed in (accounts' row), or None."""
    return g.get("me")
