"""Kill the server in the middle of its work, again and again, and count what became of every post.

    python -m bench.kill_rounds --rounds 100 [--clients 8] [--postgresql] [--seed 1]

A round: a discussion, eight clients posting to it through the API as fast as they can, a Socket.IO subscriber; at a random
moment `kill -9` of all the server's processes; start again; the clients repeat what was not answered with the same
Idempotency-Key; the subscriber comes back with its cursor. Then, for every post answered 201:

    there       it stands in the discussion (lost: it does not)
    once        and its text stands there once
    indexed     the search finds it, once
    announced   the subscriber was told of it, once

Exit code 1 when any number is not zero.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import requests
import socketio
from socketio.exceptions import BadNamespaceError, SocketIOError
from tqdm import tqdm

from tests import services
from tests.servers import LiveServer

PATIENCE = 30.0


@dataclass
class Counts:
    """What was found; all but the first three must be zero."""

    rounds: int = 0
    answered: int = 0
    repeated: int = 0
    lost: int = 0
    doubled: int = 0
    unindexed: int = 0
    indexed_twice: int = 0
    unannounced: int = 0
    announced_twice: int = 0
    refused: int = 0

    @property
    def wrong(self) -> int:
        """How many things were wrong."""
        return sum(getattr(self, f.name) for f in fields(self)[3:])

    def __str__(self) -> str:
        return ", ".join(f"{f.name.replace('_', ' ')} {getattr(self, f.name)}" for f in fields(self))


@dataclass
class Poster:
    """A client of the API: posts until the server is gone, remembers what it was told."""

    server: LiveServer
    token: str
    answered: dict[str, int] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def post(self, discussion: int, text: str) -> bool:
        """Post `text`, which is also its Idempotency-Key; returns whether there was an answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": text}
        try:
            answer = requests.post(
                f"{self.server.url}/api/v1/discussions/{discussion}/posts", json={"body": text}, headers=headers, timeout=20
            )
            if answer.status_code == 201:
                self.answered[text] = int(answer.json()["id"])
            else:
                self.refused.append(f"{answer.status_code} {answer.text[:200]}")
        except requests.RequestException:
            return False
        return True

    def run(self, discussion: int, texts: Iterator[str], stop: threading.Event) -> None:
        """Post one after the other until there is no answer."""
        while not stop.is_set():
            text = next(texts)
            if not self.post(discussion, text):
                self.unanswered.append(text)
                return


class Subscriber:
    """Follows one discussion across restarts, each time from the cursor it had."""

    def __init__(self, server: LiveServer, discussion: int, headers: dict[str, str] | None = None) -> None:
        self.server = server
        self.headers = headers or {}
        self.discussion = discussion
        self.told: Counter[int] = Counter()
        self.cursor: int | None = None
        self._client: Any = None

    def connect(self) -> None:
        """Connect and subscribe, with everything missed since the cursor."""
        self._client = socketio.Client(reconnection=False)
        self._client.on("post.published", self._published)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._client.connect(self.server.url, headers=self.headers, transports=["websocket"], wait_timeout=10)
                answer = self._client.call("subscribe", {"discussion": self.discussion, "since": self.cursor}, timeout=10)
                break
            except SocketIOError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        if not answer["ok"]:
            raise RuntimeError(f"subscribe: {answer}")
        for event in answer["missed"]:
            if event["event"] == "post.published":
                self._published(event)
        self.cursor = max(self.cursor or 0, answer["cursor"])

    def _published(self, data: dict[str, Any]) -> None:
        self.told[data["id"]] += 1
        self.cursor = max(self.cursor or 0, data["cursor"])

    @property
    def connected(self) -> bool:
        """Whether the connection still stands."""
        return bool(self._client.connected)

    def disconnect(self) -> None:
        """Go."""
        with contextlib.suppress(SocketIOError, BadNamespaceError):
            self._client.disconnect()


def everybody(server: LiveServer, clients: int, called: str = "client") -> list[Poster]:
    """People with a token each."""
    posters = []
    for number in range(clients):
        email = f"{called}{number}@example.org"
        made = server.run("user", "create", email, "--name", f"Client {number}", "--stakeholder-type", "academia_technical", "--verified")
        token = server.run("token", "create", email)
        if made.returncode or token.returncode:
            raise RuntimeError(made.stderr + token.stderr)
        posters.append(Poster(server, token.stdout.strip()))
    return posters


def open_discussion(poster: Poster, number: int) -> int:
    """A discussion of its own for a round."""
    body = {"space": "c1", "title": f"Round {number}", "body": "Everything said here must stay said, and once.", "language": "en"}
    answer = requests.post(
        f"{poster.server.url}/api/v1/discussions", json=body, headers={"Authorization": f"Bearer {poster.token}"}, timeout=20
    )
    answer.raise_for_status()
    return int(answer.json()["id"])


