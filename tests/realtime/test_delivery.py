"""Every delivery asks who may see; what ends a right ends what was opened with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_socketio import SocketIOTestClient
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.accounts import queries as accounts_queries
from alliance.accounts import services as accounts
from alliance.accounts.models import Person
from alliance.accounts.services import Profile
from alliance.core import clock, db
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.realtime import audience, connections, sockets
from tests import discussing
from tests.counting import statements
from tests.people import PASSWORD, People
from tests.policy.test_sheet import ACTORS
from tests.realtime.test_tail import answered, connect, opened, subscribe, told


def with_token(app: Flask, person_id: int, scope: str = "read") -> SocketIOTestClient:
    return connect(app, token=accounts.create_token(db.session().get_one(Person, person_id), scope))


def names(client: SocketIOTestClient) -> list[str]:
    """What a client was told, also one whose connection has ended."""
    return [one["name"] for one in client.queue if "name" in one]


def suspend(people: People, person_id: int) -> None:
    accounts.suspend(people.secretariat(), db.session().get_one(Person, person_id), suspended=True)


def revoke(_people: People, person_id: int) -> None:
    actor = Actor("person", person_id, confirmed=True)
    for token in accounts_queries.tokens(actor):
        accounts.revoke_token(actor, token.id)


@pytest.mark.parametrize("ending", [suspend, revoke])
def test_who_loses_the_right_hears_nothing_of_what_comes_after(
    app: Flask, following: Any, people: People, ending: Callable[[People, int], None]
) -> None:
    author = people.participant()
    person_id = people.person().id
    found = opened(author)
    following.advance()
    reader, other = with_token(app, person_id), connect(app)
    assert subscribe(reader, found)["ok"]
    subscribe(other, found)
    before = answered(author, found)
    ending(people, person_id)
    answered(author, found)
    # Nobody was told anything yet: what ended the right stands in the log between the two posts.
    following.advance()
    assert names(reader) == ["post.published", "error"]
    assert reader.queue[0]["args"][0]["id"] == before
    assert len(told(other)) == 2
    assert connections.of_person(person_id) == []
    assert not reader.is_connected()


def test_a_suspended_person_opens_no_socket(app: Flask, following: Any, people: People) -> None:
    assert not with_token(app, people.person(suspended_at=clock.now()).id).is_connected()


def test_signing_out_ends_the_sockets_of_the_person_but_not_of_programs(app: Flask, following: Any, people: People) -> None:
    person = people.person(password_hash=passwords.make(PASSWORD))
    person_id = person.id
    browser = app.test_client()
    assert browser.post("/sign-in", data={"email": person.email, "password": PASSWORD}).status_code == 303
    page = SocketIOTestClient(app, sockets.socketio, flask_test_client=browser)
    program = with_token(app, person_id)
    assert len(connections.of_person(person_id)) == 2
    assert browser.post("/sign-out").status_code == 303
    following.advance()
    assert [one.actor.scope for one in connections.of_person(person_id)] == ["read"]
    assert names(page) == ["error"]
    assert names(program) == []


def test_a_new_name_ends_nothing(app: Flask, following: Any, people: People) -> None:
    person_id = people.person().id
    reader = with_token(app, person_id)
    person = db.session().get_one(Person, person_id)
    accounts.change_profile(people.actor(person), person, Profile("New Name"))
    following.advance()
    assert names(reader) == []
    assert [one.name for one in connections.of_person(person_id)] == ["New Name"]


@pytest.mark.parametrize("hide", ["discussion", "space"])
def test_what_becomes_invisible_is_told_to_those_who_still_see_it(app: Flask, following: Any, people: People, hide: str) -> None:
    author, moderator_id = people.participant(), people.person(role="moderator").id
    found = opened(author)
    following.advance()
    guest, participant, moderator = connect(app), with_token(app, people.person().id), with_token(app, moderator_id)
    for client in (guest, participant, moderator):
        subscribe(client, found)
    answered(author, found)
    with db.transaction() as session:
        discussion = session.get_one(Discussion, found)
        if hide == "discussion":
            discussion.status = "hidden"
        else:
            session.get_one(Space, discussion.space_id).visibility = "private"
    following.advance()
    assert names(guest) == names(participant) == ["unsubscribed"]
    assert names(moderator) == (["post.published"] if hide == "discussion" else ["unsubscribed"])
    assert subscribe(guest, found) == {"ok": False, "error": "not found"}


def test_a_hundred_readers_cost_what_one_costs(app: Flask, following: Any, people: People) -> None:
    author = people.participant()
    found = opened(author)
    following.advance()
    costs = []
    for number in (1, 20):
        for _reader in range(number):
            subscribe(with_token(app, people.person().id), found)
        answered(author, found)
        with statements() as asked:
            following.advance()
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_what_guests_see_everybody_sees(people: People) -> None:
    """What `audience.refused` relies on."""
    found = discussing.discussion(people.participant()).id
    query = select(Discussion.id).where(Discussion.id == found)
    assert db.session().scalar(query.where(visible(Actor.guest(), Discussion))) == found
    for name, actor in ACTORS.items():
        assert db.session().scalar(query.where(visible(actor, Discussion))) == found, name
        assert audience.sees(actor, found)
