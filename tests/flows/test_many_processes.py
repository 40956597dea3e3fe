"""Two web processes and a job process with a real Redis: what one process takes, the sockets of both are told, once."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from bench.kill_rounds import Poster, Subscriber, eventually, everybody, listed, open_discussion
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


@dataclass
class Club:
    """A private group, a discussion in it, and those who belong to it, each with a token (and a browser, where asked for)."""

    server: LiveServer
    chair: Poster
    reader: Poster
    slug: str
    discussion: int

    def api(self, who: Poster, method: str, path: str, **body: object) -> requests.Response:
        """One call as one of them."""
        headers = {"Authorization": f"Bearer {who.token}"}
        return requests.request(method, f"{self.server.url}/api/v1{path}", json=body or None, headers=headers, timeout=20)

    def letters(self, address: str, word: str) -> list[Path]:
        """The mails to an address that hold a word."""
        found = sorted((self.server.folder / "mail").rglob("*.eml"))
        return [one for one in found if address.encode() in (said := one.read_bytes()) and word.encode() in said]


def club(server: LiveServer) -> Club:
    """The secretariat founds it; its members are there at once."""
    office, chair, reader = (person(server, name, role) for name, role in PEOPLE.items())
    person(server, "other", "participant", token=False)
    made = Club(server, chair, reader, "", 0)
    founded = made.api(office, "POST", "/groups", title="A closed circle", charter="To see who hears what.", visibility="private")
    assert founded.status_code == 201, founded.text
    made.slug = founded.json()["slug"]
    for handle, role in (("chair-person", "chair"), ("reader-person", "member"), ("other-person", "member")):
        seated = made.api(office, "POST", f"/groups/{made.slug}/members", handle=handle, role=role)
        assert seated.json() == {"status": "member"}, seated.text
    opened = made.api(chair, "POST", "/discussions", space=made.slug, title="Among us", body="What shall we say?")
    assert opened.status_code == 201, opened.text
    made.discussion = int(opened.json()["id"])
    return made


PEOPLE = {"office": "secretariat", "chair": "participant", "reader": "participant"}


def person(server: LiveServer, name: str, role: str, *, token: bool = True) -> Poster:
    """Somebody with a password and (unless told otherwise) a token that may do what they may."""
    email = f"{name}@example.org"
    details = ("--name", f"{name.title()} Person", "--stakeholder-type", "media", "--verified", "--role", role, "--password", PASSWORD)
    made = server.run("user", "create", email, *details)
    assert made.returncode == 0, made.stderr
    return Poster(server, server.run("token", "create", email, "--scope", "admin").stdout.strip() if token else "")


def until(found: Callable[[], object]) -> object:
    """What is found, in the end."""
    end = time.monotonic() + 60
    while not (got := found()) and time.monotonic() < end:
        time.sleep(0.1)
    return got


def test_whoever_is_removed_on_one_process_is_outside_on_all(server: LiveServer) -> None:
    inside = club(server)
    browsers = {name: signed_in(server, f"{name}@example.org") for name in ("reader", "other")}
    cookies = {name: "; ".join(f"{one.name}={one.value}" for one in browser.cookies) for name, browser in browsers.items()}
    # With a cookie each, balanced over both processes.
    sockets = [Subscriber(server, inside.discussion, {"Cookie": cookies["reader"]}) for _ in range(8)]
    witness = Subscriber(server, inside.discussion, {"Cookie": cookies["other"]})
    for one in (*sockets, witness):
        one.connect()
    page = f"{server.url}/d/{inside.discussion}"
    for _again in range(8):
        answer = browsers["reader"].get(page, timeout=20)
        assert (answer.status_code, "Among us" in answer.text) == (200, True)
    shown = browsers["reader"].get(f"{server.url}/groups/{inside.slug}/meetings", timeout=20).text
    calendar = server.url + re.findall(r'/groups/[^"]+[.]ics[?]key=[^"]+', shown)[0]
    assert requests.get(calendar, timeout=20).status_code == 200
    assert inside.api(inside.reader, "PUT", f"/spaces/{inside.slug}/watch", level="watch").ok
    assert inside.chair.post(inside.discussion, "firstword @reader-person @other-person")
    first = inside.chair.answered["firstword @reader-person @other-person"]
    assert all(eventually(lambda one=one: one.told, {first}) == {first: 1} for one in (*sockets, witness))

    assert inside.api(inside.chair, "DELETE", f"/groups/{inside.slug}/members/reader-person").status_code == 204
    assert inside.chair.post(inside.discussion, "secondword @reader-person @other-person")
    second = inside.chair.answered["secondword @reader-person @other-person"]
    assert eventually(lambda: witness.told, {first, second}) == {first: 1, second: 1}

    for _again in range(8):  # by page, by token and by the calendar's key, whichever process answers
        assert browsers["reader"].get(page, timeout=20).status_code == 404
        assert browsers["reader"].get(f"{server.url}/groups/{inside.slug}", timeout=20).status_code == 404
        assert inside.api(inside.reader, "GET", f"/discussions/{inside.discussion}").status_code == 404
        assert inside.api(inside.reader, "GET", f"/posts/{second}").status_code == 404
        assert requests.get(calendar, timeout=20).status_code == 404
    assert not inside.reader.post(inside.discussion, "thirdword") or inside.reader.refused
    assert until(lambda: inside.letters("other@example.org", "secondword"))
    assert inside.letters("reader@example.org", "secondword") == []
    unread = inside.api(inside.reader, "GET", "/notifications").text
    assert "secondword" not in unread
    assert "Among us" not in unread
    assert [dict(one.told) for one in sockets] == [{first: 1}] * 8
    again = Subscriber(server, inside.discussion, {"Cookie": cookies["reader"]})
    with pytest.raises(RuntimeError, match="not found"):
        again.connect()
    for one in (*sockets, witness, again):
        one.disconnect()
