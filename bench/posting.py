"""How many posts a second one process takes, beside bare INSERTs: `python -m bench.posting`.

Sixteen people write in one discussion through the API, each post with an Idempotency-Key and of about 80 words; all of
them watch it, the jobs are done in the process beside, and every answer is durable (SQLite: synchronous FULL in WAL; PostgreSQL: a
private server that waits for its disk). Before each line the bare rate is measured anew through the same driver on the same
disk: one row of the same size inserted and committed, as often as it goes, by as many connections (SQLite: one, it has one
writer). On a shared machine only the shares, and the processor's time for each post, can be compared.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from json import dumps
from pathlib import Path

import psycopg

from alliance import app
from alliance.accounts import services as accounts
from alliance.accounts.models import Person
from alliance.core import clock, db, vocabulary
from bench.fill import Words
from bench.kill_rounds import Poster, open_discussion
from tests import services
from tests.servers import LiveServer

CLIENTS = (1, 16)
TICK = os.sysconf("SC_CLK_TCK")


class Taken:
    """What clients were answered."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.refused: list[str] = []


def people(number: int) -> None:
    """In a process of its own: that many people, each told by their token."""
    app.start()
    app.migrate()
    for n in range(number):
        with db.transaction() as session:
            kind = vocabulary.STAKEHOLDER_TYPES[n % 6]
            person = Person(handle=f"writer{n}", email=f"writer{n}@example.org", name=f"Writer {n}", stakeholder_type=kind, country="KE")
            person.confirmed_at = person.created_at = clock.now()
            session.add(person)
        sys.stdout.write(accounts.create_token(person, "write") + "\n")


def writers(server: LiveServer, number: int) -> list[Poster]:
    """The clients."""
    command = [sys.executable, "-m", "bench.posting", "--people", str(number)]
    told = subprocess.run(command, env=server.env, check=True, capture_output=True, text=True).stdout
    return [Poster(server, token) for token in told.split()]


def write(poster: Poster, discussion: int, text: Callable[[], str], until: float, taken: Taken) -> None:
    """One client on one connection: posts, one after the other, until it is time."""
    connection = HTTPConnection("127.0.0.1", poster.server.port, timeout=60)
    path = f"/api/v1/discussions/{discussion}/posts"
    headers = {"Authorization": f"Bearer {poster.token}", "Content-Type": "application/json"}
    while (began := time.monotonic()) < until:
        connection.request("POST", path, dumps({"body": text()}), headers | {"Idempotency-Key": f"{random.getrandbits(64):x}"})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status == 201:
            taken.times.append(time.monotonic() - began)
        else:
            taken.refused.append(f"{answer.status} {said[:200]!r}")
    connection.close()


def rate(posters: list[Poster], discussion: int, texts: list[str], seconds: float) -> tuple[float, Taken]:
    """Posts a second of these clients together."""
    taken, began = Taken(), time.monotonic()
    threads = [
        threading.Thread(target=write, args=(poster, discussion, lambda: random.choice(texts), began + seconds, taken))
        for poster in posters
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(taken.times) / (time.monotonic() - began), taken


def commits(ways: list[Callable[[], None]], seconds: float) -> float:
    """How often these threads do their insert and commit in a second, together."""
    done, until = [0] * len(ways), time.monotonic() + seconds

    def work(number: int, once: Callable[[], None]) -> None:
        while time.monotonic() < until:
            once()
            done[number] += 1

    threads = [threading.Thread(target=work, args=(number, once)) for number, once in enumerate(ways)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def bare_sqlite(folder: Path, text: str, seconds: float) -> float:
    """INSERT and COMMIT with sqlite3, as durable as the product's."""
    with contextlib.closing(sqlite3.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body TEXT, html TEXT)")

        def once() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO bare (body, html) VALUES (?, ?)", (text, f"<p>{text}</p>"))
            connection.execute("COMMIT")

        return commits([once], seconds)


def bare_postgresql(dsn: str, clients: int, text: str, seconds: float) -> float:
    """INSERT and COMMIT with psycopg, of as many connections as there are clients."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(psycopg.connect(dsn, autocommit=True)) for _ in range(clients)]
        opened[0].execute("CREATE TABLE IF NOT EXISTS bare (id serial PRIMARY KEY, body text, html text)")

        def way(connection: psycopg.Connection) -> Callable[[], None]:
            def once() -> None:
                connection.execute("INSERT INTO bare (body, html) VALUES (%s, %s)", (text, f"<p>{text}</p>"))

            return once

        return commits([way(connection) for connection in opened], seconds)


def processes(root: int) -> list[int]:
    """A process and all below it."""
    found = [root]
    for pid in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def processor_seconds(root: int) -> float:
    """The processor's time that a process and all below it have used."""
    total = 0
    for pid in processes(root):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def megabytes(root: int) -> float:
    """Of the largest process: what it holds, shared pages by their share (PSS)."""
    sizes = [0]
    for pid in processes(root):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            sizes += [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
    return max(sizes) / 1024


def measure(name: str, server: LiveServer, bare: Callable[[int, str], float], seconds: float) -> None:
    """All lines of one database."""
    words = Words(1)
    texts = [words.post() for _ in range(500)]
    posters = writers(server, max(CLIENTS))
    server.start()
    assert server.process is not None
    root = server.process.pid
    try:
        for clients in CLIENTS:
            discussion = open_discussion(posters[0], clients)
            rate(posters[:clients], discussion, texts, 1)  # everybody has said something, and watches
            raw, before = bare(clients, texts[0]), processor_seconds(root)
            found, taken = rate(posters[:clients], discussion, texts, seconds)
            used = (processor_seconds(root) - before) * 1000 / max(1, len(taken.times))
            times = sorted(taken.times)
            p50, p99 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.99))
            print(
                f"{name:11} {clients:7} {found:8.1f} {raw:8.0f} {found / raw:6.2f} {p50:7.1f} {p99:7.1f} {used:7.1f} {megabytes(root):6.0f}"
                + (f"  refused {len(taken.refused)}: {taken.refused[0]}" if taken.refused else ""),
                flush=True,
            )
        settled(server)
        print(f"{name:11} when all is told: {megabytes(root):.0f} MB", flush=True)
    finally:
        server.stop()


def settled(server: LiveServer, patience: float = 300) -> None:
    """Wait until the process has nothing more to do."""
    assert server.process is not None
    end = time.monotonic() + patience
    while time.monotonic() < end:
        before = processor_seconds(server.process.pid)
        time.sleep(3)
        if processor_seconds(server.process.pid) - before < 0.15:
            return


def lines(kind: str, folder: Path, seconds: float) -> None:
    """Measure on one kind of database."""
    if kind == "sqlite":
        server = LiveServer(folder / kind, rate_limits="off", log_format="json")
        measure(kind, server, lambda _clients, text: bare_sqlite(folder, text, 2), seconds)
    else:
        with services.postgresql(durable=True) as url:
            dsn = url.replace("+psycopg", "")
            server = LiveServer(folder / kind, url, rate_limits="off", log_format="json")
            measure(kind, server, lambda clients, text: bare_postgresql(dsn, clients, text, 2), seconds)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8, help="of each measurement")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--people", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.people:
        people(asked.people)
        return
    print("database    clients  posts/s   bare/s  share  p50 ms  p99 ms  cpu ms     MB")
    with tempfile.TemporaryDirectory(prefix="alliance-posting-") as folder:
        for kind in asked.database or ("sqlite", "postgresql"):
            lines(kind, Path(folder), asked.seconds)


if __name__ == "__main__":
    main()
