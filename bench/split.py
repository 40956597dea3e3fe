"""Split posts off a long discussion while others write in it.

    .venv/bin/python bench/split.py [--posts 10000 --split 500 --clients 8]

On a database of its own (SQLite) a discussion is filled, threads publish in it without pause, and one branch of that many posts is
split off meanwhile. Printed: how long that took, how many posts were written in the time, and whether anything is lost, doubled or
miscounted afterwards.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from alliance import app
from alliance.accounts.models import Person
from alliance.core import clock, db
from alliance.core.settings import Settings
from alliance.discussions import queries, recounting, services
from alliance.discussions.models import Discussion, Post
from alliance.discussions.tree import Place, place
from alliance.groups.models import Space
from alliance.moderation import moves
from alliance.policy import Actor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--split", type=int, default=500)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="alliance-split-") as folder:
        app.start(Settings(data_dir=Path(folder), secret_key="x" * 40, log_format="json"))
        app.create_app()
        app.migrate()
        run(given.posts, given.split, given.clients)
        db.disconnect()


def run(posts: int, branch: int, clients: int) -> None:
    people = [person(number) for number in range(clients + 1)]
    discussion_id = fill(people[0], posts, branch)
    recounting.repair()
    stop, written, failed = threading.Event(), itertools.count(), []

    def write(actor: Actor) -> None:
        while not stop.is_set():
            try:
                services.publish_post(actor, queries.get_discussion(actor, discussion_id), "Somebody writes on.")
                next(written)
            except Exception as error:
                failed.append(repr(error))
            finally:
                db.release()

    threads = [threading.Thread(target=write, args=(one,)) for one in people[1:]]
    for thread in threads:
        thread.start()
    time.sleep(1)
    began = time.perf_counter()
    done = moves.branches(Actor.system(), discussion_id, [2], title="Split off", reason="Measured.")
    took, target_id, moved = time.perf_counter() - began, done.target.id, done.posts
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join()
    db.release()
    total = db.session().scalar(select(func.count(Post.id))) or 0
    there = db.session().scalar(select(func.count(Post.id)).where(Post.discussion_id == target_id))
    number = next(written)
    print(f"split {moved} of {posts} posts in {took:.2f} s while {clients} clients wrote {number} posts ({len(failed)} refused)")
    print(f"posts: {total} of {posts + number}; in the new discussion: {there} of {branch}; counted rightly: {not recounting.check()}")
    if failed:
        print(failed[0])


def person(number: int) -> Actor:
    with db.transaction() as session:
        now = clock.now()
        row = Person(
            handle=f"p{number}x",
            email=f"p{number}@example.org",
            name=f"Person {number}",
            stakeholder_type="government",
            confirmed_at=now,
            created_at=now,
        )

        session.add(row)
        session.flush()
        return Actor("person", row.id, confirmed=True)


def fill(author: Actor, posts: int, branch: int) -> int:
    """A discussion whose second post has a branch of a size below it; every other post stands at the top."""
    space = db.session().scalars(select(Space).where(Space.code == "c1")).one()
    found = services.open_discussion(author, space, "A long discussion", "It begins.")
    discussion_id, space_id = found.id, found.space_id
    began, rows = clock.now() - timedelta(days=30), []
    root = place(2, None)
    for number in range(2, posts + 1):
        below = 2 < number <= branch + 1
        spot = place(number, Place(root.path, 0)) if below else place(number, None)
        rows.append(row_of(discussion_id, space_id, author, number, spot, below) | {"created_at": began + timedelta(seconds=number)})
    with db.transaction() as session:
        session.execute(insert(Post), rows[:1])
        root_id = session.scalar(select(Post.id).where(Post.discussion_id == discussion_id, Post.number == 2))
        session.execute(insert(Post), [{**row, "parent_id": root_id if row["parent_number"] else None} for row in rows[1:]])
        session.execute(update(Post).where(Post.id == root_id).values(replies_count=branch - 1))
        session.execute(update(Discussion).where(Discussion.id == discussion_id).values(next_number=posts + 1))
    return discussion_id


def row_of(discussion_id: int, space_id: int, author: Actor, number: int, spot: Place, below: bool) -> dict[str, Any]:
    return {
        "discussion_id": discussion_id, "space_id": space_id, "author_id": author.person_id, "number": number, "path": spot.path,
        "depth": spot.depth, "parent_id": None, "parent_number": 2 if below else None, "body": f"Post {number}.", "html": f"<p>Post {number}.</p>",
        "renderer_version": 1, "language": "en", "status": "visible", "stakeholder_type": "government", "type_rank": number, "replies_count": 0,
        "revision": 1, "version": 1, "imported": False,
    }  # fmt: skip


if __name__ == "__main__":
    main()
