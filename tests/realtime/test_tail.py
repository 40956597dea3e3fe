"""Sockets: each event once, in order, to those who may read; garbage gets an answer."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_socketio import SocketIOTestClient
from sqlalchemy.exc import OperationalError

from alliance.accounts import services as accounts
from alliance.core import db, outbox
from alliance.discussions import services
from alliance.discussions.models import Discussion, Post
from alliance.moderation import services as moderation
from alliance.realtime import sockets, tail
from alliance.watching import services as watching
from tests import discussing
from tests.people import People


def opened(author: Any) -> int:
    """A new discussion (by id: a socket's handler gives the session back, and rows with it)."""
    return discussing.discussion(author).id


def answered(author: Any, discussion_id: int, **more: Any) -> int:
    """A new reply, by id."""
    return discussing.reply(author, db.session().get_one(Discussion, discussion_id), **more).id


def post_of(post_id: int) -> Post:
    return db.session().get_one(Post, post_id)


def connect(app: Flask, **auth: Any) -> SocketIOTestClient:
    return SocketIOTestClient(app, sockets.socketio, auth=auth or None)


def subscribe(client: SocketIOTestClient, discussion: Any, since: Any = None, lang: str = "en") -> Any:
    return client.emit("subscribe", {"discussion": discussion, "since": since, "lang": lang}, callback=True)


def told(client: SocketIOTestClient) -> list[tuple[str, int]]:
    return [(one["name"], one["args"][0]["id"]) for one in client.get_received()]


def test_a_subscriber_is_told_once_in_the_language_asked_for(app: Flask, following: Any, people: People) -> None:
    author = people.participant()
    found = opened(author)
    following.advance()
    english, french = connect(app), connect(app)
    assert subscribe(english, found)["ok"]
    subscribe(french, found, lang="fr")
    post = answered(author, found)
    following.advance()
    following.advance()
    (news,) = english.get_received()
    (nouvelles,) = french.get_received()
    assert (news["name"], news["args"][0]["id"], news["args"][0]["parent"]) == ("post.published", post, None)
    assert f'id="p{post}"' in news["args"][0]["html"]
    assert news["args"][0]["cursor"] == nouvelles["args"][0]["cursor"] == outbox.head()


def test_edits_withdrawals_and_acts_of_moderators_are_told(app: Flask, following: Any, people: People) -> None:
    author, moderator = people.participant(), people.moderator()
    found = opened(author)
    first, second = answered(author, found), answered(author, found, body="MARK")
    following.advance()
    client = connect(app)
    subscribe(client, found)
    services.edit_post(author, post_of(first), "New words here.", expected_revision=1)
    moderation.hide(moderator, second, "No.")
    services.withdraw_post(author, post_of(first))
    moderation.lock(moderator, found, "Enough.")
    following.advance()
    received = client.get_received()
    assert [(n["name"], n["args"][0]["id"]) for n in received] == [
        ("post.edited", first), ("post.withdrawn", second), ("post.withdrawn", first), ("discussion.changed", found),
    ]  # fmt: skip
    assert "MARK" not in str(received)


def test_what_was_missed_comes_once_and_in_order(app: Flask, following: Any, people: People) -> None:
    author = people.participant()
    found = opened(author)
    following.advance()
    cursor = outbox.head()
    before = [answered(author, found) for _number in range(3)]
    following.advance()
    behind = [answered(author, found) for _number in range(2)]
    client = connect(app)
    answer = subscribe(client, found, cursor)
    assert [one["id"] for one in answer["missed"]] == before, "what this process has told the others already"
    following.advance()
    assert [post_id for _name, post_id in told(client)] == behind, "and what it had not, in turn"
    assert subscribe(client, found, outbox.head())["missed"] == []
    last = answered(author, found)
    following.advance()
    assert told(client) == [("post.published", last)]


def test_one_who_was_told_more_elsewhere_is_told_nothing_twice(app: Flask, following: Any, people: People) -> None:
    author = people.participant()
    found = opened(author)
    following.advance()
    answered(author, found)
    client = connect(app)
    answer = subscribe(client, found, outbox.head())
    assert (answer["missed"], answer["cursor"]) == ([], outbox.head())
    following.advance()
    assert client.get_received() == []


def test_far_behind_means_reload(app: Flask, following: Any, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "BATCH", 3)
    author = people.participant()
    found = opened(author)
    cursor = outbox.head()
    for _number in range(5):
        answered(author, found)
    following.advance()
    assert subscribe(connect(app), found, cursor)["reload"]


def test_imports_and_flags_are_no_news(app: Flask, following: Any, people: People) -> None:
    author = people.participant()
    found = opened(author)
    post = answered(author, found)
    following.advance()
    client = connect(app)
    subscribe(client, found)
    moderation.flag_post(people.participant(), post, "spam")
    following.advance()
    assert client.get_received() == []


def test_nobody_listens_where_one_may_not_read(app: Flask, following: Any, people: People) -> None:
    author = people.participant()
    found = opened(author)
    found_id = found
    services.withdraw_post(author, discussing.opening(db.session().get_one(Discussion, found)))
    client = connect(app)
    assert subscribe(client, found_id) == subscribe(client, 10**6) == {"ok": False, "error": "not found"}


def test_a_token_opens_a_socket_and_a_wrong_one_does_not(app: Flask, following: Any, people: People) -> None:
    secret = accounts.create_token(people.person(), "read")
    assert connect(app, token=secret).is_connected()
    assert not connect(app, token="wrong").is_connected()


def test_unsubscribing_and_leaving_end_delivery(app: Flask, following: Any, people: People) -> None:
    author = people.participant()
    found = opened(author)
    client, other = connect(app), connect(app)
    subscribe(client, found)
    subscribe(other, found)
    assert client.emit("unsubscribe", {"discussion": found}, callback=True) == {"ok": True}
    other.disconnect()
    answered(author, found)
    following.advance()
    assert client.get_received() == []
    assert dict(following.listening) == {}


@pytest.mark.parametrize(
    "data",
    [
        None,
        "x",
        7,
        [],
        {},
        {"discussion": "1"},
        {"discussion": -1},
        {"discussion": True},
        {"discussion": 2**60},
        {"discussion": 1, "since": "x"},
        {"discussion": 1, "lang": "xx"},
        {"discussion": 1, "lang": ["en"]},
    ],
)
def test_garbage_gets_an_answer(app: Flask, following: Any, data: Any) -> None:
    for name in ("subscribe", "unsubscribe"):
        answer = connect(app).emit(name, data, callback=True)
        assert answer == {"ok": True} or (answer["ok"] is False and answer["error"])


def test_floods_are_told_so(app: Flask, following: Any, people: People) -> None:
    found = opened(people.participant())
    client = connect(app)
    answers = [client.emit("unsubscribe", {"discussion": found}, callback=True) for _number in range(260)]
    assert answers[0]["ok"]
    assert not answers[-1]["ok"]


def test_the_log_over_http(app: Flask, people: People) -> None:
    author = people.participant()
    found = opened(author)
    post_id, found_id = answered(author, found), found
    moderation.flag_post(people.participant(), post_id, "spam")
    client = app.test_client()
    page = client.get("/api/v1/events").json
    assert [one["event"] for one in page["items"]] == ["discussion.opened", "post.published", "post.published"]
    assert client.get(f"/api/v1/events?after={page['next']}").json == {"items": [], "next": page["next"]}
    assert client.get("/api/v1/events?after=x").status_code == 422
    assert client.get(f"/api/v1/events?discussion={found_id + 1}").json["items"] == []


def test_who_watches_is_told_the_count_by_one_event(app: Flask, following: Any, people: People) -> None:
    author, watcher = people.participant(), people.participant()
    found = opened(author)
    outbox.drain_all()
    watching.choose(watcher, found, "watch")
    client = connect(app, token=accounts.create_token(people.of(watcher), "read"))
    away = people.participant()
    watching.choose(away, found, "watch")
    for _ in range(2):
        answered(author, found)
    outbox.drain_all()
    following.advance()
    assert [one["args"][0] for one in client.get_received() if one["name"] == "notification"] == [{"unread": 2}, {"unread": 2}]


def test_while_the_database_is_away_nothing_is_passed_over(
    app: Flask, following: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = people.participant()
    found = opened(author)
    following.advance()
    client = connect(app)
    subscribe(client, found)
    posts = [answered(author, found) for _number in range(2)]

    def away(*_arguments: Any) -> Any:
        raise OperationalError("SELECT", {}, Exception("the connection is gone"))

    with monkeypatch.context() as broken:
        broken.setattr(tail, "news", away)
        with pytest.raises(OperationalError):
            following.advance()
    following.advance()
    assert [post_id for _name, post_id in told(client)] == posts


def test_a_post_that_cannot_be_shown_is_told_as_a_change_and_holds_up_nothing(
    app: Flask, following: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = people.participant()
    found = opened(author)
    following.advance()
    client = connect(app)
    subscribe(client, found)
    bad, good = answered(author, found), answered(author, found)
    real = tail.news
    monkeypatch.setattr(tail, "news", lambda record, language: 1 / 0 if record.event.post_id == bad else real(record, language))
    following.advance()
    assert told(client) == [("discussion.changed", found), ("post.published", good)]


def test_a_cursor_of_another_log_means_reload(app: Flask, following: Any, people: People) -> None:
    found = opened(people.participant())
    following.advance()
    assert subscribe(connect(app), found, outbox.head() + 1000)["reload"]
