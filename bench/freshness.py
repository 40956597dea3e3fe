"""How soon a post is found that was just published, at 50 posts a second: `python -m bench.freshness`.

Eight people write through the API of one served process, together at a steady rate, whatever the answers take; all the while
one reader asks the search for the newest of them, ten times a second. Told is, from the answer to the writer to the first
answer of the search that holds the post (so up to the time between two questions too long), p50, p99 and the longest; how
many were written in a second, in case the machine does not come up to the rate; and the processor's time for each post.
Exit code 1 when a post was never found, or the 99th of a hundred after more than two seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import random
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.fill import Words
from bench.kill_rounds import Poster, open_discussion
from bench.posting import megabytes, processor_seconds, writers
from tests import services
from tests.servers import LiveServer

PEOPLE = 8
LIMIT = 2.0
PATIENCE = 60.0
WORD = "freshzeppelin"


class Run:
    """What was written when, and found when."""

    def __init__(self, rate: float, seconds: float) -> None:
        self.rate = rate
        self.ends = seconds
        self.began = time.monotonic()
        self.turn = itertools.count()
        self.answered: dict[int, float] = {}
        self.found: dict[int, float] = {}
        self.refused: list[str] = []

    def write(self, poster: Poster, discussion: int, words: Words) -> None:
        """Take the next turn, wait for its moment, write."""
        connection = HTTPConnection("127.0.0.1", poster.server.port, timeout=60)
        headers = {"Authorization": f"Bearer {poster.token}", "Content-Type": "application/json"}
        while (due := next(self.turn) / self.rate) < self.ends:
            time.sleep(max(0.0, self.began + due - time.monotonic()))
            key = {"Idempotency-Key": f"{random.getrandbits(64):x}"}
            body = json.dumps({"body": f"{WORD} {words.post()}"})
            connection.request("POST", f"/api/v1/discussions/{discussion}/posts", body, headers | key)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status == 201:
                self.answered[json.loads(said)["id"]] = time.monotonic()
            else:
                self.refused.append(f"{answer.status} {said[:200]!r}")
        connection.close()

    def read(self, server: LiveServer, stop: threading.Event) -> None:
        """Ask for the newest again and again; further back when much came at once."""
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        while not stop.is_set():
            after, new = "", True
            while new:
                connection.request("GET", f"/api/v1/search?q={WORD}&sort=new&limit=100{after}")
                page: Any = json.loads(connection.getresponse().read())
                now = time.monotonic()
                ids = {item["id"] for item in page["items"]}
                new = bool(ids - self.found.keys()) and page["next"] is not None and page["source"] == "index"
                self.found.update((one, now) for one in ids - self.found.keys() if page["source"] == "index")
                after = f"&after={page['next']}"
            time.sleep(0.1)
        connection.close()

    def delays(self) -> list[float]:
        """How long each post took that was found, the shortest first."""
        return sorted(max(0.0, self.found[one] - moment) for one, moment in self.answered.items() if one in self.found)


def settled(server: LiveServer, discussion: int, poster: Poster) -> None:
    """Wait until the index is there (the first start makes it) and takes in what is said."""
    poster.post(discussion, "settled is the index")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with urlopen(f"{server.url}/api/v1/search?q=settled") as answer:
            found = json.load(answer)
        if found["items"] and found["source"] == "index":
            return
        time.sleep(0.2)


def measure(name: str, server: LiveServer, rate: float, seconds: float) -> bool:
    """One engine; whether all was found soon enough."""
    posters = writers(server, PEOPLE)
    server.start()
    assert server.process is not None
    root = server.process.pid
    try:
        discussion = open_discussion(posters[0], 1)
        settled(server, discussion, posters[0])
        before = processor_seconds(root)
        run, stop = Run(rate, seconds), threading.Event()
        reader = threading.Thread(target=run.read, args=(server, stop))
        threads = [threading.Thread(target=run.write, args=(poster, discussion, Words(n))) for n, poster in enumerate(posters)]
        for thread in (reader, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        took, used = time.monotonic() - run.began, processor_seconds(root) - before
        end = time.monotonic() + PATIENCE
        while run.answered.keys() - run.found.keys() and time.monotonic() < end:
            time.sleep(0.2)
        stop.set()
        reader.join()
        return tell(name, run, took, used, megabytes(root))
    finally:
        server.stop()


def tell(name: str, run: Run, took: float, used: float, size: float) -> bool:
    """Print a line; whether all is well."""
    delays, count = run.delays(), len(run.answered)
    lost = count - len(delays)
    p50, p99 = (delays[int(len(delays) * share)] if delays else 0.0 for share in (0.5, 0.99))
    print(
        f"{name:10} {count:6} posts, {count / took:5.1f} a second: found after p50 {p50:.2f} s, p99 {p99:.2f} s, at most {delays[-1] if delays else 0:.2f} s;"
        f" never {lost}; refused {len(run.refused)}; {used * 1000 / max(1, count):.1f} ms of processor a post, {size:.0f} MB",
        flush=True,
    )
    return not lost and not run.refused and p99 <= LIMIT


def main() -> None:
    """Both engines, or one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--engine", choices=("whoosh", "postgres"), action="append")
    given = parser.parse_args()
    well = True
    for kind in given.engine or ("whoosh", "postgres"):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="alliance-fresh-"))
            database = stack.enter_context(services.postgresql()) if kind == "postgres" else ""
            server = LiveServer(Path(folder) / "data", database, rate_limits="off", log_format="json")
            well &= measure(kind, server, given.rate, given.seconds)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
