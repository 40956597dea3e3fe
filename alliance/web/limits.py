"""Rate limits: in memory for one process, in Redis for many (while it is away each process counts by itself)."""

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
from redis import RedisError

from alliance.core.errors import TooMany
from alliance.core.outage import redis_server
from alliance.core.settings import Settings
from alliance.web.actors import current_actor

View = TypeVar("View", bound=Callable[..., Any])
SECONDS = 2
# Where counts are kept: the first that answers.
_limiters: list[MovingWindowRateLimiter] = []


def connect(settings: Settings) -> None:
    """Choose where counts are kept; none are when limits are off."""
    _limiters.clear()
    if not settings.rate_limits:
        return
    if settings.redis_url:
        shared = storage_from_string(settings.redis_url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
        _limiters.append(MovingWindowRateLimiter(shared))
    _limiters.append(MovingWindowRateLimiter(storage_from_string("memory://")))


def check(name: str, key: str, rate: str) -> None:
    """Count one use of `name` by `key`.

    Args:
        name: what is limited.
        key: by whom: an address, a person, an e-mail address.
        rate: such as "10/hour".

    Raises:
        TooMany: the rate is used up.
    """
    for shared in _limiters[:-1]:
        if not redis_server.away:
            try:
                _count(shared, name, key, rate)
            except RedisError as error:
                redis_server.failed(error)
            else:
                redis_server.answered()
                return
    for own in _limiters[-1:]:
        _count(own, name, key, rate)


def _count(limiter: MovingWindowRateLimiter, name: str, key: str, rate: str) -> None:
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
