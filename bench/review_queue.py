"""The review queue and the statistics with little and with much in them: `python -m bench.review_queue [--engine postgresql]`.

A forum of its own (`bench.fill`); a moderator asks for the pages first with 10 flags and 10 held posts, then with 30 of each (more than the
list shows at once), then with 10,000 flags (on 5,000 posts), 1,000 held posts and 5,000 decisions. Told are how many statements each page takes and the milliseconds of
the clock and of the processor, the middle of 15 times: on a shared machine only the latter can be compared.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from alliance import app
from alliance.accounts import passwords
from alliance.accounts.models import Person
from alliance.core import clock, db
from alliance.core.settings import Settings
from alliance.discussions.models import Post
from alliance.moderation.models import Flag, LogEntry, ReviewItem
from alliance.moderation.reasons import FLAGS
from bench import fill
from tests import services
from tests.counting import statements

PASSWORD = "bench-bench-bench"
TIMES = 15
FLAGGERS = 20
PAGES = (
    "/moderation",
    "/moderation?kind=flag",
    "/moderation?kind=held_post&language=en",
    "/moderation?space=3",
    "/moderation?status=decided",
    "/moderation/statistics?period=30",
    "/moderation/statistics?period=365",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page took."""

    statements: int
    clock: float
    processor: float


def cost(client: FlaskClient, address: str) -> Cost:
    """Ask for a page."""
    with statements() as seen:
        assert client.get(address).status_code == 200, address
    wall, own = [], []
    for _time in range(TIMES):
        began, spent = time.perf_counter(), time.process_time()
        client.get(address).get_data()
        wall.append((time.perf_counter() - began) * 1000)
        own.append((time.process_time() - spent) * 1000)
    return Cost(len(seen), median(wall), median(own))


def burden(flags: int, held: int, decided: int, begin: int) -> int:
    """Have flags, held posts and decided flags there, about posts from a number on; the number of the post after them."""
    posts = db.session().execute(select(Post.id, Post.author_id, Post.space_id, Post.language).where(Post.number > 1).order_by(Post.id))
    rows = posts.all()[begin:]
    flaggers = list(db.session().scalars(select(Person.id).order_by(Person.id.desc()).limit(FLAGGERS)))
    each = 2 if flags > 100 else 1
    about, waiting, before = rows[: flags // each], rows[flags // each :][:held], rows[flags // each + held :][:decided]
    now = clock.now()
    items = [item("flag", row, now - timedelta(minutes=place)) for place, row in enumerate(about)]
    items += [item("held_post", row, now - timedelta(minutes=place)) for place, row in enumerate(waiting)]
    items += [
        item("flag", row, now - timedelta(hours=place % 8000), decision="hide" if place % 3 else "keep") for place, row in enumerate(before)
    ]
    given = [flag(row, one, place, now) for place, row in enumerate(about) for one in flaggers[:each]]
    acts = [act(row, "hide" if place % 3 else "dismiss", now - timedelta(hours=place % 8000)) for place, row in enumerate(before)]
    with db.transaction() as session:
        for model, made in ((ReviewItem, items), (Flag, given), (LogEntry, acts)):
            if made:
                session.execute(insert(model), made)
        for start in range(0, len(waiting), 500):
            session.execute(update(Post).where(Post.id.in_([row.id for row in waiting[start : start + 500]])).values(status="held"))
    return begin + len(about) + len(waiting) + len(before)


def item(kind: str, row: Any, moment: Any, decision: str = "") -> dict[str, Any]:
    """A row of the queue."""
    done = bool(decision)
    return {
        "kind": kind, "subject_id": row.id, "status": "decided" if done else "open", "audience": "moderators", "post_id": row.id,
        "person_id": row.author_id, "space_id": row.space_id, "language": row.language, "rule": "", "data": {}, "notes": [],
        "decision": decision, "decided_at": moment + timedelta(hours=3) if done else None, "wait": 10_800 if done else None, "created_at": moment,
    }  # fmt: skip


def flag(row: Any, person: int, place: int, now: Any) -> dict[str, Any]:
    """A flag."""
    reason = list(FLAGS)[place % len(FLAGS)]
    return {"post_id": row.id, "person_id": person, "reason": reason, "note": "", "created_at": now - timedelta(minutes=place)}


def act(row: Any, name: str, moment: Any) -> dict[str, Any]:
    """A row of the log (not bound to the one before it: nobody verifies it here)."""
    return {
        "act": name, "moderator_id": row.author_id, "role": "moderator", "space_id": row.space_id, "post_id": row.id, "reason": "Measured.",
        "created_at": moment, "previous": "0" * 64, "hash": "0" * 64,
    }  # fmt: skip


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of an empty database ("": SQLite in the folder)."""
    if kind == "sqlite":
        yield ""
    else:
        with services.postgresql() as url:
            yield url


def moderator(web: Any) -> FlaskClient:
    """A moderator, signed in."""
    now = clock.now()
    with db.transaction() as session:
        session.add(
            Person(
                handle="mo", email="mo@example.org", name="Mo", role="moderator", confirmed_at=now, created_at=now,
                password_hash=passwords.make(PASSWORD),
            )
        )  # fmt: skip
    client: FlaskClient = web.test_client()
    assert client.post("/sign-in", data={"email": "mo@example.org", "password": PASSWORD}).status_code == 303
    return client


def run(posts: int) -> None:
    """Measure with little, then with much."""
    web = app.create_app()
    web.config["WTF_CSRF_ENABLED"] = False
    app.migrate()
    fill.fill(posts // 20, posts, 200, min(1001, posts // 4), 1)
    client = moderator(web)
    begin, found = 0, []
    for more in ((10, 10, 10), (20, 20, 10), (9_970, 970, 4_980)):
        begin = burden(*more, begin)
        analyze()
        found.append({address: cost(client, address) for address in PAGES})
    print("page | 10 flags, 10 held: statements, ms, processor ms | 30, 30 | 10,000, 1,000")
    for address in PAGES:
        print(address, *(f"{one[address].statements}, {one[address].clock:.0f}, {one[address].processor:.0f}" for one in found), sep=" | ")


def analyze() -> None:
    """Let the database know what it holds, as it would by itself after a while."""
    db.release()
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="alliance-queue-") as folder, database(given.engine) as url:
        more = {"database_url": url} if url else {}
        app.start(Settings(data_dir=Path(folder), secret_key="x" * 40, log_format="json", rate_limits=False, **more))
        logging.disable(logging.INFO)
        run(given.posts)
        db.disconnect()


if __name__ == "__main__":
    main()
