"""An SMTP client that waits for no server longer than it may: one that says a byte a minute, or never comes to an end, is left.

The library's own counts its patience anew with every byte that comes. Here a whole answer has its time and its size.
"""

from __future__ import annotations

import smtplib
import socket
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    _Base = smtplib.SMTP
else:
    _Base = object

MAX_ANSWER = 64 * 2**10
SLOWEST = 20_000  # bytes a second; whoever takes a mail more slowly does not get it
VERDICT = 300.0  # seconds: who sends again because a verdict was slow in coming sends twice


class _Answers:
    """What the server says, line by line."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._waiting = connection, b""
        self._until, self._room = 0.0, 0

    def begin(self, seconds: float) -> None:
        """The next answer is to be whole within so many seconds."""
        self._until, self._room = time.monotonic() + seconds, MAX_ANSWER

    def readline(self, limit: int) -> bytes:
        """The next line, with its end; less when the connection ended, or the line is longer than `limit`."""
        while b"\n" not in self._waiting and len(self._waiting) < limit and (more := self._more()):
            self._waiting += more
        end = min(self._waiting.find(b"\n") + 1 or len(self._waiting), limit)
        line, self._waiting = self._waiting[:end], self._waiting[end:]
        self._room -= len(line)
        if self._room < 0:
            raise OSError("the answer does not come to an end")
        return line

    def _more(self) -> bytes:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(left)
        return self._connection.recv(4096)

    def close(self) -> None:
        """Nothing to do: the connection is the client's."""


class _Bounded(_Base):
    """Any client of the library, in bounded time and memory.

    Attributes:
        verdict: seconds for the answer to a whole mail.
        handed_over: whether all of a mail (or part of it) is on its way, so that the server may have it whatever happens now.
    """

    verdict = VERDICT
    handed_over = False

    def send(self, s: Any) -> None:
        """Send a command (text) or a mail (bytes)."""
        self.handed_over = isinstance(s, bytes)
        if self.sock is not None:
            self.sock.settimeout(self.timeout + len(s) / SLOWEST)
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """The server's answer."""
        if self.file is None and self.sock is not None:
            self.file = _Answers(self.sock)
        if self.file is not None:
            self.file.begin(self.verdict if self.handed_over else self.timeout)
        return super().getreply()

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand a mail over; whatever a server says of success is success."""
        code, said = super().data(msg)
        return (250 if 200 <= code < 300 else code), said


class Client(_Bounded, smtplib.SMTP):
    """In the clear, or encrypted after `starttls`."""


class EncryptedClient(_Bounded, smtplib.SMTP_SSL):
    """Encrypted from the first byte."""
