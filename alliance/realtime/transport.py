"""One Engine.IO WebSocket over the loop: bounded in what it may send, hold and wait for.

Messages are worked on by a few threads, one message of a connection at a time, in order; what is told to many is put
into a frame once.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import structlog

from alliance.core import db
from alliance.realtime import frames
from alliance.realtime.loop import Link

if TYPE_CHECKING:
    from alliance.realtime.engine import Engine

log = structlog.get_logger(__name__)
# What a connection may send: so many messages at once, and so many a second on average; beyond that it is cut off.
BURST, PER_SECOND = 400.0, 8.0
INBOX_BYTES = 128 * 1024
MAX_BROKEN = 3
# To say who one is (Socket.IO's CONNECT) after the connection is open.
HELLO_SECONDS = 20.0
PONG = "3"
PING_FRAME = frames.frame(b"2")


class LiveSocket:
    """One WebSocket, with the face of an `engineio.Socket`."""

    upgraded = connected = True
    upgrading = False

    def __init__(self, engine: Engine, sid: str, sock: socket.socket, deflate: bool) -> None:
        self.server = engine
        self.sid = sid
        self.session: dict[str, Any] = {}
        self.closed = self.closing = False
        self.link = Link(engine.loop, sock, self)
        self._deflate = deflate
        self._reader = frames.Reader(engine.max_http_buffer_size, deflate)
        self._inbox: deque[str | None] = deque()
        self._inbox_bytes = 0
        self._lock = threading.Lock()
        self._working = False
        self._greeted = False
        self._broken = 0
        self._allowed, self._counted = BURST, time.monotonic()
        self._opened = self._heard = self._counted
        self._pinged = 0.0

    def send(self, pkt: Any) -> None:
        """Send a packet; its frame is made once for all who get it."""
        if not self.closed:
            self.link.write(_framed(pkt, self._deflate))

    def check_ping_timeout(self) -> bool:
        """The loop looks after that."""
        return not self.closed

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """End the connection; what was sent before is still delivered."""
        with self._lock:
            if self.closing:
                return
            self.closing = True
        self.server.disconnected(self.sid, reason or self.server.reason.SERVER_DISCONNECT)
        self.closed = True
        self.link.end()

    def complain(self, words: str) -> None:
        """Tell the client what is wrong."""
        text = "42" + json.dumps(["error", {"error": words}], separators=(",", ":"))
        self.link.write(frames.frame(text.encode()))

    def cut_off(self, code: int, words: str) -> None:
        """Tell the client what is wrong, and end."""
        self.complain(words)
        self.link.write(frames.closing(code))
        self.link.end()

    def arrived(self, data: bytes) -> None:
        """Bytes came."""
        try:
            for opcode, payload in self._reader.feed(data):
                self._frame(opcode, payload)
        except frames.Unacceptable as error:
            self.cut_off(error.code, "this message is too large" if error.code == frames.TOO_BIG else "this is not a WebSocket message")

    def gone(self) -> None:
        """The connection has ended."""
        self._put(None)

    def ticked(self, now: float) -> None:
        """Ask for a sign of life from time to time; end what gives none, or never said who it is."""
        silent = not self._greeted and now - self._opened > HELLO_SECONDS
        if silent or (self._pinged and now - self._pinged > self.server.ping_timeout):
            self.link.end()
        elif not self._pinged and now - self._heard > self.server.ping_interval:
            self._pinged = now
            self.link.write(PING_FRAME)

    def _frame(self, opcode: int, payload: bytes) -> None:
        self._heard, self._pinged = time.monotonic(), 0.0
        if not self._within_rate():
            self.cut_off(frames.BREACH, "too many messages")
        elif opcode == frames.PING:
            self.link.write(frames.frame(payload, frames.PONG))
        elif opcode == frames.CLOSE:
            self.link.write(frames.closing(1000))
            self.link.end()
        elif opcode == frames.BINARY:
            self._refuse()
        elif opcode == frames.TEXT:
            try:
                self._packet(payload.decode())
            except UnicodeDecodeError as error:
                raise frames.Unacceptable(frames.BAD_TEXT) from error

    def _within_rate(self) -> bool:
        self._allowed = min(BURST, self._allowed + (self._heard - self._counted) * PER_SECOND) - 1
        self._counted = self._heard
        return self._allowed >= 0

    def _packet(self, text: str) -> None:
        """One Engine.IO packet: only messages are work, and those with attachments are nothing of ours."""
        kind, rest = text[:1], text[1:]
        if kind == "4" and rest[:1] not in {"5", "6", ""}:
            self._put(rest)
        elif kind == "2":
            self.link.write(frames.frame((PONG + rest).encode()))
        elif kind == "1":
            self.link.end()
        elif kind not in {PONG, "5", "6"}:
            self._refuse()

    def _refuse(self) -> None:
        self._broken += 1
        if self._broken > MAX_BROKEN:
            self.cut_off(frames.BREACH, "this is not Socket.IO")
        else:
            self.complain("this is not Socket.IO")

    def _put(self, text: str | None) -> None:
        """Have it worked on, behind what came before; None is the end."""
        size = len(text or "")
        with self._lock:
            if text is not None and self._inbox_bytes + size > INBOX_BYTES:
                flooded = True
            else:
                flooded = False
                self._inbox.append(text)
                self._inbox_bytes += size
                begin, self._working = not self._working, True
        if flooded:
            self.cut_off(frames.BREACH, "too many messages")
        elif begin:
            self.server.work(self._drain)

    def _drain(self) -> None:
        while True:
            with self._lock:
                if not self._inbox:
                    self._working = False
                    return
                text = self._inbox.popleft()
                self._inbox_bytes -= len(text or "")
            if text is None:
                self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            elif not self.closing:
                self._handle(text)

    def _handle(self, text: str) -> None:
        try:
            self.server.handlers["message"](self.sid, text)
            self._greeted = self._greeted or text.startswith("0")
        except Exception as error:  # whatever a parser makes of garbage; handlers answer their own mistakes
            log.info("socket.garbage", error=type(error).__name__)
            self._refuse()
        finally:
            db.release()


def _framed(pkt: Any, deflate: bool) -> bytes:
    """The frame of a packet, kept with it."""
    name = "frame_deflated" if deflate else "frame_plain"
    known: bytes | None = pkt.__dict__.get(name)
    if known is None:
        known = frames.frame(pkt.encode(b64=True).encode(), deflate=deflate)
        pkt.__dict__[name] = known
    return known
