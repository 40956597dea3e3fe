"""Files by the API."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import tokens as accounts
from alliance.policy import Actor
from tests import discussing
from tests.attachments import samples
from tests.people import People


@pytest.fixture
def author(people: People) -> Actor:
    """Somebody with a token."""
    return people.participant()


@pytest.fixture
def bearer(author: Actor) -> dict[str, str]:
    """What the API is told of them."""
    return {"Authorization": f"Bearer {accounts.create_token(People.of(author), 'write')}"}


def post(client: FlaskClient, headers: dict[str, str], data: bytes, name: str = "a.png", **more: Any) -> Any:
    return client.post("/api/v1/attachments", data={"file": (io.BytesIO(data), name), **more}, headers=headers)


def test_sent_and_published(client: FlaskClient, author: Actor, bearer: dict[str, str]) -> None:
    answer = post(client, bearer, samples.picture(), alternative="A red field")
    assert answer.status_code == 201
    sent = answer.json
    assert sent["markdown"] == f"![A red field](/attachments/{sent['key']}/a.png)"
    assert (sent["width"], sent["height"], sent["post_id"], sent["kind"]) == (40, 30, None, "image")
    assert client.get(f"/api/v1/attachments/{sent['key']}").status_code == 404
    assert client.get(f"/api/v1/attachments/{sent['key']}", headers=bearer).json == sent
    found = discussing.discussion(author)
    made = client.post(f"/api/v1/discussions/{found.id}/posts", json={"body": sent["markdown"]}, headers=bearer)
    assert made.status_code == 201, made.text
    assert client.get(f"/api/v1/attachments/{sent['key']}").json["post_id"] == made.json["id"]


def test_repeated_under_a_key_it_is_one_file(client: FlaskClient, bearer: dict[str, str]) -> None:
    headers = bearer | {"Idempotency-Key": "once"}
    first, second = post(client, headers, samples.PDF, "a.pdf"), post(client, headers, samples.PDF, "a.pdf")
    assert first.json["key"] == second.json["key"]


@pytest.mark.parametrize(
    ("data", "status"), [(samples.EXE, 422), (b"", 422), (samples.PDF + bytes(10 * 2**20), 413), (samples.PDF + bytes(15 * 2**20), 413)]
)
def test_what_is_not_taken(client: FlaskClient, bearer: dict[str, str], data: bytes, status: int) -> None:
    answer = post(client, bearer, data)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_it_takes_a_token_that_writes(client: FlaskClient, author: Actor, bearer: dict[str, str]) -> None:
    assert post(client, {}, samples.PDF).status_code == 401
    assert post(client, {"Authorization": "Bearer wrong"}, samples.PDF).status_code == 401
    reading = {"Authorization": f"Bearer {accounts.create_token(People.of(author), 'read')}"}
    assert post(client, reading, samples.PDF).status_code == 403
    assert client.post("/api/v1/attachments", json={}, headers=bearer).status_code == 422


def test_the_document_says_it_takes_a_form(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").json["paths"]["/attachments"]["post"]
    assert described["requestBody"]["content"]["multipart/form-data"]["schema"]["required"] == ["file"]
