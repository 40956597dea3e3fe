"""What one has read: exact, merged, never expiring."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from alliance.core import db as database
from alliance.core.errors import Invalid, NotFound, Refused
from alliance.discussions import orders
from alliance.discussions import queries as discussions
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion, Post
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.reading import queries, services
from alliance.reading.models import ReadMark
from alliance.reading.numbers import Numbers
from tests import discussing
from tests.counting import statements
from tests.people import People


@pytest.fixture
def long(people: People) -> int:
    """A discussion of twelve posts by somebody else."""
    writer = people.participant()
    found = discussing.discussion(writer)
    for number in range(2, 13):
        discussing.reply(writer, found, body=f"Post {number}.")
    return found.id


def unread(actor: Actor, discussion_id: int) -> int:
    """As the pages count it, compared with counting the posts one by one."""
    state = queries.state(actor, discussion_id)
    assert state is not None
    rows = database.session().scalars(select(Post.number).where(Post.discussion_id == discussion_id, Post.status == "visible"))
    assert state.unread == len([number for number in rows if number not in state.read]) == len(state.unread_numbers)
    return state.unread


def by_number(discussion_id: int, number: int) -> Post:
    return database.session().scalars(select(Post).where(Post.discussion_id == discussion_id, Post.number == number)).one()


def test_marks_add_up(people: People, long: int) -> None:
    reader = people.participant()
    assert unread(reader, long) == 12
    services.mark_read(reader, long, Numbers.parse("1-3"))
    services.mark_read(reader, long, Numbers.parse("3,7"))
    services.mark_read(reader, long, Numbers.parse("40-900"))
    state = queries.state(reader, long)
    assert state is not None
    assert str(state.read) == "1-3,7"
    assert unread(reader, long) == 8
    services.mark_read(reader, long)
    assert unread(reader, long) == 0


def test_unread_again_from_a_post_on(people: People, long: int) -> None:
    reader = people.participant()
    services.mark_read(reader, long)
    services.mark_unread(reader, long, 10)
    assert unread(reader, long) == 3


def test_what_is_taken_away_and_comes_back_keeps_the_count_exact(people: People, long: int) -> None:
    reader, moderator = people.participant(), people.moderator()
    services.mark_read(reader, long, Numbers.parse("1-6"))
    moderation.hide(moderator, by_number(long, 3).id, "Not here.")
    assert unread(reader, long) == 6
    moderation.hide(moderator, by_number(long, 9).id, "Nor here.")
    assert unread(reader, long) == 5
    moderation.restore(moderator, by_number(long, 3).id, "It was right.")
    moderation.restore(moderator, by_number(long, 9).id, "This too.")
    assert unread(reader, long) == 6
    author = people.actor(by_number(long, 2).author)
    saying.withdraw_post(author, by_number(long, 2))
    assert unread(reader, long) == 6


def test_what_one_writes_oneself_is_read_at_once(people: People, long: int) -> None:
    reader = people.participant()
    services.mark_read(reader, long)
    discussing.reply(reader, database.session().get_one(Discussion, long))
    assert unread(reader, long) == 0
    other = people.participant()
    discussing.reply(other, database.session().get_one(Discussion, long))
    assert unread(other, long) == 13
    assert unread(reader, long) == 1


def test_imported_posts_mark_nothing(people: People) -> None:
    author = people.person()
    saying.open_discussion(Actor.system(), discussing.space(), "Said elsewhere", "Long ago.", author=author, imported=True)
    assert database.session().scalar(select(func.count(ReadMark.id))) == 0


def test_batches_of_two_devices_at_once_lose_nothing(people: People, long: int) -> None:
    reader = people.participant()
    failures: list[BaseException] = []
    begin = threading.Barrier(6)

    def device(number: int) -> None:
        try:
            begin.wait()
            for one in (number, number + 6):
                services.mark_read(reader, long, Numbers.of([one]))
        except BaseException as error:
            failures.append(error)
        finally:
            database.release()

    threads = [threading.Thread(target=device, args=(number,)) for number in range(1, 7)]
    database.release()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert unread(reader, long) == 0
    assert database.session().scalar(select(func.count(ReadMark.id)).where(ReadMark.person_id == reader.person_id)) == 1


def test_reading_and_writing_at_once_do_not_hold_each_other_up(people: People, long: int) -> None:
    reader = people.participant()
    failures: list[BaseException] = []
    begin = threading.Barrier(2)

    def work(act: Any) -> None:
        try:
            begin.wait()
            act()
        except BaseException as error:
            failures.append(error)
        finally:
            database.release()

    found = database.session().get_one(Discussion, long)
    acts = (lambda: services.mark_read(reader, long, Numbers.parse("1-12")), lambda: discussing.reply(reader, found))
    database.release()
    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert unread(reader, long) == 0


def test_who_may(people: People, long: int) -> None:
    with pytest.raises(Refused):
        services.mark_read(Actor.guest(), long)
    with pytest.raises(Refused):
        services.mark_read(people.actor(people.person(), scope="read"), long)
    with pytest.raises(NotFound):
        services.mark_read(people.participant(), 999)
    services.mark_read(people.suspended(), long)
    with pytest.raises(Invalid):
        services.mark_read(people.participant(), long, Numbers.of(range(1, 4000, 2)))


def test_a_closed_discussion_is_nobodys(people: People, long: int) -> None:
    reader = people.participant()
    services.mark_read(reader, long, Numbers.of([1]))
    space_id = database.session().get_one(Discussion, long).space_id
    assert queries.by_space(reader) == {space_id: 11}
    with database.transaction() as session:
        session.get_one(Discussion, long).status = "hidden"
    assert queries.by_space(reader) == {}
    with pytest.raises(NotFound):
        services.mark_read(reader, long)


def test_spaces_count_what_one_has_opened(people: People, long: int) -> None:
    reader, writer = people.participant(), people.participant()
    never = discussing.discussion(writer, title="Never opened")
    services.mark_read(reader, long, Numbers.parse("1-2"))
    assert list(queries.by_space(reader).values()) == [10]
    services.mark_read(reader, never.id)
    discussing.reply(writer, never)
    assert list(queries.by_space(reader).values()) == [11]
    assert queries.by_space(Actor.guest()) == {}


@pytest.mark.parametrize("order", ["tree", "time", "balanced"])
def test_the_first_the_next_and_the_one_before(people: People, long: int, order: Any) -> None:
    reader = people.participant()
    services.mark_read(reader, long, Numbers.parse("1-4,6,8-12"))
    state = queries.state(reader, long)
    assert state is not None

    def number(**where: int) -> int | None:
        row = queries.unread_post(state, order, **where)
        return row.number if row else None

    assert number() == 5
    assert number(after=5) == 7
    assert number(after=7) is None
    assert number(before=7) == 5
    assert number(before=5) is None
    assert number(after=999) == 5


def test_the_first_unread_in_the_tree_stands_where_the_tree_has_it(people: People) -> None:
    writer, reader = people.participant(), people.participant()
    found = discussing.discussion(writer)
    first = discussing.reply(writer, found)
    discussing.reply(writer, found)
    discussing.reply(writer, found, first)  # 4, above 3
    services.mark_read(reader, found.id, Numbers.parse("1,2"))
    state = queries.state(reader, found.id)
    assert state is not None
    tree, time = queries.unread_post(state, "tree"), queries.unread_post(state, "time")
    assert tree is not None
    assert time is not None
    assert (tree.number, time.number) == (4, 3)


def test_one_query_for_a_list(people: People) -> None:
    writer, reader = people.participant(), people.participant()
    ids = [discussing.discussion(writer, title=f"Number {number}").id for number in range(8)]
    for one in ids[:4]:
        services.mark_read(reader, one)
    for one in ids[:2]:
        discussing.reply(writer, discussions.get_discussion(writer, one))
    with statements() as seen:
        found = queries.states(reader, ids)
    assert len([one for one in seen if one.startswith("SELECT")]) == 1
    assert [found[one].unread for one in ids] == [1, 1, 0, 0, 1, 1, 1, 1]
    assert [found[one].opened for one in ids] == [True] * 4 + [False] * 4


@pytest.mark.parametrize("order", ["tree", "time", "balanced"])
@pytest.mark.parametrize(("few", "ranges"), [(200, 100), (0, 100), (0, 0)])
def test_the_next_one_is_found_however_it_is_looked_for(
    people: People, monkeypatch: pytest.MonkeyPatch, order: Any, few: int, ranges: int
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    monkeypatch.setattr(queries, "MAX_RANGES", ranges)
    writers = [people.participant(stakeholder_type=kind) for kind in ("government", "media", None)]
    reader, chance = people.participant(), random.Random(3)
    found = discussing.discussion(writers[0])
    made = []
    for _number in range(30):
        made.append(discussing.reply(chance.choice(writers), found, chance.choice([None, *made])))
    discussion_id = found.id
    services.mark_read(reader, discussion_id, Numbers.of(chance.sample(range(1, 32), 20)))
    state = queries.state(reader, discussion_id)
    assert state is not None
    line = [row.number for row in database.session().execute(select(Post.number).order_by(*orders.key(order)))]
    unread_line = [number for number in line if number not in state.read]
    assert [_number_of(queries.unread_post(state, order))] == unread_line[:1]
    for number in line:
        behind = [one for one in unread_line if line.index(one) > line.index(number)]
        ahead = [one for one in unread_line if line.index(one) < line.index(number)]
        assert _number_of(queries.unread_post(state, order, after=number)) == (behind[0] if behind else None)
        assert _number_of(queries.unread_post(state, order, before=number)) == (ahead[-1] if ahead else None)


def _number_of(row: Any) -> int | None:
    return row.number if row is not None else None
