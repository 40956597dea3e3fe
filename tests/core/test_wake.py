"""Signals that there is news: here, and in the process beside."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from alliance.core import wake


@pytest.fixture
def other() -> Iterator[socket.socket]:
    """The end of the pair that the process beside would hold."""
    mine, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    other.settimeout(10)
    wake.pair(mine)
    yield other
    wake._beside.clear()
    other.send(b"")  # ends the thread that listens
    other.close()


def test_what_is_signalled_here_is_heard_beside(other: socket.socket) -> None:
    flag = wake.waiter()
    wake.signal()
    assert flag.is_set()
    assert other.recv(1) == b"1"
    wake.forget(flag)


def test_what_is_signalled_beside_is_heard_here(other: socket.socket) -> None:
    flag = wake.waiter()
    other.send(b"1")
    assert flag.wait(10)
    wake.forget(flag)


def test_nobody_waits_for_a_process_that_does_not_listen(other: socket.socket) -> None:
    for _ in range(5000):
        wake.signal()
    assert other.recv(1) == b"1"
