"""One thread that waits for all open sockets of a process: none of them costs a thread, and none can hold up another."""

from __future__ import annotations

import functools
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)
TICK = 1.0
READ_BYTES = 65_536
# What a reader may be behind; whoever is further has a link that is too slow just now, and catches up after it connects anew.
PENDING_BYTES = 512 * 1024
KERNEL_BYTES = 128 * 1024
ENDING_SECONDS = 5.0


class Owner(Protocol):
    """Who is told what happens to a connection (in the thread of the loop)."""

    def arrived(self, data: bytes) -> None:
        """Bytes came."""

    def gone(self) -> None:
        """The connection has ended."""

    def ticked(self, now: float) -> None:
        """A second has passed."""


class Link:
    """A connection the loop looks after; may be written to from any thread."""

    __slots__ = ("_ending_at", "_lock", "_loop", "_out", "_pending", "_watched", "dead", "owner", "sock")

    def __init__(self, loop: Loop, sock: socket.socket, owner: Owner) -> None:
        self._loop = loop
        self.sock = sock
        self.owner = owner
        self.dead = False
        self._lock = threading.Lock()
        self._out: deque[memoryview] = deque()
        self._pending = 0
        self._ending_at = 0.0
        self._watched = selectors.EVENT_READ
        sock.setblocking(False)
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)

    def write(self, data: bytes) -> None:
        """Send at once what the network takes, and the rest when it can."""
        with self._lock:
            if self.dead or self._ending_at:
                return
            rest = data if self._out else data[self._sent(data) :]
            if not rest:
                return
            self._out.append(memoryview(rest))
            self._pending += len(rest)
            slow = self._pending > PENDING_BYTES
        self._loop.call(self._drop if slow else self._watch)

    def _sent(self, data: bytes | memoryview) -> int:
        try:
            return self.sock.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._loop.call(self._drop)
            return len(data)

    def end(self) -> None:
        """Close, after what is still to be sent (any thread)."""
        self._ending_at = self._ending_at or time.monotonic() + ENDING_SECONDS
        self._loop.call(self._end_when_empty)

    def _end_when_empty(self) -> None:
        if not self._out:
            self._drop()

    def _watch(self) -> None:
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._out else 0)
        if wanted != self._watched and self._loop.holds(self):
            self._watched = wanted
            self._loop.selector.modify(self.sock, wanted, self)

    def _drop(self) -> None:
        """Close now (the loop's thread)."""
        with self._lock:
            if self.dead:
                return
            self.dead = True
            self._out.clear()
        self._loop.forget(self)
        self.sock.close()
        self.owner.gone()

    def ready(self, events: int) -> None:
        """The network has, or takes, something (the loop's thread)."""
        if events & selectors.EVENT_WRITE:
            self._flush()
        if events & selectors.EVENT_READ and not self.dead:
            try:
                data = self.sock.recv(READ_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._drop()
            elif not self._ending_at:
                self.owner.arrived(data)

    def _flush(self) -> None:
        with self._lock:
            while self._out and not self.dead:
                sent = self._sent(self._out[0])
                self._pending -= sent
                if sent < len(self._out[0]):
                    self._out[0] = self._out[0][sent:]
                    break
                self._out.popleft()
        self._watch()
        if self._ending_at:
            self._end_when_empty()

    def tick(self, now: float) -> None:
        """A second has passed (the loop's thread)."""
        if self._ending_at and now > self._ending_at:
            self._drop()
        elif not self._ending_at:
            self.owner.ticked(now)


class Loop:
    """The thread, which begins with the first connection (so, after the server has forked)."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self._links: set[Link] = set()
        self._calls: deque[Callable[[], None]] = deque()
        self._wake_out, self._wake_in = os.pipe()
        os.set_blocking(self._wake_out, False)
        os.set_blocking(self._wake_in, False)
        self.selector.register(self._wake_out, selectors.EVENT_READ, None)
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def add(self, link: Link) -> None:
        """Look after a connection from now on (any thread)."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sockets", daemon=True)
                self._thread.start()
        self.call(lambda: self._added(link))

    def _added(self, link: Link) -> None:
        if not link.dead:
            self._links.add(link)
            self.selector.register(link.sock, selectors.EVENT_READ, link)
            link.ready(selectors.EVENT_WRITE)

    def holds(self, link: Link) -> bool:
        """Whether a connection is being looked after."""
        return link in self._links

    def forget(self, link: Link) -> None:
        """A connection has ended."""
        if link in self._links:
            self._links.discard(link)
            self.selector.unregister(link.sock)

    def call(self, act: Callable[[], None]) -> None:
        """Have something done in the loop's thread."""
        self._calls.append(act)
        with suppress(BlockingIOError, OSError):
            os.write(self._wake_in, b"1")

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        self.call(lambda: None)

    def _run(self) -> None:
        ticked = time.monotonic()
        while not self._stopped:
            for key, events in self.selector.select(TICK):
                if key.data is None:
                    with suppress(BlockingIOError):
                        os.read(self._wake_out, 4096)
                else:
                    self._guarded(functools.partial(key.data.ready, events))
            while self._calls:
                self._guarded(self._calls.popleft())
            now = time.monotonic()
            if now - ticked >= TICK:
                ticked = now
                for link in list(self._links):
                    self._guarded(functools.partial(link.tick, now))

    @staticmethod
    def _guarded(act: Callable[[], None]) -> None:
        try:
            act()
        except Exception:  # one connection must not end the others
            log.exception("sockets.loop_failed")
