"""The API of discussions: same rules, same services."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from alliance.discussions.models import MAX_PATH_DEPTH
from tests import discussing
from tests.people import People

Headers = dict[str, str]


@pytest.fixture
def token(people: People) -> Headers:
    """The headers of a participant who may write."""
    return bearer(people)


def bearer(people: People, scope: str = "write", **columns: Any) -> Headers:
    """The headers of a new person's token."""
    return {"Authorization": f"Bearer {accounts.create_token(people.person(**columns), scope)}"}


def open_one(client: FlaskClient, headers: Headers, **more: Any) -> Any:
    discussing.space()
    return client.post(
        "/api/v1/discussions", headers=headers, json={"space": "c2", "title": "A question", "body": "Who pays for the last mile?", **more}
    )


def test_open_answer_edit_withdraw(client: FlaskClient, token: Headers) -> None:
    made = open_one(client, token)
    assert made.status_code == 201
    url = f"/api/v1/discussions/{made.json['id']}"
    answer = client.post(f"{url}/posts", headers=token, json={"body": "The *users* do.", "language": "en"})
    assert answer.status_code == 201
    post = answer.json
    assert set(post) == {
        "id", "discussion_id", "parent_id", "number", "author", "body", "html", "language", "created_at", "edited_at", "key_note", "status", "revision", "reactions", "reactions_by_type", "cursor",
    }  # fmt: skip
    below = client.post(f"{url}/posts", headers=token, json={"body": "All of them?", "parent_id": post["id"]}).json
    assert below["parent_id"] == post["id"]
    changed = client.patch(f"/api/v1/posts/{post['id']}", headers=token, json={"body": "The state does.", "revision": 1}).json
    assert (changed["revision"], changed["body"]) == (2, "The state does.")
    assert client.get(f"/api/v1/posts/{post['id']}/revisions").json["items"][0]["body"] == "The *users* do."
    assert client.patch(f"/api/v1/posts/{post['id']}", headers=token, json={"body": "x y z", "revision": 1}).status_code == 409
    assert client.patch(f"/api/v1/posts/{post['id']}", headers=token, json={"body": "Whatever it was."}).json["revision"] == 3
    assert [one["number"] for one in client.get(f"/api/v1/posts/{post['id']}/revisions").json["items"]] == [2, 1]
    assert client.delete(f"/api/v1/posts/{below['id']}", headers=token).status_code == 204
    assert client.get(f"/api/v1/posts/{below['id']}").status_code == 404


def test_the_same_key_gives_the_first_answer(client: FlaskClient, token: Headers) -> None:
    url = f"/api/v1/discussions/{open_one(client, token).json['id']}/posts"
    headers = {**token, "Idempotency-Key": "k-1"}
    answers = [client.post(url, headers=headers, json={"body": "Once."}) for _time in range(3)]
    assert len({a.text for a in answers}) == 1
    assert len(client.get(url).json["items"]) == 2
    other = client.post(url, headers=headers, json={"body": "Something else."})
    assert (other.status_code, list(other.json["errors"])) == (422, ["Idempotency-Key"])


def test_keys_of_two_people_are_two_keys(client: FlaskClient, token: Headers, people: People) -> None:
    url = f"/api/v1/discussions/{open_one(client, token).json['id']}/posts"
    ids = {client.post(url, headers={**h, "Idempotency-Key": "k"}, json={"body": "Mine."}).json["id"] for h in (token, bearer(people))}
    assert len(ids) == 2


@pytest.mark.parametrize("key", ["", "x" * 129])
def test_bad_keys_are_refused(client: FlaskClient, token: Headers, key: str) -> None:
    assert client.post("/api/v1/discussions", headers={**token, "Idempotency-Key": key}, json={}).status_code == 422


