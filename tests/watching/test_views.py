"""Pages and API of watching and bookmarks, without script."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.accounts import services as accounts
from alliance.core import db as database
from alliance.discussions.models import Discussion
from alliance.policy import Actor
from alliance.watching import queries
from tests import discussing
from tests.counting import statements
from tests.people import PASSWORD, People


@pytest.fixture
def reader(client: FlaskClient, people: People) -> FlaskClient:
    people.person(email="r@example.org", name="Rita Reader", handle="rita", password_hash=passwords.make(PASSWORD))
    client.post("/sign-in", data={"email": "r@example.org", "password": PASSWORD})
    return client


@pytest.fixture
def talk(db: Any, people: People) -> tuple[int, int, str]:
    made = discussing.discussion(people.participant())
    return made.id, discussing.reply(people.participant(), made).id, f"/d/{made.id}/{made.slug}"


def test_a_discussion_is_watched_from_its_page(reader: FlaskClient, talk: tuple[int, int, str]) -> None:
    discussion, _post, where = talk
    assert "You do not watch it" in reader.get(where).text
    assert reader.post(f"/d/{discussion}/watch", data={"level": "watch", "next": where}).headers["Location"] == where
    assert "You watch it" in reader.get(where).text
    assert "Who pays for the last mile?" in reader.get("/settings/watching").text
    assert reader.post(f"/d/{discussion}/watch", data={"level": "loud"}).status_code == 422
    assert reader.post("/d/99999/watch", data={"level": "watch"}).status_code == 404
    reader.post(f"/d/{discussion}/watch", data={"level": "default"})
    assert "You do not watch it" in reader.get(where).text


def test_a_space_is_watched_from_its_page(reader: FlaskClient, talk: tuple[int, int, str]) -> None:
    assert reader.post("/action-lines/c2/watch", data={"level": "mute"}).status_code == 303
    assert "You have muted it" in reader.get("/action-lines/c2").text
    assert "As you chose for the whole action line." in reader.get(talk[2]).text
    assert 'name="next" value="/settings/watching"' in reader.get("/settings/watching").text
    assert reader.post("/action-lines/c99/watch", data={"level": "mute"}).status_code == 404


def test_bookmarks_are_kept_noted_and_removed(reader: FlaskClient, talk: tuple[int, int, str]) -> None:
    discussion, post, where = talk
    assert 'aria-pressed="false">Bookmark<' in reader.get(where).text
    assert reader.post(f"/p/{post}/bookmark", data={"keep": "1"}).headers["Location"] == f"/p/{post}"
    reader.post(f"/d/{discussion}/bookmark", data={"keep": "1", "note": "<i>later</i>"})
    assert reader.get(where).text.count('aria-pressed="true">Bookmark') == 2
    page = reader.get("/bookmarks").text
    assert "&lt;i&gt;later&lt;/i&gt;" in page
    assert "The users do." in page
    (number,) = [row.id for row in queries.bookmarks(_me())[0] if row.post_id]
    assert reader.post(f"/bookmarks/{number}", data={"note": "to quote"}).status_code == 303
    assert 'value="to quote"' in reader.get("/bookmarks").text
    reader.post(f"/bookmarks/{number}", data={"note": "to quote", "remove": "1"})
    reader.post(f"/d/{discussion}/bookmark", data={"keep": "0"})
    assert "No bookmark yet." in reader.get("/bookmarks").text
    assert reader.post(f"/bookmarks/{number}", data={"note": ""}).status_code == 404


def _me() -> Actor:
    from sqlalchemy import select  # noqa: PLC0415

    from alliance.accounts.models import Person  # noqa: PLC0415

    return People.actor(database.session().scalars(select(Person).where(Person.handle == "rita")).one())


def test_guests_see_nothing_of_it_and_are_asked_to_sign_in(client: FlaskClient, talk: tuple[int, int, str]) -> None:
    discussion, post, where = talk
    for address in ("/bookmarks", "/settings/watching"):
        assert "/sign-in" in client.get(address).headers["Location"]
    for address in (f"/d/{discussion}/watch", f"/p/{post}/bookmark", f"/d/{discussion}/bookmark", "/action-lines/c2/watch"):
        assert "/sign-in" in client.post(address).headers["Location"]
    with statements() as seen:
        page = client.get(where).text
        client.get("/action-lines/c2")
        client.get("/")
    assert "Bookmark" not in page
    assert not [one for one in seen if "watches" in one or "bookmarks" in one or "notifications" in one]


def test_a_page_asks_twice_however_many_posts(reader: FlaskClient, people: People) -> None:
    actor = people.participant()
    counted = []
    for posts in (1, 12):
        made = discussing.discussion(actor, f"A discussion with {posts} posts")
        for _ in range(posts):
            discussing.reply(actor, database.session().get_one(Discussion, made.id))
        reader.get(f"/d/{made.id}/{made.slug}")
        with statements() as seen:
            reader.get(f"/d/{made.id}/{made.slug}")
        counted.append(len([one for one in seen if "watches" in one or "bookmarks" in one]))
    assert counted == [2, 2]


def test_the_api(client: FlaskClient, people: People, talk: tuple[int, int, str]) -> None:
    discussion, post, _where = talk
    person = people.person()
    head = {"Authorization": f"Bearer {accounts.create_token(person, 'write')}"}
    put = f"/api/v1/discussions/{discussion}/watch"
    assert client.put(put, json={"level": "track"}, headers=head).get_json() == {"chosen": "track", "automatic": False, "level": "track"}
    assert client.put(put, json={"level": "loud"}, headers=head).status_code == 422
    assert client.get(put, headers=head).get_json()["level"] == "track"
    assert client.put("/api/v1/spaces/c2/watch", json={"level": "mute"}, headers=head).get_json()["chosen"] == "mute"
    assert client.put(put, json={"level": "default"}, headers=head).get_json() == {"chosen": None, "automatic": False, "level": "mute"}
    assert client.put(f"/api/v1/posts/{post}/bookmark", json={"note": "x"}, headers=head).status_code == 204
    assert client.put(f"/api/v1/discussions/{discussion}/bookmark", json={}, headers=head).status_code == 204
    items = client.get("/api/v1/bookmarks", headers=head).get_json()["items"]
    assert [(one["post_id"], one["note"]) for one in items] == [(None, ""), (post, "x")]
    assert client.delete(f"/api/v1/posts/{post}/bookmark", headers=head).status_code == 204
    assert client.delete(f"/api/v1/discussions/{discussion}/bookmark", headers=head).status_code == 204
    assert client.get("/api/v1/bookmarks", headers=head).get_json()["items"] == []
    assert client.get("/api/v1/bookmarks").status_code == 401
    assert client.put("/api/v1/posts/99999/bookmark", json={}, headers=head).status_code == 404
    preferences = client.get("/api/v1/notifications/preferences", headers=head).get_json()["items"]
    assert {"kind": "watched", "channel": "mail", "wanted": False} in preferences
    asked = {"items": [{"kind": "watched", "channel": "mail", "wanted": True}]}
    assert client.put("/api/v1/notifications/preferences", json=asked, headers=head).get_json()["items"] != preferences
