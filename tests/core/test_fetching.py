"""Another server is asked in bounded time and memory, whatever it does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from alliance.core import fetching
from alliance.core.fetching import Unanswered, fetch
from tests import services
from tests.issuers import Liar, liar


@pytest.fixture
def server() -> Iterator[Liar]:
    """A server that answers as it is told."""
    with liar() as made:
        yield made


def test_what_is_answered(server: Liar) -> None:
    server.answers["/a?b=c"] = (418, b"tea")
    assert fetch(f"{server.url}/a?b=c") == (418, b"tea")
    assert fetch(f"{server.url}/token", b"code=made+up")[0] == 400


def test_one_that_drips_is_left(server: Liar) -> None:
    server.answers["/a"], server.drips = (200, b"x" * 10_000), True
    with pytest.raises(Unanswered, match="too slow"):
        fetch(f"{server.url}/a", seconds=0.5)


def test_one_that_says_nothing_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unanswered):
        fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.3)


def test_an_answer_without_end_is_left(server: Liar) -> None:
    server.answers["/a"] = (200, b"x" * (fetching.MOST + 1))
    with pytest.raises(Unanswered, match="end"):
        fetch(f"{server.url}/a")


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "http://", "http://[", "http://127.0.0.1:x/", "ftp://127.0.0.1/", "http://127.0.0.1/a b"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(Unanswered):
        fetch(url)


def test_nobody_there() -> None:
    with pytest.raises(Unanswered):
        fetch(f"http://127.0.0.1:{services.free_port()}/")


def test_no_line_is_put_into_a_request(server: Liar) -> None:
    with pytest.raises(Unanswered):
        fetch(f"{server.url}/a", headers={"Authorization": "Bearer x\r\nX-More: y"})


def test_a_handshake_that_drips_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as dripping:

        def drip() -> None:
            connection, _address = dripping.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"\x16\x03\x03\x40\x00")  # the head of a record that never comes to an end
                while True:
                    connection.sendall(b"\x00")
                    time.sleep(0.1)

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(Unanswered, match="too slow"):
            fetch(f"https://127.0.0.1:{dripping.getsockname()[1]}/", seconds=0.5)
        thread.join()
