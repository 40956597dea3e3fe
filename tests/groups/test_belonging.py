"""Joining, leaving and roles."""

from __future__ import annotations

import pytest

from alliance.core import db
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.discussions import queries as discussions
from alliance.discussions import services as saying
from alliance.groups import belonging, founding, queries
from alliance.groups.models import Group
from alliance.policy import Actor
from tests.grouping import founded, member, plan, seat
from tests.people import People


def count(group: Group) -> int:
    db.session().refresh(group)
    return group.members_count


def test_joining_and_leaving_an_open_group(people: People) -> None:
    group, somebody = founded(people), people.participant()
    for actor in (Actor.guest(), people.unconfirmed(), people.suspended()):
        with pytest.raises(Refused):
            belonging.join(actor, group)
    belonging.join(somebody, group)
    with pytest.raises(Refused):
        belonging.join(somebody, group)
    assert queries.membership(group, somebody.person_id) is not None
    assert count(group) == 1
    belonging.leave(somebody, group)
    assert queries.membership(group, somebody.person_id) is None
    assert count(group) == 0
    with pytest.raises(Refused):
        belonging.leave(somebody, group)


def test_asking_to_join(people: People) -> None:
    group = founded(people, joining="request")
    chair, somebody, another = member(people, group, "chair"), people.participant(), people.participant()
    with pytest.raises(Refused):
        belonging.join(somebody, group)
    with pytest.raises(Invalid):
        belonging.ask(somebody, group, "  ")
    first = belonging.ask(somebody, group, "We measure access in ten countries.")
    assert belonging.ask(somebody, group, "In eleven.").id == first.id
    assert [one.statement for one in queries.open_requests(chair, group)] == ["In eleven."]
    assert queries.open_requests(another, group) == []
    with pytest.raises(NotFound):
        belonging.answer(another, first.id, admitted=True)
    with pytest.raises(Refused):
        belonging.answer(somebody, first.id, admitted=True)
    with pytest.raises(Invalid):
        belonging.answer(chair, first.id, admitted=False)
    belonging.answer(chair, first.id, admitted=True)
    with pytest.raises(Conflict):
        belonging.answer(chair, first.id, admitted=True)
    assert group.space.role_of(somebody.person_id) == "member"
    second = belonging.ask(another, group, "So do we.")
    belonging.take_back(another, group)
    with pytest.raises(Conflict):
        belonging.answer(chair, second.id, admitted=True)
    belonging.answer(chair, belonging.ask(another, group, "Please.").id, admitted=False, reason="The group is full.")
    assert queries.request_of(group, another.person_id).answer == "The group is full."  # type: ignore[union-attr]


def test_roles_are_given_by_chairs(people: People) -> None:
    group = founded(people)
    chair, one = member(people, group, "chair"), member(people, group)
    assert one.person_id is not None
    with pytest.raises(Refused):
        belonging.set_role(one, group, one.person_id, "chair")
    with pytest.raises(Invalid):
        belonging.set_role(chair, group, one.person_id, "emperor")
    with pytest.raises(NotFound):
        belonging.set_role(chair, group, people.person().id, "chair")
    belonging.set_role(chair, group, one.person_id, "chair")
    assert group.space.role_of(one.person_id) == "chair"
    belonging.remove(one, group, chair.person_id or 0)
    with pytest.raises(Refused):
        belonging.remove(chair, group, one.person_id)
    with pytest.raises(Refused):
        belonging.appoint(one, group, people.person(), "member")
    newcomer = people.person()
    belonging.appoint(people.secretariat(), group, newcomer, "rapporteur")
    assert group.space.role_of(newcomer.id) == "rapporteur"


def test_who_may_write_where(people: People) -> None:
    group = founded(people, posting="members")
    inside, outside, chair = member(people, group), people.participant(), member(people, group, "chair")
    with pytest.raises(Refused):
        saying.open_discussion(outside, group.space, "A question", "What is access?")
    made = saying.open_discussion(inside, group.space, "A question", "What is access?")
    assert discussions.get_discussion(outside, made.id).id == made.id
    with pytest.raises(Refused):
        saying.publish_post(outside, made, "An answer")
    founding.change(chair, group, plan(posting="chairs"))
    with pytest.raises(Refused):
        saying.publish_post(inside, made, "An answer")
    saying.publish_post(chair, made, "An answer")
    founding.change(chair, group, plan(posting="everyone"))
    saying.publish_post(outside, made, "Now I can")
    founding.set_closed(chair, group, closed=True)
    for actor in (inside, outside, chair, people.moderator(), people.secretariat()):
        with pytest.raises(Refused):
            saying.publish_post(actor, made, "Too late")


@pytest.mark.parametrize("visibility", ["members", "private"])
def test_whoever_leaves_sees_nothing_any_more(people: People, visibility: str) -> None:
    group = founded(people, visibility=visibility, joining="invitation")
    inside = member(people, group)
    made = saying.open_discussion(inside, group.space, "A secret", "Between us.")
    assert discussions.get_discussion(inside, made.id).title == "A secret"
    for actor in (Actor.guest(), people.participant(), people.moderator(), people.secretariat()):
        with pytest.raises(NotFound):
            discussions.get_discussion(actor, made.id)
    belonging.leave(inside, group)
    with pytest.raises(NotFound):
        discussions.get_discussion(inside, made.id)
    with pytest.raises(NotFound):
        queries.get_space(inside, group.slug)


def test_a_suspended_member_reads_what_everybody_reads(people: People) -> None:
    group = founded(people, visibility="private")
    somebody = people.suspended()
    seat(group, somebody)
    assert queries.spaces(somebody) == queries.spaces(Actor.guest())
    with pytest.raises(NotFound):
        queries.get_group(somebody, group.slug)


def test_group_moderators_see_what_is_hidden_in_their_group_only(people: People) -> None:
    group = founded(people)
    keeper, inside = member(people, group, "moderator"), member(people, group)
    made = saying.open_discussion(inside, group.space, "A question", "What is access?")
    from_elsewhere = saying.open_discussion(inside, queries.get_space(inside, "c2"), "Another", "What else?")
    with db.transaction() as session:
        for one in (made, from_elsewhere):
            session.merge(one).status = "hidden"
    assert discussions.get_discussion(keeper, made.id).id == made.id
    for actor, one in ((keeper, from_elsewhere), (inside, made)):
        with pytest.raises(NotFound):
            discussions.get_discussion(actor, one.id)
