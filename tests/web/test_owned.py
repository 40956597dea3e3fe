"""Finished pages of people signed in: given again to the one who got them, as long as nothing of theirs has changed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.accounts.models import Person
from alliance.core import clock, outbox
from alliance.core import db as database
from alliance.core.settings import Settings
from alliance.discussions import services
from alliance.discussions.models import Discussion, Post
from alliance.drafts import services as drafts
from alliance.groups.models import Membership, Space
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.polls import services as polls
from alliance.reading import services as reading
from alliance.reading.numbers import Numbers
from alliance.signals import services as signals
from alliance.stakeholders import services as stakeholders
from alliance.watching import services as watching
from alliance.web import asking, owned
from tests import discussing
from tests.people import PASSWORD, People

BROTLI = {"Accept-Encoding": "br"}
LISTS = ("/", "/latest", "/action-lines/c2")
_NEW = re.compile(r'name="nonce"[^>]*value="([^"]*)"')
_CHANGING = re.compile(r'name="(csrf_token|nonce)"[^>]*value="[^"]*"|[0-9]+ (second|minute)s? ago')


class Made:
    """A discussion, and somebody who reads it."""

    def __init__(self, app: Flask, people: People) -> None:
        author = people.participant(name="Ann Author")
        found = discussing.discussion(author, body="The opening words.")
        second = discussing.reply(author, found, body="The second words.")
        polls.set_poll(author, second, polls.Asked("Which?", ["One", "Two"]))
        discussing.reply(people.participant(name="Bob Other"), found, body="The last words.")
        self.id, self.path, self.space_id, self.author_id = found.id, f"/d/{found.id}/{found.slug}", found.space_id, found.author_id
        self.people, self.client, self.me = people, *enter(app, people, name="Rita Reader", handle="rita")

    @property
    def discussion(self) -> Discussion:
        return database.session().get_one(Discussion, self.id)

    def post(self, number: int) -> Post:
        return database.session().query(Post).filter_by(discussion_id=self.id, number=number).one()

    def change(self, **columns: Any) -> None:
        """Of the reader."""
        with database.transaction() as session:
            for name, value in columns.items():
                setattr(session.get_one(Person, self.me.person_id), name, value)


def enter(app: Flask, people: People, **columns: Any) -> tuple[FlaskClient, Actor]:
    """Somebody signed in, and who that is."""
    person = people.person(password_hash=passwords.make(PASSWORD), **columns)
    return sign_in(app, person.email), people.actor(database.session().get_one(Person, person.id))


def sign_in(app: Flask, email: str | None) -> FlaskClient:
    client = app.test_client()
    client.post("/sign-in", data={"email": email, "password": PASSWORD}, follow_redirects=True)  # and the message is read
    return client


@pytest.fixture
def made(app: Flask, people: People) -> Made:
    owned.shelf.clear()
    return Made(app, people)


@pytest.fixture
def whole_pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses for which the application was asked, that is: what was not kept."""
    asked: list[str] = []
    begin = owned.begin
    monkeypatch.setattr(owned, "begin", lambda source, thing: (asked.append("page"), begin(source, thing))[1])
    return asked


def steady(page: str) -> str:
    return _CHANGING.sub("", page)


def test_a_page_is_given_again(made: Made, whole_pages: list[str]) -> None:
    for path in (made.path, *LISTS):
        made.client.get(path)
        first, second = (made.client.get(path) for _time in range(2))
        assert steady(first.text) == steady(second.text)
        assert _NEW.findall(first.text) == [] or _NEW.findall(first.text) != _NEW.findall(second.text)  # two windows write two posts
        names = {name for name, _value in first.headers}
        assert names >= {"Content-Security-Policy", "Cache-Control", "X-Request-ID", "Vary"}
        assert "private" in second.headers["Cache-Control"]
    assert len(whole_pages) == 1 + len(LISTS)


