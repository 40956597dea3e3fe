"""Mail held for what is closed to a moderator: that it is there, from whom and for which space is told to those who read there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from alliance.core import db as database
from alliance.core.errors import NotFound
from alliance.discussions import services as saying
from alliance.groups.models import Group
from alliance.mailing import addressing, incoming
from alliance.moderation import confiding, items, moves, queries
from alliance.moderation.models import ReviewItem
from alliance.policy import Actor
from tests.grouping import founded, member
from tests.mailing.test_incoming import DOMAIN, border, message, records
from tests.people import People

__all__ = ["border"]  # a fixture


class Circle:
    """A public group, its chair and a member whose mails are held, and those who ask what waits."""

    def __init__(self, people: People, **columns: Any) -> None:
        self.group: Group = founded(people, **columns)
        self.chair = member(people, self.group, "chair")
        self.jane = member(people, self.group, email="jane@example.org")
        self.outside, self.secretariat = people.moderator(), people.secretariat()

    def opened(self, title: str) -> int:
        """A discussion of the group."""
        return saying.open_discussion(self.chair, self.group.space, title, "I ask.").id

    def held(self, address: str, sender: str = "mallory@example.net") -> int:
        """A mail in the member's name that nobody vouches for; its number in the queue."""
        [made] = incoming.receive(message(f"Jane <{sender}>", address, number=str(len(records()))))
        assert made.status == "held"
        database.release()
        query = select(ReviewItem.id).where(ReviewItem.kind == "held_mail", ReviewItem.subject_id == made.id)
        return database.session().scalars(query).one()

    def answered(self, discussion_id: int) -> int:
        """The same, as an answer."""
        return self.held(addressing.reply_address(self.jane.person_id or 0, discussion_id))

    def sees(self, actor: Actor) -> tuple[int, list[int], list[str]]:
        """How many things wait for somebody, which, and what the log says."""
        database.release()
        entries = [entry.act for entry in queries.log(actor)[0] if "mail" in f"{entry.act} {entry.detail}"]
        return queries.waiting(actor), [one.item.id for one in queries.queue(actor)[0]], entries


@pytest.fixture
def circle(people: People) -> Circle:
    return Circle(people)


def test_an_answer_held_for_a_closed_discussion(circle: Circle) -> None:
    open_, closed = circle.opened("In public"), circle.opened("Among us")
    confiding.close(circle.chair, closed, "Because.")
    first, second = circle.answered(open_), circle.answered(closed)
    assert circle.sees(circle.outside) == (1, [first], [])
    for inside in (circle.chair, circle.secretariat):
        assert circle.sees(inside) == (2, [first, second], [])
    for act in (queries.get_item, items.claim):
        with pytest.raises(NotFound):
            act(circle.outside, second)
    items.decide(circle.chair, second, "refuse", "", "Not hers.")
    items.undo(circle.chair, second)
    items.decide(circle.chair, second, "approve", "", "")
    assert circle.sees(circle.outside) == (1, [first], [])
    assert circle.sees(circle.secretariat)[2] == circle.sees(circle.chair)[2] == ["approve_mail", "undo", "refuse_mail"]
    assert [one.item.id for one in queries.queue(circle.outside, wanted=queries.Wanted(status="decided"))[0]] == []


def test_one_that_is_to_open_a_discussion_where_all_are_closed(people: People, border: Callable[..., None]) -> None:
    border(mail_border="mx.example.org")
    circle = Circle(people, attribution="closed")
    item = circle.held(f"{circle.group.slug}@{DOMAIN}", "jane@example.org")
    assert circle.sees(circle.outside) == (0, [], [])
    assert circle.sees(circle.chair)[:2] == circle.sees(circle.secretariat)[:2] == (1, [item])
    items.decide(circle.chair, item, "refuse", "", "Not hers.")
    assert circle.sees(circle.outside) == (0, [], [])
    assert circle.sees(circle.secretariat)[2] == ["refuse_mail"]


def test_one_for_a_discussion_that_was_merged_into_a_closed_one(circle: Circle) -> None:
    open_, closed = circle.opened("In public"), circle.opened("Among us")
    item = circle.answered(open_)
    confiding.close(circle.chair, closed, "Because.")
    assert circle.sees(circle.outside)[1] == [item]
    moves.merge(circle.chair, open_, f"/d/{closed}", "The same.")
    assert circle.sees(circle.outside)[:2] == (0, [])
    assert circle.sees(circle.chair)[1] == [item]
