"""What a page costs in a real browser: requests and bytes on the wire, everything counted."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import BrowserContext, Page

from tests.servers import LiveServer

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Weight:
    """The answers that came over the wire, with their bytes, headers included; what the browser kept is not there."""

    bytes_of: dict[str, int] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many."""
        return len(self.bytes_of)

    @property
    def bytes(self) -> int:
        """How many in all."""
        return sum(self.bytes_of.values())


def weigh(context: BrowserContext, url: str, settled: str | None = None) -> tuple[Weight, Page]:
    """Open a page and weigh what it takes until it is settled: nothing is on its way any more, and a selector is there."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    asked: dict[str, str] = {}
    kept: set[str] = set()
    done: dict[str, int] = {}
    wire.on("Network.requestWillBeSent", lambda told: asked.__setitem__(told["requestId"], told["request"]["url"]))
    wire.on("Network.requestServedFromCache", lambda told: kept.add(told["requestId"]))
    wire.on("Network.responseReceived", lambda told: kept.add(told["requestId"]) if told["response"].get("fromDiskCache") else None)
    wire.on("Network.loadingFinished", lambda told: done.__setitem__(told["requestId"], int(told["encodedDataLength"])))
    page.goto(url, wait_until="networkidle")
    if settled:
        page.wait_for_selector(settled, state="attached")
    return Weight({asked[one]: size for one, size in done.items() if one in asked and one not in kept}), page


def texts(language: str, words: int) -> Iterator[str]:
    """What people might write: real texts in a language, each of so many words; when all were used, their words in other orders."""
    bodies = []
    for file in sorted((ROOT / "alliance" / "data" / "demo" / "discussions").glob("*.json")):
        bodies += list(_bodies(json.loads(file.read_text(encoding="utf-8")), language))
    line: list[str] = []
    for turn, body in enumerate(itertools.cycle(bodies)):
        said = body.split()
        if turn >= len(bodies):
            random.Random(turn).shuffle(said)
        line += said
        while len(line) >= words:
            yield " ".join(line[:words])
            line = line[words:]


def _bodies(found: Any, language: str, spoken: str = "") -> Iterator[str]:
    if isinstance(found, dict):
        spoken = found.get("language", spoken)
        if isinstance(found.get("body"), str) and spoken == language:
            yield found["body"]
    for one in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from _bodies(one, language, spoken)


def open_discussion(server: LiveServer, tokens: list[str], language: str, posts: int, words: int) -> str:
    """A discussion of so many posts, in which replies answer replies; its address."""
    said = texts(language, words)
    sessions = [requests.Session() for _token in tokens]
    for session, token in zip(sessions, tokens, strict=True):
        session.headers["Authorization"] = f"Bearer {token}"
    opened = {"space": "c2", "title": next(said)[:60], "body": next(said), "language": language}
    made = _sent(sessions[0], f"{server.url}/api/v1/discussions", opened)
    before: list[int | None] = [None]
    for number in range(posts - 1):
        reply = {"body": next(said), "language": language, "parent_id": before[number // 2]}
        session = sessions[number % len(sessions)]
        before.append(_sent(session, f"{server.url}/api/v1/discussions/{made['id']}/posts", reply)["id"])
    return f"{server.url}/d/{made['id']}/{made['slug']}"


def _sent(session: requests.Session, url: str, body: dict[str, Any]) -> Any:
    answer = session.post(url, json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()
