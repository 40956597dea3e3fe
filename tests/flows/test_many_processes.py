"""Two web processes and a job process with a real Redis: what one process takes, the sockets of both are told, once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from bench.kill_rounds import Subscriber, eventually, everybody, listed, open_discussion
from tests.servers import LiveServer


@pytest.fixture
def server(servers: Callable[..., LiveServer], redis_url: str) -> Iterator[LiveServer]:
    """`alliance serve --workers 2 --no-jobs`, and `alliance worker` beside it."""
    made = servers(redis_url=redis_url).start("--workers", "2", "--no-jobs")
    worker = subprocess.Popen([sys.executable, "-m", "alliance", "worker"], cwd=made.folder.parent, env=made.env, stdout=subprocess.PIPE)
    yield made
    worker.terminate()
    worker.communicate(timeout=20)
    made.kill()


def test_everybody_is_told_once_and_the_search_finds_it(server: LiveServer) -> None:
    (poster,) = everybody(server, 1)
    discussion = open_discussion(poster, 1)
    readers = [Subscriber(server, discussion) for _ in range(8)]
    for reader in readers:
        reader.connect()
    for number in range(5):
        assert poster.post(discussion, f"manyprocesses number{number}")
    wanted = set(poster.answered.values())
    assert len(wanted) == 5
    for reader in readers:
        told = eventually(lambda reader=reader: reader.told, wanted)
        assert told.keys() == wanted
    time.sleep(0.3)
    assert [set(reader.told.values()) for reader in readers] == [{1}] * 8
    end = time.monotonic() + 30
    while {hit["id"] for hit in listed(f"{server.url}/api/v1/search", {"q": "manyprocesses"})} != wanted:
        assert time.monotonic() < end
        time.sleep(0.1)
    for reader in readers:
        reader.disconnect()
