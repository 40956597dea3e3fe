"""News for pages without a socket."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alliance.core import db, outbox
from alliance.discussions.models import Discussion
from alliance.realtime import origins, tail
from alliance.realtime.views import choices
from tests.counting import statements
from tests.people import People
from tests.realtime.test_tail import answered, opened


def test_what_was_missed_comes_once_and_in_order_and_then_nothing(client: FlaskClient, people: People) -> None:
    author = people.participant()
    found = opened(author)
    cursor = outbox.head()
    ids = [answered(author, found) for _number in range(3)]
    first = client.get(f"/news?discussion={found}&after={cursor}&lang=fr")
    assert first.status_code == 200
    assert first.json is not None
    assert [one["id"] for one in first.json["missed"]] == ids
    assert (first.json["cursor"], first.json["unread"]) == (outbox.head(), None)
    assert first.json["missed"][-1]["count"].startswith("4 ")
    address = f"/news?discussion={found}&after={first.json['cursor']}&lang=fr"
    second = client.get(address)
    assert second.json is not None
    assert second.json["missed"] == []
    again = client.get(address, headers={"If-None-Match": second.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    answered(author, found)
    assert client.get(address, headers={"If-None-Match": second.headers["ETag"]}).status_code == 200


def test_nothing_new_costs_one_question(client: FlaskClient, people: People) -> None:
    found = opened(people.participant())
    address = f"/news?discussion={found}&after={outbox.head()}"
    with statements() as asked:
        client.get(address)
    assert len(asked) == 1, asked


def test_far_behind_and_of_another_log_mean_reload(client: FlaskClient, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "BATCH", 2)
    author = people.participant()
    found = opened(author)
    for _number in range(3):
        answered(author, found)
    told = client.get(f"/news?discussion={found}&after=0").json
    assert told is not None
    assert (told["reload"], told["missed"], told["cursor"]) == (True, [], outbox.head())


def test_what_one_may_not_see_is_not_found(client: FlaskClient, people: People) -> None:
    found = opened(people.participant())
    with db.transaction() as session:
        session.get_one(Discussion, found).status = "hidden"
    assert client.get(f"/news?discussion={found}").status_code == 404
    assert client.get("/news?discussion=99999").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "discussion=x", "discussion=-1", "discussion=1e3", "discussion=%00", f"discussion={'9' * 300}", "after=²"]
)
def test_garbage_is_no_discussion(client: FlaskClient, query: str) -> None:
    assert client.get(f"/news?{query}").status_code == 200


def test_a_device_chooses_how_it_hears(client: FlaskClient) -> None:
    for way in choices.WAYS:
        answer = client.post("/settings/live", data={"way": way})
        assert answer.status_code == 303
        cookie = client.get_cookie("live")
        assert (cookie.value if cookie else "socket") == way
        assert f'value="{way}" checked' in client.get("/settings/live").text
    client.post("/settings/live", data={"way": "<script>"})
    assert client.get_cookie("live") is None


@pytest.mark.parametrize(
    ("base", "origin", "host", "may"),
    [
        ("https://forum.example.org", "https://forum.example.org", "forum.example.org", True),
        ("https://forum.example.org", "https://evil.example", "evil.example", False),
        ("https://forum.example.org", "http://forum.example.org", "forum.example.org", False),
        ("https://forum.example.org", "http://127.0.0.1:8000", "127.0.0.1:8000", False),
        ("https://forum.example.org", "null", "forum.example.org", False),
        ("https://forum.example.org", "https://forum.example.org.evil.example", "forum.example.org", False),
        ("http://127.0.0.1:8000", "http://localhost:8000", "localhost:8000", True),
        ("http://127.0.0.1:8000", "http://localhost:9999", "localhost:8000", False),
        ("http://127.0.0.1:8000", "http://evil.example:8000", "evil.example:8000", False),
        ("http://127.0.0.1:8000", None, "x", True),
    ],
)
def test_only_our_own_pages_open_sockets(app: Flask, settings: Any, base: str, origin: str | None, host: str, may: bool) -> None:
    ours = settings.__class__(base_url=base)
    assert origins.allowed(origin, {"HTTP_HOST": host}, ours) is may