def test_a_failed_request_uses_up_no_key(client: FlaskClient, token: Headers) -> None:
    discussing.space()
    headers = {**token, "Idempotency-Key": "k"}
    assert client.post("/api/v1/discussions", headers=headers, json={"space": "nowhere", "title": "A", "body": "B c d."}).status_code == 404
    assert client.post("/api/v1/discussions", headers=headers, json={"space": "c2", "title": "A", "body": "B c d."}).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"space": "c2", "title": "", "body": "x"}, 422, "title"),
        ({"space": "c2", "title": "x", "body": " "}, 422, "body"),
        ({"space": "c2", "title": "x"}, 422, "body"),
        ({"space": "c2", "title": "x", "body": "x", "colour": "red"}, 422, "colour"),
        ({"space": "c2", "title": "x", "body": "x", "language": "tlh"}, 422, "language"),
        ({"space": "c2", "title": "x", "body": 7}, 422, "body"),
        ([1, 2], 422, ""),
        ("[" * 5000, 422, ""),
    ],
)
def test_bad_bodies_are_named_by_field(client: FlaskClient, token: Headers, body: Any, status: int, field: str) -> None:
    discussing.space()
    given = {"data": body} if isinstance(body, str) else {"json": body}
    answer = client.post("/api/v1/discussions", headers=token, **given)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert field in answer.json["errors"]


def test_lists_go_on_by_cursor(client: FlaskClient, token: Headers) -> None:
    for number in range(5):
        open_one(client, token, title=f"Question {number}")
    for sort in ("active", "new", "top"):
        seen, after = [], ""
        while True:
            page = client.get(f"/api/v1/spaces/c2/discussions?limit=2&sort={sort}{after}").json
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert len(seen) == len(set(seen)) == 5, sort


@pytest.mark.parametrize("after", ["x", "e30", "W10", "WzFd", "8J+YgA", "A" * 500, "WyJhIiwiYiJd"])
def test_made_up_cursors_are_refused(client: FlaskClient, token: Headers, after: str) -> None:
    made = open_one(client, token).json
    for url in ("/api/v1/spaces/c2/discussions", f"/api/v1/discussions/{made['id']}/posts"):
        assert client.get(f"{url}?after={after}").status_code == 422


def test_who_may_is_asked_here_too(client: FlaskClient, token: Headers, people: People) -> None:
    url = f"/api/v1/discussions/{open_one(client, token).json['id']}/posts"
    body = {"body": "May I?"}
    assert client.post(url, json=body).status_code == 401
    assert client.post(url, json=body, headers=bearer(people, "read")).status_code == 403
    assert client.post(url, json=body, headers=bearer(people, confirmed_at=None)).status_code == 403
    assert client.post(url, json=body, headers={"Authorization": "Bearer nonsense"}).status_code == 401
    post_id = client.post(url, json=body, headers=token).json["id"]
    assert client.delete(f"/api/v1/posts/{post_id}", headers=bearer(people)).status_code == 403


def test_the_document_describes_every_operation(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"] == "3.1.0"
    for path, operations in document["paths"].items():
        for method, described in operations.items():
            assert described["summary"].endswith("."), (method, path)
            names = {p["name"] for p in described["parameters"] if p["in"] == "path"}
            assert names == {part[1:-1] for part in path.split("/") if part.startswith("{")}, path
    for wanted in (
        "/discussions",
        "/discussions/{discussion_id}/posts",
        "/posts/{post_id}",
        "/posts/{post_id}/flags",
        "/search",
        "/spaces",
        "/me",
        "/events",
    ):
        assert wanted in document["paths"]


@pytest.mark.parametrize("parent", [True, 1.0, "1", [], {}, -1, 2**31])
def test_a_number_is_a_number(client: FlaskClient, token: Headers, parent: Any) -> None:
    answer = client.post("/api/v1/discussions/1/posts", headers=token, json={"body": "Yes.", "parent_id": parent})
    assert answer.status_code == 422
    assert "parent_id" in answer.json["errors"]


def test_a_very_deep_tree_is_read_to_its_end(client: FlaskClient, people: People) -> None:
    author = people.participant()
    found = discussing.discussion(author)
    parent = discussing.opening(found)
    expected = [parent.id]
    for _ in range(MAX_PATH_DEPTH + 5):
        parent = discussing.reply(author, found, parent)
        expected.append(parent.id)
    url, seen, after = f"/api/v1/discussions/{found.id}/posts?limit=100", [], ""
    while True:
        answer = client.get(url + after)
        assert answer.status_code == 200, answer.json
        seen += [post["id"] for post in answer.json["items"]]
        if answer.json["next"] is None:
            break
        after = f"&after={answer.json['next']}"
    assert seen == expected
