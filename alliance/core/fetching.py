"""One request to another server, in bounded time and memory; redirections are not followed."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

SECONDS = 10.0
MOST = 2**20


class _Encrypted(http.client.HTTPSConnection):
    """The handshake waits until the time of the whole request is running."""

    _context: ssl.SSLContext

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)


class Unanswered(Exception):
    """There was no whole answer; the argument says why."""


def fetch(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, seconds: float = SECONDS) -> tuple[int, bytes]:
    """Get `url`, or post `body` to it: the status and the text of the answer.

    Raises:
        Unanswered: the server cannot be reached, is too slow, or its answer is too long or none.
    """
    connection = _connection(url, seconds)
    late = threading.Event()
    try:
        connection.connect()
        cut = threading.Timer(seconds, _cut, (connection.sock, late))
        cut.daemon = True
        cut.start()
        try:
            if isinstance(connection.sock, ssl.SSLSocket):
                connection.sock.do_handshake()
            status, text = _asked(connection, url, body, headers or {})
        finally:
            cut.cancel()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unanswered("too slow" if late.is_set() else str(error) or type(error).__name__) from error
    finally:
        connection.close()
    if late.is_set():
        raise Unanswered("too slow")
    return status, text


def _connection(url: str, seconds: float) -> http.client.HTTPConnection:
    kinds: dict[str, type[http.client.HTTPConnection]] = {"https": _Encrypted, "http": http.client.HTTPConnection}
    try:
        parts = urlsplit(url)
        return kinds[parts.scheme](parts.hostname or "", parts.port, timeout=seconds)
    except (KeyError, ValueError, http.client.HTTPException) as error:
        raise Unanswered("not an address") from error


def _asked(connection: http.client.HTTPConnection, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET" if body is None else "POST", path, body, {"Accept": "application/json", "Connection": "close", **headers})
    answer = connection.getresponse()
    text = answer.read(MOST + 1)
    if len(text) > MOST:
        raise OSError("the answer does not come to an end")
    return answer.status, text


def _cut(connection: socket.socket, late: threading.Event) -> None:
    """The library counts its patience anew with every byte; this is the end of it."""
    late.set()
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
