"""What is said in spaces one may not read changes no answer, and nothing of the work it takes to find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alliance.core import db as database
from alliance.discussions import services as discussions
from alliance.groups.models import Group, Space
from alliance.policy import Actor
from alliance.search import finding, postgres_scan, query_language, segments, services, whoosh_codec
from alliance.search.engine import Document, SearchEngine, Sight
from alliance.search.postgres_engine import PostgresEngine
from alliance.search.whoosh_engine import WhooshEngine
from tests.grouping import founded, member
from tests.people import People
from tests.search.conftest import Forum

GUEST = Sight(frozenset({1}), public=frozenset({1}))
INSIDE = Sight(frozenset({1, 9}), public=frozenset({1}))


class Work:
    """Counts what is read of an index: statements, postings."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[Any] = []
        for owner, name in (
            (whoosh_codec.Matcher, "all_postings"),
            (whoosh_codec.Matcher, "all_places"),
        ):
            self._count(monkeypatch, owner, name)
        whole = segments.postings
        monkeypatch.setattr(segments, "postings", self._noted(whole))
        monkeypatch.setattr(postgres_scan.Scan, "__init__", self._watching(postgres_scan.Scan.__init__))

    def _count(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        whole = getattr(owner, name)

        def counted(matcher: Any) -> Any:
            found = whole(matcher)
            self.done.append((name, len(found)))
            return found

        monkeypatch.setattr(owner, name, counted)

    def _noted(self, whole: Any) -> Any:
        def postings(blob: bytes) -> Any:
            self.done += [len(blob)] if blob else []
            return whole(blob)

        return postings

    def _watching(self, whole: Any) -> Any:
        def made(scan: Any, cursor: Any, segments_: Any) -> None:
            whole(scan, _Cursor(cursor, self.done), segments_)

        return made

    def of(self, ask: Callable[[], Any]) -> list[Any]:
        """What is read for a question."""
        self.done.clear()
        ask()
        return sorted(map(str, self.done))


class _Cursor:
    """A cursor that notes its statements, and how many rows came."""

    def __init__(self, cursor: Any, done: list[Any]) -> None:
        self._cursor, self._done = cursor, done

    def execute(self, query: str, values: Any) -> list[Any]:
        rows = self._cursor.execute(query, values).fetchall()
        self._done.append((query, len(rows)))
        return rows  # type: ignore[no-any-return]


def again(engine: SearchEngine) -> SearchEngine:
    """The same index, nothing of it read yet."""
    if isinstance(engine, PostgresEngine):
        return PostgresEngine(database.engine, engine._name)
    assert isinstance(engine, WhooshEngine)
    return WhooshEngine(engine._folder)


@pytest.mark.parametrize(
    ("said", "absent"),
    [
        ("zeppelin", "gryphons"),
        ("zeppelin masts", "gryphons masts"),
        ('"silver zeppelin"', '"silver gryphons"'),
        ("zepp*", "gryp*"),
        ("-zeppelin masts", "-gryphons masts"),
        ("author:zelda", "author:gloria"),
        ("org:zorro", "org:gamma"),
    ],
)
def test_no_more_is_read_for_what_is_said_out_of_sight(
    new_engine: Callable[..., SearchEngine], monkeypatch: pytest.MonkeyPatch, said: str, absent: str
) -> None:
    private = [
        Document(
            f"x{number}", f"a silver zeppelin{number % 7 or ''} over masts", "zeppelin", language="en", space_id=9, apart=True,
            author=("zelda", "Zelda"), organization=("zorro", "Zorro"),
        )
        for number in range(60)
    ]  # fmt: skip
    public = [Document(f"p{number}", "masts and silver wires", language="en", space_id=1) for number in range(20)]
    engine = new_engine(*private[:30], *public, *private[30:])
    engine.update(private[:3], [], 1)
    work = Work(monkeypatch)

    def asked(text: str, sight: Sight) -> Callable[[], Any]:
        query = query_language.parse(text, "en")
        return lambda: again(engine).search(query, "relevance", 20, sight, facets=True)

    there, nowhere = work.of(asked(said, GUEST)), work.of(asked(absent, GUEST))
    assert there == nowhere
    assert len(work.of(asked(said, INSIDE))) != len(there) or work.of(asked(said, INSIDE)) != there, "whoever may read it is answered"
    assert asked(said, INSIDE)().total > asked(said, GUEST)().total or said.startswith("-")


def test_no_more_is_read_for_a_word_spelt_almost_like_one_out_of_sight(
    new_engine: Callable[..., SearchEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine(
        *(Document(f"x{number}", "zeppelins", space_id=9, apart=True) for number in range(40)),
        Document("p1", "masts", space_id=1),
    )
    work = Work(monkeypatch)
    near, far = (work.of(lambda word=word: again(engine).similar_words([word], GUEST)) for word in ("zepelins", "gryphons"))  # type: ignore[misc]
    assert near == far
    assert engine.similar_words(["zepelins"], INSIDE) == {"zepelins": ["zeppelins"]}


def test_words_of_several_spaces_are_found_together(new_engine: Callable[..., SearchEngine]) -> None:
    engine = new_engine(
        Document("x1", "silver zeppelins over masts", space_id=9, apart=True),
        Document("p1", "silver zeppelins nearby", space_id=1),
        Document("x2", "silver zeppelins elsewhere", space_id=8, apart=True),
        Document("x3", "zeppelinists", space_id=9, apart=True),
    )
    for text, sight, expected in (
        ("zeppelins", INSIDE, {"x1", "p1"}),
        ("zeppelins", Sight(frozenset({1, 8, 9})), {"x1", "x2", "p1"}),
        ('"silver zeppelins"', INSIDE, {"x1", "p1"}),
        ('"silver zeppelins"', Sight(), {"x1", "x2", "p1"}),
        ("zeppelini*", INSIDE, {"x3"}),
        ("zeppelini*", GUEST, set()),
        ("zeppelins -masts", INSIDE, {"p1"}),
        ("zeppelins", GUEST, {"p1"}),
    ):
        found = engine.search(query_language.parse(text, "en"), "relevance", 20, sight)
        assert {hit.key for hit in found.hits} == expected, (text, sight)
    ranks = {hit.key: round(hit.rank, 4) for hit in engine.search(query_language.parse("zeppelins", "en"), "relevance", 9, Sight()).hits}
    assert len({ranks["p1"], ranks["x2"]}) == 1, "being kept apart changes no rank"


def test_a_space_that_closes_has_its_words_kept_apart(forum: Forum, people: People, drain: Callable[[], int]) -> None:
    group = founded(people, visibility="public")
    group_id, space_id = group.id, group.space_id
    inside = member(people, group)
    for number in range(3):
        discussions.open_discussion(inside, group.space, f"Zeppelin {number}", "Silver.", language="en")
    drain()
    assert {one.apart for one in services.sources.all_documents()} == {False}
    with database.transaction() as session:
        session.get_one(Space, space_id).visibility = session.get_one(Group, group_id).visibility = "members"
        services.outbox.publish(services.events.GroupChanged(space_id))
    drain()
    assert not services.compare()
    query, _wrong = finding.ask(Actor.guest(), "zeppelin", {})
    assert finding.find(Actor.guest(), query).total == 0
    assert finding.find(inside, query).total == 3
