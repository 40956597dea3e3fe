"""Engine.IO whose WebSockets need no thread each.

python-engineio gives every WebSocket four threads. Here the request that opens one ends at once: its connection is
handed to the loop (`realtime.loop`), and a few threads work on what arrives.
"""

from __future__ import annotations

import io
import os
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import engineio
import structlog
from engineio import packet as packets

from alliance.core import db
from alliance.realtime import frames
from alliance.realtime.loop import Loop
from alliance.realtime.transport import LiveSocket

log = structlog.get_logger(__name__)
WORKERS = 6
# Per process. Long polling holds a thread of the server for each (alliance.cli.server.THREADS stays above it).
MAX_SOCKETS = 3000
MAX_POLLING = 200


class Engine(engineio.Server):  # type: ignore[misc]
    """An Engine.IO server whose WebSockets live in one loop."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.loop = Loop()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="socket")

    def work(self, act: Callable[[], None]) -> None:
        """Have one of the working threads do something."""
        self._pool.submit(act)

    def disconnected(self, sid: str, reason: str) -> None:
        """Tell those who keep account of a connection that it has ended."""
        try:
            self.handlers["disconnect"](sid, reason)
        except Exception:  # it is over in any case
            log.exception("sockets.disconnect_failed")
        finally:
            self.sockets.pop(sid, None)
            db.release()

    def close(self) -> None:
        """End the loop (its connections end with the process)."""
        self.loop.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _handle_connect(self, environ: dict[str, Any], start_response: Any, transport: str, jsonp_index: Any = None) -> Any:
        if len(self.sockets) >= MAX_SOCKETS:
            return _full()
        if transport != "websocket":
            polling = sum(not isinstance(one, LiveSocket) for one in list(self.sockets.values()))
            return _full() if polling >= MAX_POLLING else super()._handle_connect(environ, start_response, transport, jsonp_index)
        key, raw = environ.get("HTTP_SEC_WEBSOCKET_KEY"), environ.get("gunicorn.socket")
        if not key or raw is None or environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
            return self._bad_request("Invalid websocket upgrade")
        deflate = frames.offers_deflate(environ.get("HTTP_SEC_WEBSOCKET_EXTENSIONS", ""))
        live = LiveSocket(self, self.generate_id(), _taken(raw), deflate)
        live.link.write(frames.accept(key, deflate))
        self.sockets[live.sid] = live
        self.handlers["connect"](live.sid, _kept(environ))
        live.send(packets.Packet(packets.OPEN, self._opening(live.sid)))
        self.loop.add(live.link)
        raise StopIteration  # gunicorn's sign that the connection is in other hands

    def _opening(self, sid: str) -> dict[str, Any]:
        return {
            "sid": sid,
            "upgrades": [],
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval * 1000),
            "maxPayload": self.max_http_buffer_size,
        }


def _full() -> dict[str, Any]:
    return {"status": "503 SERVICE UNAVAILABLE", "headers": [("Content-Type", "text/plain"), ("Retry-After", "60")], "response": b"full"}


def _taken(raw: socket.socket) -> socket.socket:
    """The connection, out of the server's hands: in its place the server gets one that is at its end."""
    ours = socket.socket(fileno=os.dup(raw.fileno()))
    one, other = socket.socketpair()
    other.close()
    os.dup2(one.fileno(), raw.fileno(), inheritable=False)
    one.close()
    return ours


def _kept(environ: dict[str, Any]) -> dict[str, Any]:
    """What of a request is kept as long as its connection: words, not files."""
    kept = {name: value for name, value in environ.items() if isinstance(value, str | tuple) or name == "flask.app"}
    return kept | {"wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr}


def install(server: Any) -> Engine:
    """Have a Socket.IO server use the loop; returns its new engine."""
    old = server.eio
    made = Engine(
        async_mode="threading",
        ping_interval=old.ping_interval,
        ping_timeout=old.ping_timeout,
        max_http_buffer_size=old.max_http_buffer_size,
        cors_allowed_origins=old.cors_allowed_origins,
        transports=old.transports,
        allow_upgrades=False,
        http_compression=False,
        cookie=None,
        async_handlers=False,
    )
    for name, handler in old.handlers.items():
        made.on(name, handler)
    server.eio = made
    return made
