"""Fill an empty database with much discussion: `python -m bench.fill --discussions 1000 --posts 20000`.

Rows are written directly, in bulk, the way the services would have left them (paths, counters, last posts), so that a
million posts take minutes. Texts are drawn from a fixed stock of rendered ones; the same seed gives the same forum.
The second discussion has exactly 30 posts, the first `--big`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import case, func, insert, select, update

from alliance import app
from alliance.accounts import passwords
from alliance.accounts.models import Person
from alliance.core import clock, db, text, vocabulary
from alliance.discussions import activity, voices
from alliance.discussions.models import Discussion, DiscussionVoice, PersonContribution, Post
from alliance.discussions.tree import Place, place
from alliance.groups.models import Space
from bench import bulk

SYLLABLES = [c + v for c in "b d f g k l m n p r s t v st tr pl gr sh".split() for v in "a e i o u ea oo ai".split()]
COUNTRIES = ("KE", "CH", "BR", "FR", "JP", "EG", "RU", "CN", "SN", "PE", "CA", "IN")
STOCK = 2000
BATCH = 5000


class Words:
    """Invented prose."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = ["".join(self.random.choices(SYLLABLES, k=self.random.randint(1, 3))) for _ in range(6000)]
        self.weights = [1 / (n + 2.7) for n in range(len(self.words))]

    def sentence(self, words: int) -> str:
        """A sentence of so many words."""
        line = " ".join(self.random.choices(self.words, self.weights, k=words))
        return line[0].upper() + line[1:] + "."

    def post(self, words: int = 80) -> str:
        """Two or three paragraphs."""
        sentences = [self.sentence(self.random.randint(6, 14)) for _ in range(max(2, words // 10))]
        middle = len(sentences) // 2
        return " ".join(sentences[:middle]) + "\n\n" + " ".join(sentences[middle:])


def sizes(chance: random.Random, discussions: int, posts: int, big: int) -> list[int]:
    """How many posts each discussion has: a few have many."""
    weights = [min(chance.paretovariate(1.3), 25) for _ in range(discussions - 2)]
    left = posts - big - 30
    found = [max(1, int(weight * left / sum(weights))) for weight in weights]
    for n in range(max(0, left - sum(found))):
        found[n % len(found)] += 1
    return [big, 30, *found]


def people(number: int) -> list[dict[str, Any]]:
    """People of every type; person1@example.org signs in with the password `bench-bench-bench`."""
    secret = passwords.make("bench-bench-bench")
    now = clock.now()
    made = [
        {
            "handle": f"person{n}", "email": f"person{n}@example.org", "name": f"Person {n}", "confirmed_at": now, "password_hash": secret,
            "country": COUNTRIES[n % len(COUNTRIES)], "stakeholder_type": vocabulary.STAKEHOLDER_TYPES[n % 6], "created_at": now,
        }
        for n in range(1, number + 1)
    ]  # fmt: skip
    with db.transaction() as session:
        session.execute(insert(Person), made)
    return made


class Filler:
    """Writes discussions one after the other."""

    def __init__(self, seed: int, authors: list[Any], spaces: list[int], stock: list[str] | None) -> None:
        self.words = Words(seed)
        self.random = random.Random(seed)
        self.authors = authors
        self.spaces = spaces
        self.stock = [(body, text.render(body)) for body in stock or (self.words.post() for _ in range(STOCK))]
        self.post_id = db.session().scalar(select(func.max(Post.id))) or 0
        self.discussion_id = db.session().scalar(select(func.max(Discussion.id))) or 0
        self.began = clock.now() - timedelta(days=60)
        self.total = 0
        self.heard: list[dict[str, Any]] = []

    def discussion(self, number: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """A discussion of so many posts."""
        self.discussion_id += 1
        title = self.words.sentence(6)[:-1]
        space = self.spaces[0] if self.discussion_id % 4 == 0 or self.discussion_id <= 3 else self.random.choice(self.spaces)
        posts = list(self._posts(space, number))
        turns = take_turns(posts)
        row = {
            "id": self.discussion_id, "space_id": space, "title": title, "slug": text.slugify(title), "language": "en",
            "author_id": posts[0]["author_id"], "posts_count": number, "next_number": number + 1, "last_post_id": posts[-1]["id"],
            "last_post_at": posts[-1]["created_at"], "created_at": posts[0]["created_at"], "turns": turns,
            "stakeholder_type": posts[0]["stakeholder_type"], "voices": self._voices(posts),
        }  # fmt: skip
        return row, posts

    def _voices(self, posts: list[dict[str, Any]]) -> voices.Tally:
        found: Counter[voices.Key] = Counter(
            (post["author_id"], post["stakeholder_type"] or "", vocabulary.region_of(post["country"]) or "") for post in posts
        )
        names = ("person_id", "stakeholder_type", "region")
        self.heard += [dict(zip(names, key, strict=True)) | {"discussion_id": self.discussion_id, "posts": n} for key, n in found.items()]
        return voices.tally(found.items())

    def _posts(self, space: int, number: int) -> Iterator[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for n in range(1, number + 1):
            above = self.random.choice(made[-20:]) if made and self.random.random() < 0.7 else None
            one = self._post(space, n, above or (made[0] if made else None))
            if above is not None:
                above["replies_count"] += 1
            made.append(one)
        yield from made

    def _post(self, space: int, number: int, parent: dict[str, Any] | None) -> dict[str, Any]:
        self.post_id += 1
        self.total += 1
        author = self.random.choice(self.authors)
        body, made = self.random.choice(self.stock)
        below = Place(parent["path"], parent["depth"]) if parent is not None and parent["number"] > 1 else None
        spot = place(number, below)
        return {
            "id": self.post_id, "discussion_id": self.discussion_id, "space_id": space, "parent_id": parent["id"] if parent else None,
            "parent_number": parent["number"] if parent else None, "author_id": author.id, "number": number, "path": spot.path, "depth": spot.depth,
            "body": body, "html": made.html, "renderer_version": made.version, "language": "en", "stakeholder_type": author.stakeholder_type,
            "country": author.country, "replies_count": 0, "created_at": self._moment(),
        }  # fmt: skip

    def _moment(self) -> datetime:
        return self.began + timedelta(seconds=self.total)


def take_turns(posts: list[dict[str, Any]]) -> dict[str, int]:
    """Number the posts of each stakeholder type, and say how many there are of each."""
    turns: dict[str, int] = {}
    for post in posts:
        kind = post["stakeholder_type"] or ""
        turns[kind] = post["type_rank"] = turns.get(kind, 0) + 1
    return turns


def count() -> None:
    """Counters of spaces and people, as their writers would have left them."""
    with db.transaction() as session:
        posts, discussions = select(func.count(Post.id)), select(func.count(Discussion.id))
        session.execute(update(Person).values(posts_count=posts.where(Post.author_id == Person.id).scalar_subquery()))
        contributed = select(Post.author_id, Post.space_id, func.count(), func.sum(case((Post.number == 1, 1), else_=0)))
        columns = ("person_id", "space_id", "posts", "discussions")
        session.execute(insert(PersonContribution).from_select(columns, contributed.group_by(Post.author_id, Post.space_id)))
        last = select(func.max(Post.created_at)).where(Post.space_id == Space.id).scalar_subquery()
        session.execute(
            update(Space).values(
                posts_count=posts.where(Post.space_id == Space.id).scalar_subquery(),
                discussions_count=discussions.where(Discussion.space_id == Space.id).scalar_subquery(),
                last_post_at=last,
            )
        )


def texts(path: Path) -> list[str]:
    """The first texts of a file of one JSON object a line, those with "posts": [[who, text], …]."""
    found: list[str] = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            found += [body for _who, body in json.loads(line).get("posts", ())]
            if len(found) >= STOCK:
                break
    return found[:STOCK]


def fill(discussions: int, posts: int, authors: int, big: int, seed: int, stock: list[str] | None = None) -> None:
    """Write all of it."""
    people(authors)
    filler = Filler(seed, list(db.session().execute(select(Person.id, Person.stakeholder_type, Person.country))), spaces(), stock)
    heads: list[dict[str, Any]] = []
    bodies: list[dict[str, Any]] = []
    for number in sizes(filler.random, discussions, posts, big):
        head, said = filler.discussion(number)
        heads.append(head)
        bodies.extend(said)
        if len(bodies) >= BATCH:
            write(heads, bodies, filler.heard)
    write(heads, bodies, filler.heard)
    count()
    activity.refresh_stale()


def spaces() -> list[int]:
    """Every action line."""
    return list(db.session().scalars(select(Space.id).order_by(Space.id)))


def write(heads: list[dict[str, Any]], bodies: list[dict[str, Any]], heard: list[dict[str, Any]]) -> None:
    """Write a batch, and empty the lists."""
    if heads:
        with db.transaction():
            for model, rows in ((Discussion, heads), (Post, bodies), (DiscussionVoice, heard)):
                bulk.insert(model, rows)
    heads.clear()
    bodies.clear()
    heard.clear()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("discussions", 1000), ("posts", 20_000), ("people", 200), ("big", 1001), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--texts", type=Path, help="a file of one JSON object a line with posts (without it: invented words)")
    asked = parser.parse_args()
    app.start()
    app.migrate()
    fill(asked.discussions, asked.posts, asked.people, asked.big, asked.seed, texts(asked.texts) if asked.texts else None)
    if db.engine().dialect.name == "postgresql":
        with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SELECT setval('posts_id_seq', (SELECT max(id) FROM posts))")
            connection.exec_driver_sql("SELECT setval('discussions_id_seq', (SELECT max(id) FROM discussions))")
            connection.exec_driver_sql("ANALYZE")


if __name__ == "__main__":
    main()
