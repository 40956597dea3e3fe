"""Telling whoever waits for news that there is some: in this process, in the one beside it, and through Redis in the others.

Only ever a hint: every waiter also looks by itself after its timeout, so a lost signal costs at most that long.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from alliance.core.channels import Channel

CHANNEL = "alliance:wake"
_waiters: list[threading.Event] = []
_remote: list[Channel] = []
_followed: list[str] = []
_beside: list[socket.socket] = []


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
    for channel in _remote:
        channel.say(b"1")
    for other in _beside:
        with suppress(OSError):  # full: there are signals enough in it; closed: the other one looks by itself
            other.send(b"1", socket.MSG_DONTWAIT)


def _wake_here(_message: bytes = b"") -> None:
    for flag in list(_waiters):
        flag.set()


def connect(url: str) -> None:
    """Pass signals to and from other processes through the Redis at `url` ("" = only this process)."""
    for channel in _remote:
        channel.stop()
    _followed.clear()
    _remote[:] = [Channel(url, CHANNEL, _wake_here, _wake_here)] if url else []


def follow(url: str) -> None:
    """Hear the signals of other processes through the Redis at `url`, from a thread of this process (one is enough)."""
    if url and url not in _followed:
        _followed.append(url)
        for channel in _remote:
            channel.follow()


def pair(mine: socket.socket) -> None:
    """Pass signals to and from the process that holds the other end of this pair of datagram sockets."""
    _beside[:] = [mine]
    threading.Thread(target=_hear, args=(mine,), name="wake", daemon=True).start()


def _hear(mine: socket.socket) -> None:
    while mine.recv(1):
        _wake_here()
