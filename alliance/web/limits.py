"""Rate limits: in memory for one process, in Redis for many."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from flask import request
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from alliance.core.errors import TooMany
from alliance.core.settings import Settings
from alliance.web.actors import current_actor

View = TypeVar("View", bound=Callable[..., Any])
_limiter: list[MovingWindowRateLimiter] = []


def connect(settings: Settings) -> None:
    """Choose where counts are kept; none are when limits are off."""
    _limiter.clear()
    if settings.rate_limits:
        _limiter.append(MovingWindowRateLimiter(storage_from_string(settings.redis_url or "memory://")))


def check(name: str, key: str, rate: str) -> None:
    """Count one use of `name` by `key`.

    Args:
        name: what is limited.
        key: by whom: an address, a person, an e-mail address.
        rate: such as "10/hour".

    Raises:
        TooMany: the rate is used up.
    """
    for limiter in _limiter:
        rule = parse(rate)
        if not limiter.hit(rule, name, key):
            reset = limiter.get_window_stats(rule, name, key).reset_time
            raise TooMany(max(1, math.ceil(reset - time.time())))


def caller(by: Literal["person", "address"] = "person") -> str:
    """The key of whoever makes the present request."""
    actor = current_actor()
    if by == "person" and actor.person_id is not None:
        return f"person:{actor.person_id}"
    return f"address:{request.remote_addr}"


def limit(
    rate: str, by: Literal["person", "address"] = "person", methods: tuple[str, ...] = ("POST", "PUT", "PATCH", "DELETE")
) -> Callable[[View], View]:
    """Decorator of a view: at most `rate` requests with these methods by one person (guests: address)."""

    def decorate(view: View) -> View:
        name = f"{view.__module__}.{view.__name__}"

        @functools.wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            if request.method in methods:
                check(name, caller(by), rate)
            return view(*args, **kwargs)

        return limited  # type: ignore[return-value]

    return decorate
