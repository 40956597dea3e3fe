"""What one has read, on the pages, with and without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.core import db as database
from alliance.discussions.models import Discussion, Post
from alliance.reading import queries
from tests import discussing
from tests.counting import statements
from tests.people import PASSWORD, People


@pytest.fixture
def reader(client: FlaskClient, people: People) -> Any:
    """Somebody signed in."""
    actor = people.participant(email="r@example.org", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "r@example.org", "password": PASSWORD})
    return actor


@pytest.fixture
def path(people: People) -> str:
    """A discussion of forty posts."""
    writer = people.participant(posts_count=9)
    found = discussing.discussion(writer)
    with database.transaction() as session:
        for _number in range(39):
            discussing.reply(writer, session.get_one(Discussion, found.id))
    return f"/d/{found.id}/{found.slug}"


def read(actor: Any) -> str:
    state = queries.state(actor, 1)
    assert state is not None
    return str(state.read)


def marked(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-unread-post="(\d+)"', page)]


def id_of(number: int) -> int:
    return database.session().scalars(select(Post.id).where(Post.discussion_id == 1, Post.number == number)).one()


def test_marking_a_page_without_script(client: FlaskClient, reader: Any, path: str) -> None:
    page = client.get(path).text
    assert "40 unread posts: go to the first" in page
    assert marked(page) == list(range(1, 31))
    numbers = re.search(r'name="numbers" value="([^"]*)"', page)
    assert numbers
    answer = client.post("/d/1/read", data={"numbers": numbers[1], "page": "1", "next": path})
    assert answer.location == path
    assert read(reader) == "1-30"
    page = client.get(path).text
    assert "10 unread posts: go to the first" in page
    assert marked(page) == []
    assert "Mark this page as read" not in page
    assert client.get(path).text.count("Unread from here") == 30


def test_looking_alone_marks_nothing(client: FlaskClient, reader: Any, path: str) -> None:
    client.get(path)
    client.get(f"{path}/all")
    assert read(reader) == ""


def test_all_and_unread_again(client: FlaskClient, reader: Any, path: str) -> None:
    client.post("/d/1/read", data={"all": "1", "numbers": "1-30"})
    assert read(reader) == "1-40"
    assert "You have read everything here." in client.get(path).text
    client.post("/d/1/read", data={"unread_from": "21", "numbers": "1-30"})
    assert read(reader) == "1-20"


def test_what_the_script_sends(client: FlaskClient, reader: Any, path: str) -> None:
    assert client.post("/d/1/read", json={"numbers": [3, 4, 4]}).json == {"unread": 38}
    assert client.post("/d/1/read", data={"numbers": "7,9,8", "quiet": "1"}).json == {"unread": 35}
    assert read(reader) == "3-4,7-9"


@pytest.mark.parametrize("sent", [{"numbers": ["x"]}, {"numbers": "1;2"}, {"numbers": {}}, [1], "1", {"numbers": [[]]}])
def test_nonsense_is_refused(client: FlaskClient, reader: Any, path: str, sent: Any) -> None:
    assert client.post("/d/1/read", json=sent).status_code == 422
    assert read(reader) == ""


def test_a_read_mark_needs_the_token_of_the_form(
    app: Flask, client: FlaskClient, reader: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert token
    assert client.post("/d/1/read", json={"numbers": [1]}).status_code == 400
    assert client.post("/d/1/read", json={"numbers": [1]}, headers={"X-CSRFToken": token[1]}).status_code == 200
    assert client.post("/d/1/read", data={"numbers": "2", "quiet": "1", "csrf_token": token[1]}).status_code == 200
    assert read(reader) == "1-2"


def test_the_first_unread_wherever_it_is(client: FlaskClient, reader: Any, path: str) -> None:
    client.post("/d/1/read", data={"numbers": "1-34,36,38"})
    answer = client.get(f"{path}/unread")
    assert answer.status_code == 303
    assert answer.location.endswith(f"#p{id_of(35)}")
    page = client.get(answer.location).text
    assert f'id="p{id_of(35)}"' in page
    assert client.get("/d/1/-/unread?after=35").location.endswith(f"#p{id_of(37)}")
    assert client.get("/d/1/-/unread?before=37").location.endswith(f"#p{id_of(35)}")
    assert client.get("/d/1/-/unread?before=35").location == path
    assert "nothing more unread" in client.get(path).text
    client.post("/settings/reading", data={"order": "time"})
    assert "order=time" in client.get(f"{path}/unread").location


def test_nothing_unread_says_so(client: FlaskClient, reader: Any, path: str) -> None:
    client.post("/d/1/read", data={"all": "1"})
    assert "You have read everything here." in client.get(f"{path}/unread", follow_redirects=True).text


def test_a_post_of_ones_own_is_read(client: FlaskClient, reader: Any, path: str) -> None:
    answer = client.post(f"{path}/reply", data={"body": "Mine.", "nonce": "n"})
    page = client.get(answer.location, follow_redirects=True).text
    assert 41 not in marked(page)
    assert "40 unread posts" in page


def test_lists_count_what_is_unread(client: FlaskClient, reader: Any, path: str) -> None:
    assert " unread" not in client.get("/action-lines/c2").text
    client.post("/d/1/read", data={"numbers": "1-37"})
    for page in ("/", "/latest", "/action-lines/c2", "/action-lines"):
        assert "3 unread" in client.get(page).text, page
    assert "3 unread posts in the discussions you have opened" in client.get("/action-lines/c2").text
    assert " unread" not in client.application.test_client().get("/action-lines/c2").text


def test_guests_are_told_of_nothing_unread(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert "unread" not in page
    assert client.get(f"{path}/unread").location.startswith("/sign-in")
    assert client.post("/d/1/read", data={"all": "1"}).location.startswith("/sign-in")


def test_a_page_takes_one_statement_more_however_much_is_unread(client: FlaskClient, reader: Any, path: str) -> None:
    client.post("/d/1/read", data={"numbers": "1,3,5,7,9-12"})
    for page in (path, "/latest"):
        with statements() as seen:
            client.get(page)
        assert len([one for one in seen if "read_marks" in one]) == 1, page
