"""The server's sockets from outside: real connections, ours and hostile ones."""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
import socketio

from alliance.realtime import frames
from bench.kill_rounds import Poster, everybody, open_discussion
from tests.realtime.test_frames import masked
from tests.servers import LiveServer

WAIT = 20


@pytest.fixture(scope="module")
def server(servers: Callable[..., LiveServer]) -> Iterator[LiveServer]:
    """One server for all of them: nothing that is done to it here may harm the others."""
    made = servers().start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def poster(server: LiveServer) -> Poster:
    """Somebody who writes."""
    return everybody(server, 1)[0]


def say(poster: Poster, discussion: int, body: str) -> None:
    headers = {"Authorization": f"Bearer {poster.token}"}
    url = f"{poster.server.url}/api/v1/discussions/{discussion}/posts"
    answer = requests.post(url, json={"body": body}, headers=headers, timeout=WAIT)
    assert answer.status_code == 201, answer.text[:300]


class Raw:
    """A WebSocket one can do anything with."""

    def __init__(self, server: LiveServer, origin: str | None = None, extensions: str = "") -> None:
        self.sock = socket.create_connection(("127.0.0.1", server.port), timeout=WAIT)
        self.buffer = b""
        lines = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13",
        ]  # fmt: skip
        lines += [f"Origin: {origin}"] if origin else []
        lines += [f"Sec-WebSocket-Extensions: {extensions}"] if extensions else []
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self.buffer:
            if not (data := self.sock.recv(4096)):
                break
            self.buffer += data
        self.head, _empty, self.buffer = self.buffer.partition(b"\r\n\r\n")

    def send(self, text: str | bytes) -> None:
        payload = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        self.sock.sendall(masked(payload))

    def frame(self) -> tuple[int, bytes] | None:
        """The next frame; None at the end."""
        while True:
            if len(self.buffer) >= 2:
                size, start = self.buffer[1], 2
                if size == 126:
                    size, start = int.from_bytes(self.buffer[2:4], "big"), 4
                if len(self.buffer) >= start + size:
                    first, payload = self.buffer[0], self.buffer[start : start + size]
                    self.buffer = self.buffer[start + size :]
                    return first & 0x0F, payload
            try:
                data = self.sock.recv(65_536)
            except ConnectionError:
                return None
            if not data:
                return None
            self.buffer += data

    def connected(self) -> Raw:
        """Say who one is: a guest."""
        assert (self.frame() or (0, b""))[1].startswith(b"0{")
        self.send("40")
        assert (self.frame() or (0, b""))[1].startswith(b"40{")
        return self

    def rest(self) -> tuple[list[str], int]:
        """What came until the connection ended, and the reason it was closed with."""
        words, code = [], 0
        while (found := self.frame()) is not None:
            opcode, payload = found
            if opcode == frames.CLOSE:
                code = int.from_bytes(payload[:2], "big")
            else:
                words.append(payload.decode())
        return words, code


def errors(words: list[str]) -> list[str]:
    return [json.loads(word[2:])[1]["error"] for word in words if word.startswith('42["error"')]


def works(server: LiveServer) -> None:
    """The server is unharmed: somebody else connects and is answered."""
    other = socketio.Client(reconnection=False)
    other.connect(server.url, transports=["websocket"], wait_timeout=WAIT)
    assert other.call("unsubscribe", {"discussion": 1}, timeout=WAIT) == {"ok": True}
    other.disconnect()


GARBAGE: list[str] = [
    "4", "42", "42{}", "42[]", "42[1,2]", "42[null]", '42[{"a":1}]', "42[" + "[" * 15_000, '42["subscribe"', "4\x00\x00", "49", "4x", "451-[]",
    "9", "x", "\x00", '42/nowhere,["subscribe",{}]', "42" + "9" * 15_000 + '["subscribe",{}]', "43[]", '42["connect"]', '42["disconnect"]',
]  # fmt: skip


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_answered_and_cut_off_when_it_goes_on(server: LiveServer, garbage: str) -> None:
    client = Raw(server).connected()
    for _number in range(500):
        try:
            client.send(garbage)
        except ConnectionError:
            break
    words, _code = client.rest()
    assert errors(words)
    assert len(words) < 450
    works(server)


