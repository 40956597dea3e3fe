"""Pages kept for guests: given again while nothing has changed, never after, and to nobody else."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.accounts.models import Person
from alliance.core import db as database
from alliance.core import i18n
from alliance.discussions import services
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.moderation import services as moderation
from alliance.web import asking, kept
from tests import discussing
from tests.people import People

LISTS = ("/", "/latest", "/action-lines/c2")


@pytest.fixture
def guest(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def found(people: People) -> Discussion:
    """A discussion of four posts."""
    author = people.participant(name="Ann Author")
    made = discussing.discussion(author, body="The opening words.")
    second = discussing.reply(author, made, body="The second words.")
    discussing.reply(author, made, second, body="Words below.")
    discussing.reply(people.participant(name="Bob Other"), made, body="The last words.")
    return made


def path_of(found: Discussion) -> str:
    return f"/d/{found.id}/{found.slug}"


def post_of(found: Discussion, number: int) -> Any:
    return database.session().query(Post).filter_by(discussion_id=found.id, number=number).one()


def fresh(app: Flask, path: str) -> str:
    """The page as it is made when nothing is kept."""
    kept.shelf.clear()
    page = app.test_client().get(path).text
    kept.shelf.clear()
    return page


@pytest.mark.parametrize("path", [*LISTS, "DISCUSSION"])
def test_a_page_is_made_once_and_given_often(app: Flask, guest: FlaskClient, found: Discussion, path: str) -> None:
    path = path_of(found) if path == "DISCUSSION" else path
    first = guest.get(path)
    assert len(kept.shelf) == 1
    made: list[str] = []
    app.before_request_funcs.setdefault(None, []).append(note := lambda: made.append("made"))
    try:
        assert app.test_client().get(path).data == first.data
        assert made == []
        assert guest.get(path, query_string={"from": "zz"}).status_code == 200
        assert made == ["made"]
    finally:
        app.before_request_funcs[None].remove(note)


CHANGES: dict[str, Callable[[Any, Discussion], str]] = {}


def change(function: Callable[[Any, Discussion], str]) -> Callable[[Any, Discussion], str]:
    """Something that happens to a discussion; returns what its page says afterwards."""
    CHANGES[function.__name__] = function
    return function


@change
def reply(people: People, found: Discussion) -> str:
    discussing.reply(people.participant(), found, body="Quite new words.")
    return "Quite new words."


@change
def edit(people: People, found: Discussion) -> str:
    author = people.actor(database.session().get_one(Person, found.author_id))
    services.edit_post(author, post_of(found, 2), "Other words.", expected_revision=1)
    return "Other words."


@change
def withdraw(people: People, found: Discussion) -> str:
    author = people.actor(database.session().get_one(Person, found.author_id))
    services.withdraw_post(author, post_of(found, 2))
    return "The author has withdrawn this post."


@change
def lock(people: People, found: Discussion) -> str:
    moderation.lock(people.moderator(), found.id, "It is late.")
    return "It is late."


@change
def rename_a_person(people: People, found: Discussion) -> str:
    with database.transaction() as session:
        session.get_one(Person, found.author_id).name = "Ann Renamed"
    return "Ann Renamed"


@change
def rename_the_space(people: People, found: Discussion) -> str:
    with database.transaction() as session:
        session.get_one(Space, found.space_id).titles = {"en": "Another title"}
    return "Another title"


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_is_seen_at_once(app: Flask, guest: FlaskClient, people: People, found: Discussion, name: str) -> None:
    pages = (path_of(found), *LISTS)
    for path in pages:
        guest.get(path)
    says = CHANGES[name](people, found)
    assert says in guest.get(path_of(found)).text
    for path in pages:
        given = guest.get(path).text
        assert given == fresh(app, path), path


def test_what_was_hidden_is_gone_from_every_page(guest: FlaskClient, people: People, found: Discussion) -> None:
    for path in (path_of(found), *LISTS):
        assert guest.get(path).status_code == 200
    assert "The last words." in guest.get(path_of(found)).text
    moderation.hide(people.moderator(), post_of(found, 4).id, "Not here.")
    assert "The last words." not in guest.get(path_of(found)).text
    with database.transaction() as session:
        session.get_one(Space, found.space_id).visibility = "members"
    assert guest.get(path_of(found)).status_code == 404
    assert guest.get("/action-lines/c2").status_code == 404
    for path in LISTS[:2]:
        assert found.title not in guest.get(path).text


def sign_in(app: Flask, people: People, **more: Any) -> FlaskClient:
    person = people.person(name="Mona Moderator", password_hash=passwords.make("long enough words"), **more)
    client = app.test_client()
    client.post("/sign-in", data={"email": person.email, "password": "long enough words"})
    return client


def rules(app: Flask, found: Discussion) -> list[str]:
    """An address for every page that can be read."""
    values = {"discussion_id": found.id, "post_id": found.id, "slug": found.slug, "code": "c2", "handle": "person-1"}
    adapter = app.url_map.bind("localhost")
    addresses = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= set(values):
            addresses.append(adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}))
    return sorted(set(addresses))


@pytest.mark.parametrize("role", ["participant", "moderator", "secretariat"])
def test_nothing_of_people_signed_in_is_kept_or_given_to_others(app: Flask, people: People, found: Discussion, role: str) -> None:
    addresses, shared = rules(app, found), {path_of(found), *LISTS}
    moderation.hide(people.moderator(), post_of(found, 4).id, "Not here.")
    client = sign_in(app, people, role=role)
    kept.shelf.clear()
    for path in addresses:
        client.get(path).get_data()
        assert len(kept.shelf) == 0, path
    guest = app.test_client()
    for path in addresses:
        given = guest.get(path).get_data()
        assert b"/sign-out" not in given, path
        assert b"The last words." not in given, path
        if path in shared:
            assert b"/sign-out" in client.get(path).get_data(), path  # a guest's page is not given to who is signed in
    for page in kept.shelf._pages.values():
        assert b"csrf_token" not in page.body
        assert not any(name.lower() == "set-cookie" for name, _value in page.headers)


@pytest.mark.parametrize("header", [{"Authorization": "Bearer x"}, {"Cookie": "session=x"}, {"Cookie": "a=b; remember=1|x"}])
def test_whoever_says_who_they_are_is_never_answered_from_the_shelf(app: Flask, found: Discussion, header: dict[str, str]) -> None:
    app.test_client().get(path_of(found))
    page = next(iter(kept.shelf._pages.values()))
    page.body = b"KEPT"
    assert app.test_client().get(path_of(found)).data == b"KEPT"
    assert app.test_client(use_cookies=False).get(path_of(found), headers=header).data != b"KEPT"
    assert app.test_client().post(path_of(found)).data != b"KEPT"


def test_each_language_and_theme_has_its_own(app: Flask, found: Discussion) -> None:
    path = path_of(found)
    for language in i18n.LANGUAGES:
        for _time in range(2):
            page = app.test_client(use_cookies=False).get(path, headers={"Accept-Language": language}).text
            assert f'<html lang="{language}"' in page
            page = app.test_client(use_cookies=False).get(path, headers={"Cookie": f"lang={language}; theme=dark"}).text
            assert f'<html lang="{language}"' in page
            assert 'data-theme="dark"' in page
    assert "data-theme" not in app.test_client(use_cookies=False).get(path).text
    assert 'lang="fr"' in app.test_client().get(f"{path}?lang=fr").text.split("<head>")[0]


@pytest.mark.parametrize("asked", ["br", "gzip", "gzip, deflate, br", "identity", "gzip;q=0", ""])
def test_packed_as_the_browser_wishes(app: Flask, found: Discussion, asked: str) -> None:
    path = path_of(found)
    plain = app.test_client().get(path, headers={"Accept-Encoding": "identity"}).data
    for _time in range(kept.WANTED + 2):
        answer = app.test_client().get(path, headers={"Accept-Encoding": asked})
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress}.get(answer.headers.get("Content-Encoding", ""), bytes)
        assert unpack(answer.data) == plain
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert (answer.headers.get("Content-Encoding") is None) == (asked in {"identity", "gzip;q=0", ""})


def test_unchanged_is_told_in_a_line(app: Flask, people: People, found: Discussion) -> None:
    first = app.test_client().get(path_of(found))
    same = app.test_client().get(path_of(found), headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["ETag"] == first.headers["ETag"]
    assert "X-Request-ID" in same.headers
    head = app.test_client().head(path_of(found))
    assert (head.status_code, head.data) == (200, b"")
    discussing.reply(people.participant(), found)
    again = app.test_client().get(path_of(found), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200


def test_security_headers_come_with_what_is_kept(app: Flask, found: Discussion) -> None:
    first, second = (dict(app.test_client().get(path_of(found)).headers) for _time in range(2))
    assert first.pop("X-Request-ID") != second.pop("X-Request-ID")
    for name in ("Content-Length", "Content-Encoding"):
        first.pop(name, None), second.pop(name, None)
    assert first == second
    assert "Content-Security-Policy" in second


def test_the_shelf_is_bounded() -> None:
    shelf = kept.Shelf(most=10_000)
    source = asking.Source("SELECT 1")
    for number in range(100):
        shelf.put(("/", str(number), "en", ""), page := kept.Page(source, None, (1,), [], "x", b"x" * 2000, "/"))
        shelf.pack(page, "br", b"x" * 500)
    assert len(shelf) <= 3
    assert shelf.get(("/", "99", "en", "")) is not None
    assert shelf.get(("/", "0", "en", "")) is None
    shelf.pack(page, "gzip", b"")
    for key in list(shelf._pages):
        shelf._drop(key)
    assert shelf._bytes == 0
