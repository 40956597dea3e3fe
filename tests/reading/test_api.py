"""What one has read, through the API."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import tokens
from tests import discussing
from tests.people import People


@pytest.fixture
def headers(people: People) -> dict[str, str]:
    """Somebody's token; there is a discussion of three posts."""
    writer = people.participant()
    found = discussing.discussion(writer)
    discussing.reply(writer, found)
    discussing.reply(writer, found)
    return {"Authorization": f"Bearer {tokens.create_token(people.person(), 'write')}"}


def test_marking_and_asking(client: FlaskClient, headers: dict[str, str]) -> None:
    url = "/api/v1/discussions/1/read"
    assert client.get(url, headers=headers).json == {"discussion_id": 1, "read": "", "unread": 3}
    assert client.put(url, json={"numbers": [1, 3]}, headers=headers).json == {"discussion_id": 1, "read": "1,3", "unread": 1}
    assert client.put(url, json={"all": True}, headers=headers).json == {"discussion_id": 1, "read": "1-3", "unread": 0}


@pytest.mark.parametrize("body", [{}, {"numbers": ["x"]}, {"numbers": list(range(2000))}, {"all": False}, {"number": [1]}])
def test_nonsense_is_refused(client: FlaskClient, headers: dict[str, str], body: Any) -> None:
    assert client.put("/api/v1/discussions/1/read", json=body, headers=headers).status_code == 422


def test_who_may(client: FlaskClient, headers: dict[str, str], people: People) -> None:
    assert client.get("/api/v1/discussions/1/read").status_code == 404
    assert client.put("/api/v1/discussions/1/read", json={"all": True}).status_code == 401
    assert client.put("/api/v1/discussions/99/read", json={"all": True}, headers=headers).status_code == 404
    reading = {"Authorization": f"Bearer {tokens.create_token(people.person(), 'read')}"}
    assert client.put("/api/v1/discussions/1/read", json={"all": True}, headers=reading).status_code == 403


def test_posts_in_every_order(client: FlaskClient, headers: dict[str, str]) -> None:
    for order in ("tree", "time", "balanced"):
        url, found = f"/api/v1/discussions/1/posts?order={order}&limit=2", []
        first = client.get(url).json
        assert first
        found += [post["number"] for post in first["items"]]
        second = client.get(f"{url}&after={first['next']}").json
        assert second
        found += [post["number"] for post in second["items"]]
        assert found == [1, 2, 3], order
        assert second["next"] is None
    assert client.get("/api/v1/discussions/1/posts?order=sideways").status_code == 422
