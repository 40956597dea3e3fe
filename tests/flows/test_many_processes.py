"""Two web processes and a job process with a real Redis: what one process takes, the sockets of both are told, once."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from bench.kill_rounds import Subscriber, eventually, everybody, listed, open_discussion
from tests.people import PASSWORD
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


def test_what_ends_a_session_ends_its_sockets_on_every_process(server: LiveServer) -> None:
    (poster,) = everybody(server, 1)
    discussion = open_discussion(poster, 1)
    made = server.run("user", "create", "reader@example.org", "--name", "Reader", "--stakeholder-type", "media", "--password", PASSWORD)
    assert made.returncode == 0, made.stderr
    browser = signed_in(server, "reader@example.org")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    readers = [Subscriber(server, discussion, {"Cookie": cookie}) for _ in range(8)]
    guest = Subscriber(server, discussion)
    for reader in (*readers, guest):
        reader.connect()
    assert poster.post(discussion, "before")
    before = poster.answered["before"]
    assert all(eventually(lambda reader=reader: reader.told, {before}) == {before: 1} for reader in readers)
    assert browser.post(f"{server.url}/sign-out", data={"csrf_token": token_of(browser, server)}, timeout=20).status_code == 200
    assert poster.post(discussion, "after")
    after = poster.answered["after"]
    assert eventually(lambda: guest.told, {before, after}) == {before: 1, after: 1}
    end = time.monotonic() + 20
    while any(reader.connected for reader in readers) and time.monotonic() < end:
        time.sleep(0.05)
    assert [(reader.connected, dict(reader.told)) for reader in readers] == [(False, {before: 1})] * 8
    guest.disconnect()


def token_of(browser: requests.Session, server: LiveServer) -> str:
    page = browser.get(f"{server.url}/about", timeout=20).text
    return re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]


def signed_in(server: LiveServer, email: str) -> requests.Session:
    """A browser of somebody."""
    browser = requests.Session()
    page = browser.get(f"{server.url}/sign-in", timeout=20).text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    data = {"csrf_token": token, "email": email, "password": PASSWORD}
    answer = browser.post(f"{server.url}/sign-in", data=data, timeout=20)
    assert "/sign-out" in answer.text
    return browser
