"""How quickly search answers, and how long a rebuild takes: `python -m bench.search --posts 100000 --engine postgres`.

Documents of invented prose go straight into an index of their own (Whoosh in a temporary folder, PostgreSQL in a private
server), in bulk; queries are of two to eight words, some with a phrase, a beginning or a filter, each with all facets, as
one reader of two thirds of the spaces asks them. Told are the milliseconds of a warm index, and the processor's own
seconds beside those of the clock: on a shared machine only the former can be compared.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine

from alliance.core.text import plain, render
from alliance.core.vocabulary import STAKEHOLDER_TYPES
from alliance.search import query_language
from alliance.search.engine import Document, SearchEngine, Sight
from alliance.search.postgres_engine import PostgresEngine
from alliance.search.whoosh_engine import WhooshEngine
from bench.fill import COUNTRIES, STOCK, Words
from tests import services

SPACES = 30
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)


def documents(count: int, words: Words) -> Iterator[Document]:
    """So many posts, their text taken out of rendered HTML as in a rebuild."""
    chance = random.Random(7)
    stock = [render(words.post()).html for _number in range(STOCK)]
    for number in range(count):
        opening = number % 10 == 0
        yield Document(
            key=f"p{number}",
            body=f"{plain(chance.choice(stock))} {words.sentence(6)}",
            title=words.sentence(6) if opening else "",
            about="" if opening else "some title or other",
            language=chance.choice(("en", "fr", "es")),
            spaces=(f"c{number % SPACES}",),
            author=(f"person{number % 500}", f"Person {number % 500}"),
            stakeholder_type=chance.choice(STAKEHOLDER_TYPES),
            country=chance.choice(COUNTRIES),
            created_at=BEGAN + timedelta(minutes=number),
            kind="discussion" if opening else "post",
            space_id=1 + number % SPACES,
            discussion_id=1 + number // 10,
        )


def queries(count: int, words: Words) -> list[str]:
    """What people ask for: mostly some words, now and then more exactly."""
    chance = random.Random(11)
    made = []
    for number in range(count):
        line = " ".join(chance.choices(words.words, words.weights, k=chance.randint(2, 8)))
        if number % 8 == 1:
            line = f'"{" ".join(line.split()[:2])}" {line}'
        elif number % 8 == 2:
            line = f"{line} {chance.choice(words.words)[:4]}*"
        elif number % 8 == 3:
            line = f"{line} space:c{number % SPACES} after:2024-06"
        made.append(line)
    return made


@contextlib.contextmanager
def engines(kind: str) -> Iterator[SearchEngine]:
    """An engine without an index."""
    if kind == "whoosh":
        with tempfile.TemporaryDirectory(prefix="alliance-bench-") as folder:
            yield WhooshEngine(Path(folder))
    else:
        with services.postgresql() as url:
            opened = create_engine(url)
            yield PostgresEngine(lambda: opened, "bench")
            opened.dispose()


def measure(engine: SearchEngine, asked: list[str], what: str) -> None:
    """Ask all once to warm up, then again with a clock."""
    sight = Sight(frozenset(range(1, 1 + SPACES * 2 // 3)))
    parsed = [query_language.parse(line) for line in asked]
    for query in parsed:
        engine.search(query, "relevance", 100, sight, facets=True)
    wall, own = [], []
    for query in parsed:
        began, spent = time.perf_counter(), time.thread_time()
        engine.search(query, "relevance", 100, sight, facets=True)
        wall.append((time.perf_counter() - began) * 1000)
        own.append((time.thread_time() - spent) * 1000)
    for name, values in (("clock", sorted(wall)), ("processor", sorted(own))):
        print(
            f"{what}: {name} ms p50 {values[len(values) // 2]:.1f}, p95 {values[int(len(values) * 0.95)]:.1f}, most {values[-1]:.1f}",
            flush=True,
        )


def main() -> None:
    """Build, tell how long it took, ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--engine", choices=["whoosh", "postgres"], action="append")
    parser.add_argument("--queries", type=int, default=200)
    given = parser.parse_args()
    for kind in given.engine or ["whoosh", "postgres"]:
        words = Words(3)
        with engines(kind) as engine:
            began, spent = time.perf_counter(), time.process_time()
            engine.rebuild(documents(given.posts, words), 0).adopt()
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            took = f"{time.perf_counter() - began:.0f} s ({time.process_time() - spent:.0f} s of processor), {memory} MB at most"
            print(f"{kind}, {given.posts} posts: built in {took}", flush=True)
            measure(engine, queries(given.queries, Words(3)), f"{kind}, {given.posts} posts")


if __name__ == "__main__":
    main()