@pytest.mark.parametrize("way", ["br", "gzip"])
def test_packed_it_says_the_same(made: Made, whole_pages: list[str], way: str) -> None:
    plain = made.client.get(made.path).text
    pages = [made.client.get(made.path, headers={"Accept-Encoding": way}) for _time in range(3)]
    assert len(whole_pages) == 2
    for page in pages:
        assert page.headers["Content-Encoding"] == way
        assert int(page.headers["Content-Length"]) == len(page.data)
    if way == "br":
        assert [steady(brotli.decompress(page.data).decode()) for page in pages] == [steady(plain)] * 3


CHANGES: dict[str, Callable[[Made], Any]] = {
    "read": lambda made: reading.mark_read(made.me, made.id, Numbers.parse("1-2")),
    "thanked": lambda made: signals.thank(made.me, made.post(2)),
    "position": lambda made: signals.take_position(made.me, made.post(3), "object", "Not so."),
    "bookmark": lambda made: watching.keep_post(made.me, made.post(3).id),
    "bookmark of all": lambda made: watching.keep_discussion(made.me, made.id),
    "watching": lambda made: watching.choose(made.me, made.id, "watch"),
    "watching the space": lambda made: watching.choose_space(made.me, "c2", "watch"),
    "draft": lambda made: drafts.save(made.me, f"d:{made.id}", {"body": "What I was writing."}, revision=0),
    "voted": lambda made: polls.vote(made.me, made.post(2), [1]),
    "spoke": lambda made: discussing.reply(made.me, made.discussion, body="My own words."),
    "told": lambda made: (discussing.reply(made.people.participant(), made.discussion, body="Hear, @rita."), outbox.drain_all()),
    "named": lambda made: made.change(name="Rita Renamed"),
    "order": lambda made: reading.choose_order(made.me, "time"),
    "speaks for": lambda made: stakeholders.declare(
        made.me, made.people.of(made.me), stakeholders.Claim("Cable Users", "civil_society", None, "Chair")
    ),
    "suspended": lambda made: made.change(suspended_at=clock.now()),
    "moderator": lambda made: made.change(role="moderator"),
    "hidden": lambda made: moderation.hide(made.people.moderator(), made.post(2).id, "Not here."),
    "locked": lambda made: moderation.lock(made.people.moderator(), made.id, "It is late."),
    "edited": lambda made: services.edit_post(
        made.people.actor(database.session().get_one(Person, made.author_id)), made.post(2), "Other words.", expected_revision=1
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_shows_at_once(made: Made, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    paths = LISTS if name == "told" else (made.path, *LISTS)  # whoever opens it has read what they were told
    before = {path: [steady(made.client.get(path).text) for _time in range(3)][2] for path in paths}
    CHANGES[name](made)
    given = {path: steady(made.client.get(path).text) for path in paths}
    with monkeypatch.context() as patch:
        patch.setattr(owned, "find", lambda _key: None)
        for path in paths:
            assert given[path].split("\n") == steady(made.client.get(path).text).split("\n"), path
    assert given != before


def test_what_another_process_changes_shows_at_once(made: Made, settings: Settings) -> None:
    assert 'data-unread="' not in [made.client.get("/latest").text for _time in range(3)][2]
    before = [steady(made.client.get(made.path).text) for _time in range(2)][1]
    database.release()
    script = f"""
from alliance import app
from alliance.core import db
from alliance.accounts.models import Person
from alliance.accounts.session import actor_of
from alliance.reading import services
app.start()
services.mark_read(actor_of(db.session().get_one(Person, {made.me.person_id}), "page"), {made.id})
"""
    env = os.environ | {"ALLIANCE_DATABASE_URL": settings.database, "ALLIANCE_DATA_DIR": str(settings.data_dir)}
    subprocess.run([sys.executable, "-c", script], env=env, check=True)
    assert steady(made.client.get(made.path).text) != before


def test_it_is_for_nobody_else(app: Flask, made: Made) -> None:
    drafts.save(made.me, f"d:{made.id}", {"body": "What I was writing."}, revision=0)
    for _time in range(3):
        assert "What I was writing." in made.client.get(made.path).text
    other, _who = enter(app, made.people, name="Otto Other")
    guest, liar = app.test_client(), app.test_client()
    mine = made.client.get_cookie("session")
    assert mine is not None
    liar.set_cookie("session", mine.value[:-2] + ("aa" if mine.value[-2:] != "aa" else "bb"))
    for client in (other, guest, liar):
        for _time in range(2):
            page = client.get(made.path).text
            assert "What I was writing." not in page
            assert "Rita Reader" not in page
    thief = app.test_client()
    thief.set_cookie("session", mine.value)
    assert "What I was writing." in thief.get(made.path).text  # whoever has the cookie is the person, until they sign out
    made.client.post("/sign-out")
    assert "What I was writing." not in thief.get(made.path).text
    assert "What I was writing." not in made.client.get(made.path).text


def test_it_ends_with_the_sessions_of_a_person(app: Flask, made: Made) -> None:
    elsewhere = sign_in(app, database.session().get_one(Person, made.me.person_id).email)
    for client in (made.client, elsewhere):
        assert all("Rita Reader" in client.get(made.path).text for _time in range(3))
    made.change(epoch=5)
    assert all("Rita Reader" not in client.get(made.path).text for client in (made.client, elsewhere))


def test_a_former_member_sees_no_more(made: Made) -> None:
    with database.transaction() as session:
        session.get_one(Space, made.space_id).visibility = "private"
        session.add(Membership(space_id=made.space_id, person_id=made.me.person_id, role="member", joined_at=clock.now()))
    assert all("The last words." in made.client.get(made.path).text for _time in range(3))
    with database.transaction() as session:
        session.query(Membership).filter_by(person_id=made.me.person_id).delete()
    assert made.client.get(made.path).status_code == 404
    with database.transaction() as session:
        session.get_one(Space, made.space_id).visibility = "public"
    assert all("The last words." in made.client.get(made.path).text for _time in range(3))
    with database.transaction() as session:
        session.get_one(Space, made.space_id).visibility = "private"
    assert made.client.get(made.path).status_code == 404


def test_what_changes_while_it_is_made_is_not_missed(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    made.client.get(made.path)
    owned.shelf.clear()
    stamp = asking.stamp

    def late(source: asking.Source, *values: Any) -> Any:
        made.change(role="secretariat" if len(values) > 2 else "participant")
        return stamp(source, *values)

    monkeypatch.setattr(asking, "stamp", late)
    made.client.get(made.path)
    assert len(owned.shelf) == 0  # who asks was found out before the change, what is theirs after it


def test_moderators_see_what_waits(app: Flask, made: Made, whole_pages: list[str]) -> None:
    moderator, _who = enter(app, made.people, role="moderator")
    whole_pages.clear()
    for _time in range(3):
        moderator.get(made.path)
    assert len(whole_pages) == 3


def test_a_number_of_unread_that_hangs_on_another_discussion_is_not_kept(made: Made) -> None:
    elsewhere = discussing.discussion(made.me, title="Elsewhere, too")
    answer = discussing.reply(made.people.participant(), elsewhere, body="Told of this.").id
    outbox.drain_all()
    told = [steady(made.client.get(made.path).text) for _time in range(3)][2]
    moderation.hide(made.people.moderator(), answer, "Not here.")
    assert steady(made.client.get(made.path).text) != told


def test_what_is_to_close_closes_in_kept_pages(made: Made) -> None:
    with database.transaction() as session:
        session.get_one(Discussion, made.id).closes_at = clock.now() + timedelta(seconds=3)
        session.get_one(Discussion, made.id).version += 1
    assert 'name="body"' in [made.client.get(made.path).text for _time in range(2)][1]
    end = time.monotonic() + 60
    while 'name="body"' in made.client.get(made.path).text and time.monotonic() < end:
        time.sleep(0.5)
    assert 'name="body"' not in made.client.get(made.path).text
