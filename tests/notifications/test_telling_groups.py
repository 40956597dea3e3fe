"""Naming a working group one is a member of tells the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from alliance.core import db as database
from alliance.discussions import completing, linking
from alliance.discussions.models import Discussion
from alliance.groups.models import Membership
from alliance.notifications import telling
from alliance.notifications.models import Notification
from alliance.policy import Actor
from alliance.watching import services as watching
from tests import discussing
from tests.grouping import founded, member
from tests.people import People

Drain = Callable[[], int]


def told(post_id: int) -> dict[int, str]:
    database.release()
    rows = list(database.session().scalars(select(Notification).where(Notification.post_id == post_id)))
    assert len({row.person_id for row in rows}) == len(rows)
    return {row.person_id: row.kind for row in rows}


def say(actor: Actor, discussion_id: int, body: str) -> int:
    return discussing.reply(actor, database.session().get_one(Discussion, discussion_id), body=body).id


def test_the_other_members_are_told_once_and_in_batches(people: People, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "GROUP_BATCH", 2)
    group = founded(people)
    slug = group.space.code
    opener, author, outside = people.participant(), member(people, group), people.participant()
    others = [member(people, group) for _ in range(5)]
    discussion = discussing.discussion(opener).id
    watching.choose(others[0], discussion, "mute")
    watching.choose(others[1], discussion, "watch")
    post = say(author, discussion, f"What does @{slug} say?")
    drain()
    assert told(post) == {opener.person_id: "reply"} | {one.person_id: "mention" for one in others[1:]}
    elsewhere = say(outside, discussion, f"And what do I say to @{slug}?")
    drain()
    assert "mention" not in told(elsewhere).values()


def test_it_is_suggested_to_members_with_how_many_it_tells(people: People) -> None:
    group = founded(people)
    slug = group.space.code
    author = member(people, group)
    member(people, group), member(people, group)
    assert [(one.insert, one.reach) for one in completing.suggestions(author, f"@{slug[:4]}")] == [(f"@{slug}", 2)]
    assert completing.suggestions(people.participant(), f"@{slug[:4]}") == []
    assert f'<a href="/groups/{slug}" class="mention"' in linking.rendered(f"Ask @{slug}.").html


def test_a_private_group_is_given_away_to_nobody(people: People) -> None:
    group = founded(people, visibility="private")
    slug = group.space.code
    assert "<a " not in linking.rendered(f"Ask @{slug} and #{slug}.").html
    assert completing.suggestions(people.participant(), f"@{slug[:4]}") == []


def test_a_handle_of_the_same_spelling_is_the_persons(people: People, drain: Drain) -> None:
    group = founded(people)
    author, other = member(people, group), member(people, group)
    slug = group.space.code
    namesake = people.person(handle=slug).id
    discussion = discussing.discussion(author).id
    post = say(author, discussion, f"What does @{slug} say?")
    drain()
    assert told(post) == {namesake: "mention"}
    assert database.session().scalar(select(Membership.id).where(Membership.person_id == other.person_id)) is not None
    assert f'href="/people/{slug}"' in linking.rendered(f"@{slug}").html
