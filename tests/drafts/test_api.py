"""Drafts through the API."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from tests.people import People


@pytest.fixture
def token(people: People) -> dict[str, str]:
    """The header of somebody who may write."""
    person = people.person()
    return {"Authorization": f"Bearer {accounts.create_token(person, 'write', 'test')}"}


def test_put_get_delete(client: FlaskClient, token: Any) -> None:
    made = client.put("/api/v1/drafts/d:45", headers=token, json={"fields": {"body": "Half a thought"}})
    assert made.status_code == 200
    assert made.json["fields"] == {"body": "Half a thought"}
    assert made.json["revision"] == 1
    assert client.get("/api/v1/drafts/d:45", headers=token).json == made.json
    assert client.get("/api/v1/drafts", headers=token).json["items"] == [made.json]
    stale = client.put("/api/v1/drafts/d:45", headers=token, json={"fields": {"body": "Another"}})
    assert stale.status_code == 409
    assert stale.content_type == "application/problem+json"
    newer = client.put("/api/v1/drafts/d:45", headers=token, json={"fields": {"body": "Another"}, "revision": 1})
    assert newer.json["revision"] == 2
    assert client.delete("/api/v1/drafts/d:45", headers=token).status_code == 204
    assert client.get("/api/v1/drafts/d:45", headers=token).status_code == 404


def test_wrong_requests(client: FlaskClient, token: Any, people: People) -> None:
    assert client.get("/api/v1/drafts/d:45").status_code == 401
    assert client.put("/api/v1/drafts/d:45", json={"fields": {}}).status_code == 401
    assert client.put("/api/v1/drafts/nowhere", headers=token, json={"fields": {"body": "x"}}).status_code == 404
    assert client.put("/api/v1/drafts/d:45", headers=token, json={"fields": {"other": "x"}}).status_code == 422
    assert client.put("/api/v1/drafts/d:45", headers=token, json={"fields": {"body": "x" * 300_000}}).status_code == 422
    reading = {"Authorization": f"Bearer {accounts.create_token(people.person(), 'read', 'test')}"}
    assert client.put("/api/v1/drafts/d:45", headers=reading, json={"fields": {"body": "x"}}).status_code == 403
