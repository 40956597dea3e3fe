"""The API of the digests."""

from __future__ import annotations

from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from tests.digests.conftest import Forum
from tests.people import People


def test_compile_list_read(client: FlaskClient, people: People, forum: Forum) -> None:
    forum.six_languages()
    token = accounts.create_token(people.person(role="moderator"), "write")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    body = {"from": "2026-06-01", "to": "2026-06-30", "space": "c2"}
    made = client.post("/api/v1/digests", json=body, headers=headers)
    assert made.status_code == 201
    assert client.post("/api/v1/digests", json=body, headers=headers).json == made.json
    assert made.json["from"] == "2026-06-01"
    read = client.get(f"/api/v1/digests/{made.json['id']}").json
    assert [point["text"] for point in read["points"]] == [point["text"] for point in made.json["points"]]
    assert all(point["citations"][0]["quote"] == point["text"] for point in read["points"])
    listed = client.get("/api/v1/digests").json
    assert [one["id"] for one in listed["items"]] == [made.json["id"]]
    assert listed["items"][0]["to"] == "2026-06-30"


def test_bad_input(client: FlaskClient, people: People, forum: Forum) -> None:
    headers = {"Authorization": f"Bearer {accounts.create_token(people.person(role='moderator'), 'write')}"}
    for body, name in (
        ({"from": "2026-06-02", "to": "2026-06-01"}, "to"),
        ({"from": "never", "to": "2026-06-01"}, "from"),
        ({"from": "2026-06-01", "to": "2026-06-02", "space": "nowhere"}, "space"),
    ):
        answer = client.post("/api/v1/digests", json=body, headers=headers)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [name])
    mere = {"Authorization": f"Bearer {accounts.create_token(people.person(), 'write')}"}
    assert client.post("/api/v1/digests", json={"from": "2026-06-01", "to": "2026-06-02"}, headers=mere).status_code == 403
    assert client.get("/api/v1/digests/999").status_code == 404
