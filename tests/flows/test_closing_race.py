"""A discussion that is opened in the moment in which its space closes all of its discussions is closed as well, whoever was first."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from alliance.core import clock, db
from alliance.discussions import counters, linking, recounting
from alliance.discussions import services as saying
from alliance.discussions.bringing import Bringing, Said
from alliance.discussions.models import Discussion
from alliance.groups import founding, queries
from alliance.groups.models import Group, Space
from alliance.moderation import lines
from alliance.policy import Actor
from tests import discussing
from tests.grouping import founded, member, plan
from tests.people import People

MOMENT = 0.3  # seconds, for the other to come to where it has to wait; whether it has come there or not, all has to be right


class Racing:
    """A space, somebody who opens a discussion there, and somebody who closes all."""

    def __init__(self, people: People, kind: str) -> None:
        self.group: Group | None = founded(people) if kind == "group" else None
        self.chair = member(people, self.group, "chair") if self.group is not None else people.secretariat()
        self.writer = member(people, self.group) if self.group is not None else people.moderator()
        self.space_id = self.group.space_id if self.group is not None else discussing.space("c3").id
        self.code = queries.get_space(self.chair, self.group.slug if self.group is not None else "c3").code

    def space(self) -> Space:
        """The space as it is known before."""
        return db.session().get_one(Space, self.space_id)

    def close(self) -> None:
        """Close all discussions."""
        if self.group is None:
            lines.choose(self.chair, self.code, "closed", "In confidence.")
        else:
            founding.change(self.chair, queries.get_group(self.chair, self.group.slug), plan(attribution="closed", posting="members"))

    def open(self, title: str) -> None:
        """Open a discussion."""
        saying.open_discussion(self.writer, self.space(), title, "Words.")

    def left(self) -> tuple[list[str], int]:
        """What is open, and how much is counted wrongly."""
        db.release()
        query = select(Discussion.title).where(Discussion.space_id == self.space_id, Discussion.confided_at.is_(None))
        return list(db.session().scalars(query)), len(recounting.check())


@pytest.fixture(params=["group", "action line"])
def racing(people: People, request: pytest.FixtureRequest, db: object) -> Racing:
    return Racing(people, request.param)


def at_once(first: Callable[[threading.Event], None], second: Callable[[threading.Event], None]) -> list[BaseException]:
    """Two threads, told of each other by an event; what was raised."""
    said, errors = threading.Event(), list[BaseException]()

    def run(work: Callable[[threading.Event], None]) -> None:
        try:
            work(said)
        except BaseException as error:
            errors.append(error)
        finally:
            db.release()

    threads = [threading.Thread(target=run, args=(work,)) for work in (first, second)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return errors


def test_one_that_is_not_there_yet_when_all_are_closed(racing: Racing) -> None:
    racing.open("Before")

    def opens(said: threading.Event) -> None:
        with db.transaction():
            racing.open("Meanwhile")
            said.set()
            threading.Event().wait(MOMENT)

    def closes(said: threading.Event) -> None:
        said.wait()
        racing.close()

    assert at_once(opens, closes) == []
    assert racing.left() == ([], 0)


def test_one_that_comes_while_all_are_being_closed(racing: Racing) -> None:
    def closes(said: threading.Event) -> None:
        with db.transaction():
            racing.close()
            said.set()
            threading.Event().wait(MOMENT)

    def opens(said: threading.Event) -> None:
        known = racing.space()
        assert known.attribution == "named"
        said.wait()
        racing.open("Meanwhile")

    assert at_once(closes, opens) == []
    assert racing.left() == ([], 0)


def test_who_writes_meanwhile_and_who_closes_wait_in_one_line(racing: Racing) -> None:
    racing.open("Before")
    number = db.session().scalars(select(Discussion.id).where(Discussion.title == "Before")).one()

    def writes(said: threading.Event) -> None:
        with db.transaction() as session:
            counters.hold(session, number)
            said.set()
            threading.Event().wait(MOMENT)
            saying.publish_post(racing.writer, session.get_one(Discussion, number), "An answer.")

    def closes(said: threading.Event) -> None:
        said.wait()
        racing.close()

    assert at_once(writes, closes) == []
    assert racing.left() == ([], 0)


def test_what_is_brought_from_elsewhere_is_closed_too(racing: Racing, people: People) -> None:
    racing.close()
    author = People.of(people.participant())
    with db.transaction():
        said = Said(author, clock.now(), "Words.", linking.rendered("Words."), "en")
        Bringing(Actor.system(), racing.space(), [said.body]).open("From a list", said)
    assert racing.left() == ([], 0)
