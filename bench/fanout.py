"""How soon everybody in a discussion is told of a post: `python -m bench.fanout`.

    python -m bench.fanout [--clients 200 --clients 1000 --clients 5000] [--processes 1 --processes 1 --processes 4] [--posts 20]

For each row: so many WebSockets subscribed to one discussion, spread over so many web processes (one: SQLite, the jobs beside
it; several: a private PostgreSQL and Redis, and a worker process); a post through the API every second, each through the next
process; the time from sending it until each socket has it. A delivery that does not come within fifteen seconds, and a socket
that ends, counts as lost; a post that comes twice as doubled. Exit code 1 when any was. Server and clients share the processors.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.kill_rounds import Poster, everybody, open_discussion
from tests import services
from tests.servers import LiveServer

OPENED_AT_ONCE = 100
PATIENCE = 15.0
MASK = b"\0\0\0\0"
HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass
class Waiting:
    """Which sockets have the post that is waited for, and when they had it."""

    wanted: int = 0
    marker: bytes = b""
    got: dict[int, float] = field(default_factory=dict)
    doubled: int = 0
    ended: int = 0
    all: asyncio.Event = field(default_factory=asyncio.Event)

    def expect(self, marker: str) -> None:
        """Forget the last post, wait for the next."""
        self.marker, self.got = marker.encode(), {}
        self.all.clear()

    def came(self, socket: int, moment: float) -> None:
        """A socket was told."""
        self.doubled += socket in self.got
        self.got.setdefault(socket, moment)
        if len(self.got) >= self.wanted:
            self.all.set()


class Listener(asyncio.Protocol):
    """One browser: Engine.IO and Socket.IO as far as hearing needs it, so that one process can be thousands."""

    def __init__(self, number: int, port: int, discussion: int, waiting: Waiting) -> None:
        self.number, self.port, self.discussion, self.waiting = number, port, discussion, waiting
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._open = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(HANDSHAKE.format(port=self.port, key=key).encode())

    def connection_lost(self, error: Exception | None) -> None:
        """Count it."""
        self.waiting.ended += 1
        if not self.ready.done():
            self.ready.set_exception(error or ConnectionError("the connection was closed"))

    def data_received(self, data: bytes) -> None:
        """Take what came apart."""
        self._buffer += data
        if not self._open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(f"refused: {head[:100]!r}")
            self._open, self._buffer = True, rest
        while (text := self._next()) is not None:
            self._told(text)

    def _next(self) -> bytes | None:
        """The text of the next whole frame (a server does not mask, and here sends each message as one)."""
        buffer, start = self._buffer, 2
        if len(buffer) < 2:
            return None
        size = buffer[1]
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return None
        self._buffer = buffer[start + size :]
        return buffer[start : start + size]

    def _told(self, text: bytes) -> None:
        if self.waiting.marker and self.waiting.marker in text:
            self.waiting.came(self.number, time.perf_counter())
        elif text.startswith(b"2"):
            self._say("3")
        elif text.startswith(b"0"):
            self._say("40")
        elif text.startswith(b"40"):
            self._say("420" + json.dumps(["subscribe", {"discussion": self.discussion, "since": None}]))
        elif text.startswith(b"430") and not self.ready.done():
            if b'"ok":true' in text:
                self.ready.set_result(None)
            else:
                self.ready.set_exception(ConnectionError(text.decode(errors="replace")))

    def _say(self, text: str) -> None:
        size = len(text)
        head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
        if self._transport is not None:
            self._transport.write(head + MASK + text.encode())

    def close(self) -> None:
        """Go."""
        if self._transport is not None:
            self._transport.abort()


async def opened(ports: list[int], clients: int, discussion: int, waiting: Waiting) -> list[Listener]:
    """So many listeners, in turn at each port."""
    gate = asyncio.Semaphore(OPENED_AT_ONCE)

    async def one(number: int) -> Listener:
        port = ports[number % len(ports)]
        async with gate:
            loop = asyncio.get_running_loop()
            _transport, listener = await loop.create_connection(lambda: Listener(number, port, discussion, waiting), "127.0.0.1", port)
            await asyncio.wait_for(listener.ready, 60)
            return listener

    return await asyncio.gather(*(one(number) for number in range(clients)))


@dataclass(frozen=True, slots=True)
class Row:
    """What was found."""

    clients: int
    processes: int
    millis: list[float]
    lost: int
    doubled: int
    megabytes: float

    def at(self, share: float) -> float:
        """The time within which this share of the deliveries came."""
        return self.millis[min(len(self.millis) - 1, int(len(self.millis) * share))] if self.millis else 0.0

    def __str__(self) -> str:
        times = " ".join(f"{self.at(share):8.0f}" for share in (0.5, 0.95, 0.99, 1.0))
        return f"{self.clients:8,} {self.processes:9} {times} {self.lost:6} {self.doubled:8} {self.megabytes:10.0f}"


HEAD = (
    f"{'sockets':>8} {'processes':>9} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'max ms':>8} {'lost':>6} {'doubled':>8} {'MB/process':>10}"
)


async def measure(servers: list[LiveServer], posters: list[Poster], discussion: int, clients: int, posts: int) -> Row:
    """Open the sockets, post, wait for everybody; the first post only warms up."""
    waiting = Waiting(wanted=clients)
    listeners = await opened([server.port for server in servers], clients, discussion, waiting)
    await asyncio.sleep(2)
    millis: list[float] = []
    lost = 0
    for number in range(posts + 1):
        text = f"fanout{number}of{clients} is told to everybody who listens, and once."
        waiting.expect(text.split(maxsplit=1)[0])
        began = time.perf_counter()
        if not await asyncio.to_thread(posters[number % len(posters)].post, discussion, text):
            raise SystemExit("the server did not answer")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(waiting.all.wait(), PATIENCE)
        await asyncio.sleep(1)  # for what would come a second time
        if number:
            millis += [(moment - began) * 1000 for moment in waiting.got.values()]
            lost += clients - len(waiting.got)
    refused = [said for poster in posters for said in poster.refused]
    if refused:
        raise SystemExit(f"a post was refused: {refused[0]}")
    row = Row(clients, len(servers), sorted(millis), lost + waiting.ended, waiting.doubled, memory(servers))
    for listener in listeners:
        listener.close()
    return row


def memory(servers: list[LiveServer]) -> float:
    """Megabytes of the largest web process (its share of what several use)."""
    return max(_share(child) for server in servers if server.process for child in _children(server.process.pid))


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _share(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


@contextlib.contextmanager
def serving(processes: int) -> Iterator[list[LiveServer]]:
    """One process as `alliance serve` starts it, or several with PostgreSQL, Redis and a worker."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alliance-fanout-"))) / "data"
        many = processes > 1
        given = {"rate_limits": "off", "secret_key": "k" * 40} | (
            {"redis_url": stack.enter_context(services.redis_server())} if many else {}
        )
        database = stack.enter_context(services.postgresql()) if many else ""
        servers = [LiveServer(folder, database, **given) for _ in range(processes)]
        for server in servers:
            stack.callback(server.kill)
            server.start(*(["--no-jobs"] if many else []))
        if many:
            command = [sys.executable, "-m", "alliance", "worker"]
            worker = subprocess.Popen(command, cwd=folder.parent, env=servers[0].env, stdout=subprocess.DEVNULL)
            stack.callback(worker.wait)
            stack.callback(worker.terminate)
        yield servers


def row(clients: int, processes: int, posts: int) -> Row:
    """One line of the table, on servers of its own."""
    with serving(processes) as servers:
        (first,) = everybody(servers[0], 1)
        posters = [Poster(server, first.token) for server in servers]
        discussion = open_discussion(first, 1)
        return asyncio.run(measure(servers, posters, discussion, clients, posts))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, action="append", help="(again for each row)")
    parser.add_argument("--processes", type=int, action="append", help="(again for each row)")
    parser.add_argument("--posts", type=int, default=20)
    asked = parser.parse_args()
    rows = list(zip(asked.clients or [200, 1000, 5000], asked.processes or [1, 1, 4], strict=True))
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(HEAD, flush=True)
    wrong = 0
    for clients, processes in rows:
        found = row(clients, processes, asked.posts)
        print(found, flush=True)
        wrong += found.lost + found.doubled
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