@pytest.mark.parametrize(
    "data",
    [
        "null",
        '"x"',
        "7",
        "[]",
        "[[[[]]]]",
        '{"discussion":"1\\u0000"}',
        '{"discussion":1e400}',
        '{"discussion":null,"since":{}}',
        '{"lang":[]}',
    ],
)
def test_wrong_types_get_an_error_and_keep_the_connection(server: LiveServer, data: str) -> None:
    client = Raw(server).connected()
    for name in ("subscribe", "unsubscribe", "typing", "nothing"):
        client.send(f'420["{name}",{data}]')
        event, answer = client.frame(), client.frame()
        assert event is not None
        assert answer is not None
        assert event[1].startswith(b'42["error",{"error":"')
        assert answer[1].startswith(b'430[{"ok":false,"error":"')
    client.sock.close()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (masked(b"4" + b"x" * 20_000), frames.TOO_BIG),
        (b"\x81\xff" + (2**40).to_bytes(8, "big"), frames.TOO_BIG),
        (masked("4\ud800".encode("utf-8", "surrogatepass")), frames.BAD_TEXT),
        (b"GET / HTTP/1.1\r\n\r\n", frames.BAD_FRAME),
    ],
    ids=["large", "announced", "surrogate", "http"],
)
def test_what_is_no_message_ends_the_connection_with_a_reason(server: LiveServer, sent: bytes, code: int) -> None:
    client = Raw(server).connected()
    client.sock.sendall(sent)
    words, closed = client.rest()
    assert (len(errors(words)), closed) == (1, code)
    works(server)


def test_a_flood_is_told_so_and_cut_off(server: LiveServer) -> None:
    client = Raw(server).connected()
    message = masked(b'42["unsubscribe",{"discussion":1}]')
    with suppress(ConnectionError):
        for _number in range(2000):
            client.sock.sendall(message)
    words, _code = client.rest()
    assert "too many messages" in " ".join(errors(words))
    works(server)


def test_who_reads_nothing_is_let_go(server: LiveServer, poster: Poster) -> None:
    """A reader that takes nothing from the network costs a bounded buffer, and then its connection."""
    discussion = open_discussion(poster, 1)
    client = Raw(server)
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connected()
    client.send(f'42["subscribe",{{"discussion":{discussion},"since":null}}]')
    for number in range(30):
        say(poster, discussion, f"{number} " + "a long text " * 5000)
    time.sleep(1)
    total = 0
    with suppress(ConnectionError):
        while data := client.sock.recv(1 << 20):
            total += len(data)
    assert total < 30 * 60_000, "it was ended before it had everything"
    works(server)


def test_pages_of_other_sites_open_nothing(server: LiveServer) -> None:
    assert b" 101 " in Raw(server, origin=server.url).head
    for origin in ("https://evil.example", f"http://evil.example:{server.port}", "null"):
        assert b" 400 " in Raw(server, origin=origin).head.split(b"\r\n")[0] + b" "
    headers = {"Origin": "https://evil.example", "Host": "evil.example"}
    answer = requests.get(f"{server.url}/socket.io/?EIO=4&transport=polling", headers=headers, timeout=WAIT)
    assert answer.status_code == 400


def test_news_come_compressed_to_who_asks_for_it(server: LiveServer, poster: Poster) -> None:
    discussion = open_discussion(poster, 1)
    sizes = []
    for extensions in ("", "permessage-deflate; client_max_window_bits"):
        client = Raw(server, extensions=extensions)
        assert (b"permessage-deflate" in client.head) is bool(extensions)
        client.connected()
        client.send(f'420["subscribe",{{"discussion":{discussion},"since":null}}]')
        assert (client.frame() or (0, b""))[1].startswith(b"430[")
        say(poster, discussion, "said to be heard " * 20 + extensions)
        found = client.frame()
        while found and b"presence" in found[1]:
            found = client.frame()
        assert found
        sizes.append(len(found[1]))
    assert sizes[1] < sizes[0] * 0.6


def test_programs_may_poll(server: LiveServer) -> None:
    client: Any = socketio.Client(reconnection=False)
    client.connect(server.url, transports=["polling"], wait_timeout=WAIT)
    assert client.call("unsubscribe", {"discussion": 1}, timeout=WAIT) == {"ok": True}
    client.disconnect()
