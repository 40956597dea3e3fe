"""What search answers to what nobody sensible asks, and how soon: `python -m bench.bad_input`.

Asks an installation that is filled and indexed (`ALLIANCE_DATA_DIR`, `ALLIANCE_DATABASE_URL`; made with `python -m bench.fill
--posts 100000` and `alliance search rebuild`) through every door of search: page, feed, API, completion, similar
discussions, saved searches; with `--no-index` as it answers while there is none. Told are, for each question, the status and the slowest
door, in seconds of the clock and of the processor, asked once with nothing remembered. Exit code 1 when an answer was an
error of the server, or took longer than a second of the processor.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
import time
from collections.abc import Iterator
from unittest import mock
from urllib.parse import urlencode

from flask.testing import FlaskClient
from sqlalchemy import select

from alliance import app
from alliance.accounts import passwords
from alliance.accounts.models import Person
from alliance.core import db
from alliance.core.settings import current
from alliance.search import services
from alliance.search.engine import IndexUnavailable
from bench.fill import Words

DOORS = ("/search", "/search.atom", "/api/v1/search", "/search/suggestions", "/search/similar")
LIMIT = 1.0
PASSWORD = "bench-bench-bench"  # of the people bench.fill makes


def made_up(*parts: object) -> str:
    """A cursor nobody gave."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def questions(words: Words) -> Iterator[tuple[str, dict[str, str]]]:
    """Names, and what is asked."""
    chance = random.Random(5)
    some = words.words
    texts = {
        "100 kB of words that are there": " ".join(chance.choices(some, k=15_000))[:100_000],
        "100 kB of one letter": "a" * 100_000,
        "100 kB of brackets": "(" * 100_000,
        "100 kB of quotation marks": '"' * 99_999,
        "5,000 words that are there": " ".join(chance.choices(some, k=5000)),
        "5,000 words that are nowhere": " ".join(f"nowhere{number}x" for number in range(5000)),
        "the 40 most frequent words": " ".join(some[:40]),
        "40 beginnings": " ".join(f"{word[:3]}*" for word in some if len(word) > 4 and chance.random() < 0.01)[:900],
        "40 words misspelt": " ".join(f"{word[:3]}q{word[3:]}" for word in some[200:2000] if len(word) > 6)[:900],
        "ten ORs of phrases": " ".join(f'"{a} {b}" OR "{b} {a}"' for a, b in zip(some[:20:2], some[1:20:2], strict=True)),
        "a phrase of 100 words": f'"{" ".join(some[:100])}"',
        "20 phrases of frequent words": " ".join(f'"{some[n]} {some[n + 1]}"' for n in range(20)),
        "40 words left out": " ".join(f"-{word}" for word in some[:40]),
        "*a*": "*a*",
        "a*": "a*",
        "regular expressions": "^(a+)+$ [a-z]{1,99}(.*)*$ (?=x)\\b",
        "((((": "((((",
        "control characters": "\x00\x01\x07\x1b[2Jradio\x7f\x9f",
        "lone surrogates": "ra\ud800dio \udfff",
        "right-to-left overrides": "\u202eoidar\u202c \u2067x\u2069",
        "a date that does not exist": "before:2026-02-30 after:9999-99-99 radio",
        "fields that do not exist": "nothing:here colour:red a:b:c:d radio",
        "values that do not exist": "space:c99 type:martian lang:tlh country:XX kind:thing has:x is:y tag:none",
        "SQL": "'; DROP TABLE posts; -- %_%",
        "Chinese without end": "信" * 5000,
        "Arabic signs without letters": "\u064e" * 5000,
        "signs upon signs": "a" + "\u0301" * 50_000,
    }
    for name, text in texts.items():
        yield name, {"q": text}
    for name, cursor in {
        "a cursor of nothing": "made-up",
        "a cursor of another list": made_up("other", 1.0, "p1"),
        "a cursor of great numbers": made_up("new", 1e300, "p999999999999999"),
        "a cursor with no sense": made_up("relevance", -1.0, "zz"),
    }.items():
        yield name, {"q": some[0], "after": cursor}
    yield (
        "every choice wrong",
        dict.fromkeys(("space", "author", "from", "to", "language"), "\x00[" * 500) | {"q": some[0]},
    )


def ask(client: FlaskClient, given: dict[str, str]) -> Iterator[tuple[str, int, float, float]]:
    """Every door with its status, and how long it took by the clock and by the processor."""
    query = {name: value.encode("utf-8", "surrogatepass") for name, value in given.items()}
    for door in (*DOORS, "/searches"):
        began, spent = time.perf_counter(), time.process_time()
        if door == "/searches":
            answer = client.post(door, data={"address": urlencode(query), "name": query["q"], "alert": "page"})
        else:
            title = {"title": query["q"]} if door.endswith("similar") else {}
            answer = client.get(door, query_string=query | title)
        answer.get_data()
        yield door, answer.status_code, time.perf_counter() - began, time.process_time() - spent


def refused(*_anything: object, **_more: object) -> None:
    """As if there were no index."""
    raise IndexUnavailable("there is none, for the sake of measuring")


def signed_in() -> FlaskClient:
    """Somebody of those that bench.fill makes."""
    made = app.create_app(current())
    made.config["WTF_CSRF_ENABLED"] = False
    client = made.test_client()
    with db.transaction() as session:
        session.scalars(select(Person).where(Person.email == "person1@example.org")).one().password_hash = passwords.make(PASSWORD)
    client.post("/sign-in", data={"email": "person1@example.org", "password": PASSWORD})
    return client


def main() -> None:
    """Ask all, and say what was slowest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-index", action="store_true")
    given = parser.parse_args()
    app.start()
    client = signed_in()
    wrong = 0
    with mock.patch.object(type(services.engine()), "search", refused) if given.no_index else mock.MagicMock():
        print(f"{'what':32} {'statuses':24} {'clock':>6} {'cpu':>6}  slowest")
        for name, asked in questions(Words(1)):
            answers = list(ask(client, asked))
            door, _status, wall, own = max(answers, key=lambda one: one[3])
            statuses = " ".join(str(status) for _door, status, _wall, _own in answers)
            bad = own > LIMIT or any(status >= 500 for _door, status, _wall, _own in answers)
            wrong += bad
            print(f"{name:32} {statuses:24} {wall:6.2f} {own:6.2f}  {door}{'  <- wrong' if bad else ''}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
