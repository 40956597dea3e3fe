"""The first page of a person, and that opening a post is having read what one was told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.core import db as database
from alliance.discussions.models import Discussion
from alliance.moderation import services as moderation
from alliance.notifications import news, queries
from alliance.policy import Actor
from alliance.reading import services as reading
from alliance.watching import services as watching
from tests import discussing
from tests.counting import statements
from tests.people import PASSWORD, People
from tests.signing import signed_in

Drain = Callable[[], int]
HOME_BUDGET = 22


def sign_in(client: FlaskClient, people: People, **columns: Any) -> Actor:
    person = people.person(email="r@example.org", handle="rita", password_hash=passwords.make(PASSWORD), **columns)
    client.post("/sign-in", data={"email": "r@example.org", "password": PASSWORD})
    return people.actor(person)


def say(actor: Actor, discussion_id: int, body: str = "An answer.") -> int:
    return discussing.reply(actor, database.session().get_one(Discussion, discussion_id), body=body).id


def test_what_needs_me(client: FlaskClient, people: People, drain: Drain) -> None:
    me = sign_in(client, people)
    other = people.participant(name="Boris")
    assert "Nothing: nobody waits for you." in client.get("/").text
    mine = discussing.discussion(me, "A discussion of mine").id
    theirs = discussing.discussion(other, "A discussion of theirs").id
    answer = say(other, mine)
    say(other, theirs, "What does @rita say?")
    drain()
    page = client.get("/").text
    assert "<bdi>Boris</bdi>: replied in #2" in page
    assert "<bdi>Boris</bdi>: mentioned you" in page
    assert "waits for review" not in page
    moderation.flag_post(me, answer, "spam", "")
    assert "waits for review" not in client.get("/").text


def test_moderators_are_told_what_waits(client: FlaskClient, people: People) -> None:
    moderator = sign_in(client, people, role="moderator")
    assert "review queue" not in client.get("/").text
    author = people.participant()
    opened = discussing.discussion(author).id
    assert "1 entry waits in the review queue" in client.get("/").text  # the first post of somebody new is looked at
    answer = say(author, opened)
    moderation.flag_post(people.participant(), answer, "spam", "")
    assert "2 entries wait in the review queue" in client.get("/").text
    moderation.dismiss(moderator, answer, "It is no spam.")
    assert "1 entry waits in the review queue" in client.get("/").text


def test_opening_a_post_marks_it_read(client: FlaskClient, people: People, drain: Drain) -> None:
    me = sign_in(client, people)
    discussion = discussing.discussion(me).id
    for _ in range(2):
        post = say(people.participant(), discussion)
    elsewhere = say(people.participant(), discussing.discussion(me, "Another discussion").id)
    drain()
    assert queries.unread(me) == 3
    client.get(f"/p/{post}", follow_redirects=True)
    database.release()
    assert queries.unread(me) == 1
    assert [row.post_id for row in queries.notifications(me, unread_only=True)[0]] == [elsewhere]


def test_marking_a_group_and_wrong_ids(client: FlaskClient, people: People, drain: Drain) -> None:
    me = sign_in(client, people)
    one, two = (discussing.discussion(me, f"Discussion number {n}").id for n in range(2))
    for discussion in (one, one, two):
        say(people.participant(), discussion)
    drain()
    client.post("/notifications/read", data={"discussion": "x"})
    assert queries.unread(me) == 3
    client.post("/notifications/read", data={"discussion": str(one)})
    database.release()
    assert queries.unread(me) == 1


def test_preferences_page(client: FlaskClient, people: People) -> None:
    sign_in(client, people)
    page = client.get("/settings/notifications").text
    assert 'id="mail-watched" name="mail" value="watched"> ' in page
    assert 'id="mail-thanks"' not in page
    client.post("/settings/notifications", data={"page": ["reply"], "mail": ["watched"]})
    page = client.get("/settings/notifications").text
    assert 'value="watched" checked' in page
    assert 'name="page" value="mention"> ' in page


def titles(actor: Actor) -> list[str]:
    database.release()
    return [row.title for row in news.followed(actor)]


def test_new_in_what_i_watch(people: People) -> None:
    me, other = people.participant(), people.participant()
    spoken = discussing.discussion(me, "Where I spoke").id
    assert titles(me) == []
    say(other, spoken)
    assert titles(me) == ["Where I spoke"]
    reading.mark_read(me, spoken)
    assert titles(me) == []
    old = discussing.discussion(other, "Before I watched the space").id
    watching.choose_space(me, "c2", "track")
    new = discussing.discussion(other, "New in the space").id
    assert titles(me) == ["New in the space"]
    say(other, old)
    assert titles(me) == ["Before I watched the space", "New in the space"]
    watching.choose(me, new, "mute")
    watching.choose(me, spoken, "normal")
    say(other, spoken)
    assert titles(me) == ["Before I watched the space"]
    assert titles(other) == ["Where I spoke"]
    assert news.followed(Actor.guest()) == []


def test_hidden_discussions_are_not_news(people: People) -> None:
    me, other = people.participant(), people.participant()
    discussion = discussing.discussion(me).id
    say(other, discussion)
    with database.transaction() as session:
        session.get_one(Discussion, discussion).status = "hidden"
    assert titles(me) == []


def test_home_tells_what_moderators_decided_and_no_title_that_is_hidden(app: Flask, people: People, drain: Drain) -> None:
    author, flagger = people.participant(posts_count=9), people.participant()
    opening = discussing.opening(discussing.discussion(author, "A shop in the title"))
    moderation.flag_post(flagger, opening.id, "spam")
    moderation.hide(people.moderator(), opening.id, "Advertising.")
    drain()
    for actor, line, title in ((author, "Moderators have hidden your post", True), (flagger, "which you flagged", False)):
        home = signed_in(app.test_client(), actor).get("/").text
        assert (line in home, "Nothing: nobody waits for you." in home) == (True, False)
        assert ("A hidden discussion" in home) != title
        assert "A shop in the title" not in home


@pytest.mark.parametrize("role", ["participant", "moderator"])
def test_home_asks_as_often_however_much_there_is(client: FlaskClient, people: People, drain: Drain, role: str) -> None:
    me = sign_in(client, people, role=role)
    watching.choose_space(me, "c2", "watch")
    counted = []
    for size in (2, 12):
        for number in range(size):
            discussion = discussing.discussion(me, f"Discussion {size} number {number}").id
            for _ in range(3):
                say(people.participant(), discussion)
        drain()
        client.get("/")
        with statements() as seen:
            assert client.get("/").status_code == 200
        counted.append(len(seen))
    assert counted[0] == counted[1] <= HOME_BUDGET


def test_the_page_of_notifications_asks_as_often_however_many_there_are(client: FlaskClient, people: People, drain: Drain) -> None:
    me = sign_in(client, people)
    counted = []
    for size in (2, 10):
        for number in range(size):
            say(people.participant(), discussing.discussion(me, f"Discussion {size} number {number}").id)
        drain()
        client.get("/notifications")
        with statements() as seen:
            assert client.get("/notifications").status_code == 200
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 8
