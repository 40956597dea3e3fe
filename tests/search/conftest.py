"""A space or two, and posts in them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alliance.core import db as database
from alliance.core.settings import Settings
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.groups.models import Space
from alliance.policy import Actor
from alliance.search import finding, services
from alliance.search.engine import Document, SearchEngine
from alliance.search.postgres_engine import PostgresEngine
from alliance.search.whoosh_engine import WhooshEngine
from tests.people import People

SYSTEM = Actor.system()


class Forum:
    """Says things; knows rows by their ids, since reading the outbox ends the session."""

    def __init__(self, people: People) -> None:
        for code in ("c2", "c7", "c8"):
            self._space(code)
        self._space("c7-egov", "c7")
        self.amina = people.participant(name="Amina Diallo", handle="amina", stakeholder_type="government", country="SN")
        self.jean = people.participant(name="Jean Évrard", handle="jean", stakeholder_type="civil_society", country="FR")

    def _space(self, code: str, parent: str | None = None) -> None:
        if self.space(code) is None:
            texts: dict[str, Any] = {"titles": {"en": f"Space {code}"}, "descriptions": {}, "sources": {}, "facilitators": []}
            above = self.space(parent) if parent else None
            with database.transaction() as session:
                session.add(Space(code=code, kind="action_line", parent_id=above.id if above else None, **texts))

    @staticmethod
    def space(code: str) -> Any:
        """A space, by its code."""
        return database.session().scalar(select(Space).where(Space.code == code))

    @staticmethod
    def post(post_id: int) -> Post:
        """A post."""
        return database.session().get_one(Post, post_id)

    def open(self, title: str, body: str, space: str = "c2", actor: Actor | None = None, **more: Any) -> int:
        """Open a discussion; returns the id of its first post."""
        discussion = discussions.open_discussion(actor or self.amina, self.space(space), title, body, **more)
        return database.session().scalars(select(Post.id).where(Post.discussion_id == discussion.id)).one()

    def reply(self, post_id: int, body: str, actor: Actor | None = None, **more: Any) -> int:
        """Reply in the discussion of a post; returns the id of the reply."""
        return discussions.publish_post(actor or self.jean, self.post(post_id).discussion, body, **more).id

    def withdraw(self, post_id: int, actor: Actor | None = None) -> None:
        """Withdraw a post."""
        discussions.withdraw_post(actor or self.jean, self.post(post_id))


def generation(settings: Settings) -> Path:
    return next((settings.data_dir / "index" / "whoosh").glob("v*"))


def lose(settings: Settings, loss: str) -> None:
    """Damage the index, wherever it lies."""
    engine = services.engine()
    if isinstance(engine, PostgresEngine):
        statement = {
            "pointer": "DELETE FROM alliance_search.current",
            "garbage": "UPDATE alliance_search.current SET generation = 'x; y'",
            "content": "DELETE FROM postings",
            "bytes": "UPDATE postings SET entries = substring(entries FROM 2)",
        }
        with engine._cursor() as cursor:
            if loss == "everything":
                engine.drop_all()
            else:
                engine._current(cursor)
                cursor.execute(statement[loss])
    elif loss == "everything":
        shutil.rmtree(settings.data_dir / "index" / "whoosh")
    elif loss == "pointer":
        (settings.data_dir / "index" / "whoosh" / "CURRENT").unlink()
    elif loss == "garbage":
        (settings.data_dir / "index" / "whoosh" / "CURRENT").write_bytes(b"\xff\xfe/../x")
    else:
        for file in generation(settings).iterdir():
            if file.is_file():
                file.write_bytes(b"")


@pytest.fixture
def new_engine(database_kind: str, tmp_path: Path, db: Any) -> Iterator[Callable[..., SearchEngine]]:
    """Makes engines of the kind that belongs to this run's database, filled with some documents."""
    made: list[PostgresEngine] = []

    def make(*documents: Document, name: str = "one") -> SearchEngine:
        engine: SearchEngine
        if database_kind == "postgresql":
            made.append(PostgresEngine(database.engine, f"scratch_{name}"))
            engine = made[-1]
        else:
            engine = WhooshEngine(tmp_path / name)
        engine.rebuild(documents, 0).adopt()
        return engine

    yield make
    for engine in made:
        engine.drop_all()


@pytest.fixture
def forum(people: People) -> Forum:
    """An empty forum with spaces c2, c7, c7-egov, c8, and two people."""
    return Forum(people)


@pytest.fixture
def found(forum: Forum, drain: Callable[[], int]) -> Callable[..., list[int]]:
    """The ids of the posts a query finds now, for a guest unless told otherwise; the outbox is emptied first."""

    def find(text: str, actor: Actor | None = None, sort: str = "relevance", **choices: str) -> list[int]:
        drain()
        asker = actor or Actor.guest()
        query, _wrong = finding.ask(asker, text, {name.rstrip("_"): value for name, value in choices.items()})
        return [result.post.id for result in finding.find(asker, query, sort).results]  # type: ignore[arg-type]

    return find
