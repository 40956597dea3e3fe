"""Redis goes and comes back: the product says so once, goes on, and needs nobody to mend it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests

from bench.kill_rounds import Poster, Subscriber, eventually, everybody, open_discussion
from tests import services
from tests.servers import LiveServer


def ready(server: LiveServer, status: int) -> dict[str, object]:
    """Wait until the server says it is ready, or not."""
    end = time.monotonic() + 30
    while (answer := requests.get(f"{server.url}/readyz", timeout=20)).status_code != status:
        assert time.monotonic() < end, answer.text
        time.sleep(0.1)
    return dict(answer.json())


@pytest.mark.parametrize("limits", ["on", "off"])
def test_everything_goes_on_while_it_is_away(servers: Callable[..., LiveServer], limits: str) -> None:
    port = services.free_port()
    server = servers(redis_url=f"redis://127.0.0.1:{port}/0", rate_limits=limits)
    server.start("--workers", "2", ready=503)
    log = server.log.read_text()
    assert log.count("the Redis server of ALLIANCE_REDIS_URL does not answer") == 1
    assert ready(server, 503)["problems"] == ["the Redis server does not answer"]

    (poster,) = everybody(server, 1)
    discussion = open_discussion(poster, 1)
    readers = [Subscriber(server, discussion) for _number in range(4)]
    for reader in readers:
        reader.connect()
    said(poster, discussion, readers, "while it is away")
    found_by_search(server, "away")

    with services.redis_server(port):
        assert ready(server, 200)["problems"] == []
        said(poster, discussion, readers, "when it is back")
        found_by_search(server, "back")
    ready(server, 503)
    said(poster, discussion, readers, "when it is gone again")

    for reader in readers:
        reader.disconnect()
    assert poster.refused == []
    lines = server.log.read_text().splitlines()
    assert not [line for line in lines if "Traceback" in line or "status=500" in line]
    assert len([line for line in lines if "outage" in line]) < 20
    server.kill()


def said(poster: Poster, discussion: int, readers: list[Subscriber], text: str) -> None:
    """A post is taken, and every reader told once."""
    assert poster.post(discussion, text)
    post_id = poster.answered[text]
    for reader in readers:
        assert eventually(lambda reader=reader: reader.told, {post_id})[post_id] == 1


def found_by_search(server: LiveServer, word: str) -> None:
    """What listens to the log has worked: the search knows the word."""
    end = time.monotonic() + 30
    while not requests.get(f"{server.url}/api/v1/search", params={"q": word}, timeout=20).json()["items"]:
        assert time.monotonic() < end, word
        time.sleep(0.2)
