"""An SMTP server that speaks as badly as a test wants, over a real socket."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Script = Callable[["Talk"], None]


class Gone(Exception):
    """The client hung up."""


@dataclass(slots=True)
class Talk:
    """One connection, from the server's side."""

    connection: socket.socket
    number: int
    server: BadServer
    _waiting: bytes = b""

    def say(self, text: bytes | str) -> None:
        """Say something as it is."""
        self.connection.sendall(text.encode() if isinstance(text, str) else text)

    def hear(self, end: bytes = b"\r\n") -> bytes:
        """What the client says until `end`."""
        while end not in self._waiting:
            more = self.connection.recv(65_536)
            if not more:
                raise Gone
            self._waiting += more
        heard, self._waiting = self._waiting.split(end, 1)
        return heard

    def greet(self, features: str = "") -> None:
        """Greet and answer EHLO."""
        self.say("220 hello\r\n")
        self.hear()
        self.say("250-here\r\n" + "".join(f"250-{one}\r\n" for one in features.split()) + "250 8BITMIME\r\n")

    def take(self, verdict: bytes | str | None = "250 kept\r\n", *, mail: str = "250 ok\r\n", rcpt: str = "250 ok\r\n") -> None:
        """Take one mail in full; `verdict` None: say nothing to that."""
        while self.hear()[:4].upper() != b"MAIL":
            self.say("250 ok\r\n")
        self.say(mail)
        if mail.startswith("2"):
            self.hear()
            self.say(rcpt)
        if mail.startswith("2") and rcpt.startswith("2"):
            self.hear()
            self.say("354 go on\r\n")
            self.server.taken.append(self.hear(b"\r\n.\r\n") + b"\r\n")
            if verdict is not None:
                self.say(verdict)

    def hang(self) -> None:
        """Say nothing until the client hangs up or the test is over."""
        self.connection.settimeout(0.1)
        while not self.server.over.is_set():
            with contextlib.suppress(TimeoutError):
                if not self.connection.recv(65_536):
                    raise Gone

    def trickle(self, piece: bytes) -> None:
        """Say a piece again and again, a little at a time, until the client has enough."""
        while not self.server.over.is_set():
            self.say(piece)
            time.sleep(0.02)


@dataclass(slots=True)
class BadServer:
    """Takes connections one after another and has the script speak on each; what it took of mails is in `taken`."""

    script: Script
    taken: list[bytes] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    _door: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    def __enter__(self) -> BadServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._door.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._door.getsockname()[1])

    @property
    def url(self) -> str:
        """As ALLIANCE_SMTP_URL has it."""
        return f"smtp://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _address = self._door.accept()
            except OSError:
                return
            self.connections += 1
            with connection, contextlib.suppress(Gone, OSError):
                self.script(Talk(connection, self.connections, self))