def texts(number: int, client: int) -> Iterator[str]:
    """Texts that exist once each and share the word of their round."""
    return (f"killround{number} client{client} said number{n} r{number}c{client}n{n}" for n in itertools.count(1))


def listed(url: str, query: dict[str, str]) -> list[dict[str, Any]]:
    """All items of a list of the API."""
    items: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        answer = requests.get(url, params=query | {"limit": "100"} | ({"after": after} if after else {}), timeout=20)
        answer.raise_for_status()
        page = answer.json()
        items += page["items"]
        after = page["next"]
        if after is None:
            return items


def eventually(found: Callable[[], Counter[int]], wanted: set[int]) -> Counter[int]:
    """Ask until everything wanted is there, with patience."""
    end = time.monotonic() + PATIENCE
    while True:
        got = found()
        if wanted <= got.keys() or time.monotonic() > end:
            return got
        time.sleep(0.2)


def one_round(server: LiveServer, posters: list[Poster], number: int, pause: float, counts: Counts) -> None:
    """Post, kill, start, repeat, count."""
    discussion = open_discussion(posters[0], number)
    subscriber = Subscriber(server, discussion)
    subscriber.connect()
    stop = threading.Event()
    threads = [
        threading.Thread(target=poster.run, args=(discussion, texts(number, n), stop), daemon=True) for n, poster in enumerate(posters)
    ]
    for thread in threads:
        thread.start()
    time.sleep(pause)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join(30)
    subscriber.disconnect()
    server.start()
    subscriber.connect()
    for poster in posters:
        for text in poster.unanswered:
            counts.repeated += poster.post(discussion, text)
    _count(server, discussion, number, posters, subscriber, counts)
    subscriber.disconnect()


def _count(server: LiveServer, discussion: int, number: int, posters: list[Poster], subscriber: Subscriber, counts: Counts) -> None:
    answered = {text: identity for poster in posters for text, identity in poster.answered.items()}
    wanted = set(answered.values())
    posts = listed(f"{server.url}/api/v1/discussions/{discussion}/posts", {})
    there = Counter(post["id"] for post in posts)
    bodies = Counter(post["body"].strip() for post in posts)
    found = eventually(lambda: _search(server, number, discussion), wanted)
    told = eventually(lambda: subscriber.told, wanted)
    time.sleep(0.5)  # for what would come a second time
    counts.rounds += 1
    counts.answered += len(answered)
    counts.lost += len(wanted - there.keys())
    counts.doubled += sum(n - 1 for n in bodies.values()) + len(answered) - len(wanted)
    counts.unindexed += len(wanted - found.keys())
    counts.indexed_twice += sum(n - 1 for n in found.values())
    counts.unannounced += len(wanted - told.keys())
    counts.announced_twice += sum(n - 1 for n in told.values())
    for poster in posters:
        counts.refused += len(poster.refused)
        for said in poster.refused[:1]:
            tqdm.write(f"round {number}: {said}", file=sys.stderr)
        poster.answered, poster.unanswered, poster.refused = {}, [], []


def _search(server: LiveServer, number: int, discussion: int) -> Counter[int]:
    url, query = f"{server.url}/api/v1/search", {"q": f"killround{number}"}
    if requests.get(url, params=query, timeout=20).json()["source"] != "index":
        return Counter()  # answered without the index: it is being repaired
    return Counter(hit["id"] for hit in listed(url, query) if hit["discussion_id"] == discussion)


def kill_rounds(server: LiveServer, rounds: int, clients: int, seed: int) -> Counts:
    """All of it; the server is started here and killed at the end."""
    moments = random.Random(seed)
    counts = Counts()
    server.start()
    posters = everybody(server, clients)
    try:
        for number in tqdm(range(1, rounds + 1), disable=not sys.stderr.isatty(), unit="round"):
            one_round(server, posters, number, moments.uniform(0.1, 2.5), counts)
    finally:
        server.kill()
    return counts


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Kill the server in the middle of its work, and count.")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="alliance-kill-"))
        database = stack.enter_context(services.postgresql()) if given.postgresql else ""
        server = LiveServer(Path(folder) / "data", database, rate_limits="off", log_format="json")
        began = time.monotonic()
        counts = kill_rounds(server, given.rounds, given.clients, given.seed)
    print(f"{counts} ({time.monotonic() - began:.0f} s)")
    sys.exit(1 if counts.wrong else 0)


if __name__ == "__main__":
    main()
