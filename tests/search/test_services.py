from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alliance.accounts.models import Person
from alliance.core import db as database
from alliance.core import locks, outbox
from alliance.core.errors import Conflict
from alliance.core.settings import Settings
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion
from alliance.events import DiscussionChanged, PersonChanged
from alliance.search import concerned, postgres_store, services
from alliance.search.engine import Document, IndexUnavailable
from alliance.search.postgres_engine import PostgresEngine
from tests.search.conftest import Forum, lose

Find = Callable[..., list[int]]


def test_a_batch_is_one_commit(forum: Forum, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    forum.open("First", "radio")
    drain()
    kind = type(services.engine())
    whole, commits = kind.update, []

    def counted(self: Any, *rest: Any) -> None:
        commits.append(rest)
        whole(self, *rest)

    monkeypatch.setattr(kind, "update", counted)
    for number in range(30):
        forum.open(f"Title {number}", "radio")
    drain()
    assert len(commits) == 1
    assert services.engine().position() == outbox.head()
    assert not services.compare()


@pytest.mark.parametrize("loss", ["everything", "pointer", "garbage", "content"])
def test_a_lost_or_damaged_index_is_built_again(forum: Forum, found: Find, settings: Settings, loss: str) -> None:
    one = forum.open("One", "radio")
    assert found("radio") == [one]
    lose(settings, loss)
    if isinstance(services.engine(), PostgresEngine):  # where nothing fails, what is lacking is noticed by looking for it
        services.look_after()
    two = forum.open("Two", "radio")
    assert sorted(found("radio")) == [one, two]
    assert not services.compare()


def test_what_a_killed_rebuild_left_is_removed_by_the_next(forum: Forum, found: Find, settings: Settings) -> None:
    one = forum.open("One", "radio")
    assert found("radio") == [one]
    engine = services.engine()

    def generations() -> int:
        if isinstance(engine, PostgresEngine):
            with engine._cursor() as cursor:
                return len(postgres_store.generations(cursor, "alliance_search"))
        return len(list((settings.data_dir / "index" / "whoosh").glob("v*")))

    for _killed in range(3):
        engine.rebuild([Document("p1", "half")], 0)
        assert generations() == 2  # the one in use, and one
    assert found("radio") == [one]
    services.rebuild()
    assert generations() == 1
    assert found("radio") == [one]


def test_damage_is_met_by_a_search_and_mended(forum: Forum, found: Find, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    one = forum.open("One", "television and radio")
    asked: list[bool] = []
    monkeypatch.setattr(services, "ask_for_repair", lambda: asked.append(True))
    assert found("radio") == [one]
    lose(settings, "bytes")
    assert found("television") == [one]  # by the database
    assert asked
    assert not services.usable()
    services.repair()
    assert services.usable()
    asked.clear()
    assert found("television") == [one]
    assert not asked


def test_a_commit_lost_in_a_power_cut_is_made_up_for(forum: Forum, found: Find) -> None:
    one = forum.open("One", "radio")
    assert found("radio") == [one]
    earlier = services.engine().position()
    lost = forum.open("Lost", "radio")
    assert sorted(found("radio")) == [one, lost]

    def cut() -> None:
        with services.engine().writing():
            services.engine().update([], [f"p{lost}"], earlier)

    cut()
    assert found("radio") == [one]
    two = forum.open("Two", "radio")
    assert sorted(found("radio")) == [one, lost, two]
    cut()
    services.look_after()
    assert sorted(found("radio")) == [one, lost, two]


def test_small_segments_become_one_while_others_write(forum: Forum, found: Find) -> None:
    posts = []
    for number in range(14):
        posts.append(forum.open(f"Title {number}", "radio"))
        found("radio")
    engine = services.engine()
    if not isinstance(engine, PostgresEngine):  # Whoosh does it by itself, with every commit
        return

    def late(keys: list[str]) -> list[Document]:
        read = list(services.sources.documents(keys))
        discussions.edit_post(forum.amina, forum.post(posts[0]), "television", expected_revision=1)
        forum.withdraw(posts[1], forum.amina)
        assert found("television") == [posts[0]]
        return read

    assert engine.tidy(late)
    assert set(found("radio")) == set(posts[2:])
    assert found("television") == [posts[0]]
    assert not services.compare()
    assert engine.verify()
    services.tidy()
    assert not services.compare()
    with engine._cursor() as cursor:
        engine._current(cursor)
        assert cursor.execute("SELECT count(*) FROM segments").fetchone()[0] < 10


def test_an_index_of_a_later_time_than_the_database_is_not_trusted(forum: Forum, found: Find) -> None:
    one = forum.open("One", "radio")
    found("radio")
    with services.engine().writing():
        services.engine().update([], [], 10_000)
    assert not services.usable()
    services.look_after()
    assert services.engine().position() == outbox.head()
    assert found("radio") == [one]


def test_events_may_be_delivered_twice_and_late(forum: Forum, found: Find) -> None:
    first = forum.open("Title", "giraffes")
    early = outbox.read(0, 100, services.KINDS)
    assert found("giraffes") == [first]
    discussions.edit_post(forum.amina, forum.post(first), "antelopes", expected_revision=1)
    found("antelopes")
    services.take(early)
    assert (found("giraffes"), found("antelopes")) == ([], [first])
    assert services.engine().position() == outbox.head()


def test_a_new_title_or_name_reaches_every_post(forum: Forum, found: Find) -> None:
    first = forum.open("Old title", "radio")
    reply = forum.reply(first, "television")
    assert found("old author:jean") == [reply]
    with database.transaction() as session:
        discussion = session.get_one(Discussion, forum.post(first).discussion_id)
        discussion.title = "Brandnew"
        session.get_one(Person, forum.jean.person_id).name = "Ivan Petrov"
        outbox.publish(DiscussionChanged(discussion.id, discussion.space_id))
        outbox.publish(PersonChanged(forum.jean.person_id or 0))
    assert sorted(found("brandnew")) == [first, reply]
    assert (found("old"), found("brandnew author:petrov")) == ([], [reply])


def test_a_new_name_reaches_many_posts_a_portion_at_a_time_and_holds_up_nobody(
    forum: Forum, found: Find, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concerned, "PORTION", 4)
    first = forum.open("Masts", "radio")
    posts = [forum.reply(first, f"television {number}") for number in range(11)]
    assert set(found("television author:jean")) == set(posts)
    kind = type(services.engine())
    whole, commits, new = kind.update, [], []

    def counted(self: Any, documents: Any, gone: Any, position: int) -> None:
        commits.append({document.key for document in documents})
        whole(self, documents, gone, position)
        if not new:
            new.append(forum.reply(first, "zeppelin"))

    monkeypatch.setattr(kind, "update", counted)
    with database.transaction() as session:
        session.get_one(Person, forum.jean.person_id).name = "Ivan Petrov"
        outbox.publish(PersonChanged(forum.jean.person_id or 0))
    drain()
    assert max(map(len, commits)) <= 4 + 3, "a portion, the person, the new post and the one it answers"
    written = [number for number, keys in enumerate(commits) if f"p{new[0]}" in keys]
    assert written[0] == 1 < len(commits) - 1, "what was said meanwhile did not wait for the end"
    assert set(found("television author:petrov")) == set(posts)
    assert not services.compare()


def test_much_that_was_missed_is_made_up_for_in_parts(forum: Forum, found: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PART", 3)
    posts = [forum.open(f"Title {number}", "radio") for number in range(8)]
    kind = type(services.engine())
    whole, positions = kind.update, []

    def counted(self: Any, documents: Any, gone: Any, position: int) -> None:
        assert len(documents) <= 3
        positions.append(position)
        whole(self, documents, gone, position)

    services.rebuild()
    before = services.engine().position()
    more = [forum.open(f"More {number}", "radio") for number in range(8)]
    monkeypatch.setattr(kind, "update", counted)
    assert sorted(found("radio")) == sorted([*posts, *more])
    assert positions[:-1] == [before] * (len(positions) - 1)
    assert positions[-1] > before
    assert not services.compare()


def test_what_happens_during_a_rebuild_is_in_the_new_index(forum: Forum, found: Find, drain: Callable[[], int]) -> None:
    one = forum.open("One", "radio")
    assert found("radio") == [one]
    late: list[int] = []

    def meanwhile(documents):  # type: ignore[no-untyped-def]
        yield from documents
        late.append(forum.open("Late", "radio"))
        forum.withdraw(one, forum.amina)
        drain()

    services.rebuild(meanwhile)
    assert found("radio") == late
    assert not services.compare()


def test_only_one_rebuilds_at_a_time(forum: Forum) -> None:
    with locks.exclusive(services.REBUILD_LOCK), pytest.raises(Conflict):
        services.rebuild()


def test_differences_are_named(forum: Forum, found: Find) -> None:
    posts = [forum.open(f"Title {number}", "radio") for number in range(3)]
    found("radio")
    with services.engine().writing():
        kept = {document.key: document for document in services.sources.all_documents()}
        changed = kept[f"p{posts[1]}"]
        services.engine().update([type(changed)("p999", "stray"), type(changed)(changed.key, "other")], [f"p{posts[0]}"], outbox.head())
    differences = services.compare()
    everything = len({document.key for document in services.sources.all_documents()})
    assert (differences.checked, differences.missing, differences.changed, differences.surplus) == (
        everything,
        [f"p{posts[0]}"],
        [f"p{posts[1]}"],
        ["p999"],
    )
    services.rebuild()
    assert not services.compare()


def test_without_an_index_there_is_nothing_to_compare(forum: Forum) -> None:
    with pytest.raises(IndexUnavailable):
        services.compare()
