from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from alliance.accounts.models import Person
from alliance.core import db as database
from alliance.core import locks, outbox
from alliance.core.errors import Conflict
from alliance.core.settings import Settings
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion
from alliance.events import DiscussionChanged, PersonChanged
from alliance.search import services
from alliance.search.engine import IndexUnavailable
from tests.search.conftest import Forum

Find = Callable[..., list[int]]


def generation(settings: Settings) -> Path:
    return next((settings.data_dir / "index" / "whoosh").glob("v*"))


def test_a_batch_is_one_commit(forum: Forum, drain: Callable[[], int], settings: Settings) -> None:
    forum.open("First", "radio")
    drain()
    before = {file.name for file in generation(settings).glob("*.toc")}
    for number in range(30):
        forum.open(f"Title {number}", "radio")
    drain()
    after = {file.name for file in generation(settings).glob("*.toc")}
    [old], [new] = before, after
    assert int(new.split("_")[-1].removesuffix(".toc")) == int(old.split("_")[-1].removesuffix(".toc")) + 1
    assert services.engine().position() == outbox.head()
    assert not services.compare()


@pytest.mark.parametrize("loss", ["everything", "pointer", "content"])
def test_a_lost_or_damaged_index_is_built_again_by_the_next_event(forum: Forum, found: Find, settings: Settings, loss: str) -> None:
    one = forum.open("One", "radio")
    assert found("radio") == [one]
    folder = settings.data_dir / "index" / "whoosh"
    if loss == "everything":
        shutil.rmtree(folder)
    elif loss == "pointer":
        (folder / "CURRENT").unlink()
    else:
        for file in generation(settings).iterdir():
            if file.is_file():
                file.write_bytes(b"")
    two = forum.open("Two", "radio")
    assert sorted(found("radio")) == [one, two]
    assert not services.compare()


def test_a_commit_lost_in_a_power_cut_is_made_up_for(forum: Forum, found: Find, settings: Settings, tmp_path: Path) -> None:
    one = forum.open("One", "radio")
    assert found("radio") == [one]
    shutil.copytree(settings.data_dir / "index", tmp_path / "earlier")
    lost = forum.open("Lost", "radio")
    assert sorted(found("radio")) == [one, lost]
    shutil.rmtree(settings.data_dir / "index")
    shutil.copytree(tmp_path / "earlier", settings.data_dir / "index")
    assert found("radio") == [one]
    two = forum.open("Two", "radio")
    assert sorted(found("radio")) == [one, lost, two]
    shutil.rmtree(settings.data_dir / "index")
    shutil.copytree(tmp_path / "earlier", settings.data_dir / "index")
    services.look_after()
    assert sorted(found("radio")) == [one, lost, two]


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
