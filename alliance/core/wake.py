"""Telling whoever waits for news that there is some: in this process, and through Redis in the others.

Only ever a hint: every waiter also looks by itself after its timeout, so a lost signal costs at most that long.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import redis
import structlog

CHANNEL = "alliance:wake"
log = structlog.get_logger(__name__)
_waiters: list[threading.Event] = []
_remote: list[Any] = []
_followed: list[str] = []


def waiter() -> threading.Event:
    """An event that is set whenever something was published; clear it before looking."""
    flag = threading.Event()
    _waiters.append(flag)
    return flag


def forget(flag: threading.Event) -> None:
    """The waiter is gone."""
    if flag in _waiters:
        _waiters.remove(flag)


def signal() -> None:
    """Something was committed: wake every waiter, here and elsewhere."""
    _wake_here()
    for client in _remote:
        try:
            client.publish(CHANNEL, b"1")
        except redis.RedisError as error:
            log.warning("wake.redis_unreachable", error=str(error))


def _wake_here() -> None:
    for flag in list(_waiters):
        flag.set()


def connect(url: str) -> None:
    """Pass signals to and from other processes through the Redis at `url` ("" = only this process)."""
    _remote.clear()
    _followed.clear()
    if url:
        _remote.append(redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2))


def follow(url: str) -> None:
    """Hear the signals of other processes through the Redis at `url`, from a thread of this process (one is enough)."""
    if url and url not in _followed:
        _followed.append(url)
        threading.Thread(target=_listen, args=(url,), name="wake", daemon=True).start()


def _listen(url: str) -> None:
    client = redis.Redis.from_url(url)
    while url in _followed:
        try:
            with client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                channel.subscribe(CHANNEL)
                for _message in channel.listen():
                    _wake_here()
        except redis.RedisError as error:
            log.warning("wake.redis_unreachable", error=str(error))
            time.sleep(1.0)
