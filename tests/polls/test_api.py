"""Polls through the API."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from tests import discussing
from tests.people import People


@pytest.fixture
def mine(people: People) -> tuple[str, dict[str, str]]:
    """The address of a post's poll, and its author's token."""
    person = people.person(stakeholder_type="media")
    made = discussing.opening(discussing.discussion(people.actor(person)))
    return f"/api/v1/posts/{made.id}/poll", {"Authorization": f"Bearer {accounts.create_token(person, 'write')}"}


def test_make_vote_close_and_read(client: FlaskClient, mine: tuple[str, dict[str, str]]) -> None:
    url, token = mine
    assert client.get(url).status_code == 404
    asked = {"question": "Who pays?", "options": ["Users", "States"], "secret": True, "closes_at": None}
    assert client.put(url, json=asked, headers=token).status_code == 204
    assert client.put(f"{url}/vote", json={"choices": [1]}, headers=token).status_code == 204
    found = client.get(url, headers=token).json
    assert (found["results"], found["own"], found["open"]) == (None, [1], True)
    assert client.put(url, json=asked, headers=token).status_code == 409
    assert client.put(f"{url}/closed", headers=token).status_code == 204
    found = client.get(url).json
    assert found["results"] == {"voters": {"media": 1}, "votes": [{"media": 0}, {"media": 1}], "points": []}
    assert (found["own"], found["open"]) == (None, False)
    assert client.delete(f"{url}/vote", headers=token).status_code == 409


@pytest.mark.parametrize("choices", [[], [2], [-1], [10**40], ["x"], [0, 1], list(range(30)), None])
def test_what_is_no_vote(client: FlaskClient, mine: tuple[str, dict[str, str]], choices: Any) -> None:
    url, token = mine
    client.put(url, json={"question": "Q", "options": ["a", "b"]}, headers=token)
    assert client.put(f"{url}/vote", json={"choices": choices}, headers=token).status_code == 422
    assert client.put(f"{url}/vote", json={"choices": [0]}, headers=token).status_code == 204
    assert client.delete(f"{url}/vote", headers=token).status_code == 204
    assert client.delete(url, headers=token).status_code == 204
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "more", [{"options": ["a"]}, {"kind": "guess"}, {"closes_at": "2001-01-01T00:00:00Z"}, {"closes_at": "2099-01-01T00:00:00"}, {"x": 1}]
)
def test_what_cannot_be_asked(client: FlaskClient, mine: tuple[str, dict[str, str]], more: dict[str, Any]) -> None:
    url, token = mine
    assert client.put(url, json={"question": "Q", "options": ["a", "b"], **more}, headers=token).status_code == 422
