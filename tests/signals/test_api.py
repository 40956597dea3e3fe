"""Reactions through the API."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from alliance.moderation import services as moderation
from tests import discussing
from tests.people import People


@pytest.fixture
def post(db: Any, people: People) -> Any:
    author = people.participant()
    return discussing.reply(author, discussing.discussion(author))


def bearer(people: People, scope: str = "write", **columns: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {accounts.create_token(people.person(**columns), scope)}"}


def test_put_and_delete(client: FlaskClient, people: People, post: Any) -> None:
    url, all_of_them = f"/api/v1/posts/{post.id}", f"/api/v1/discussions/{post.discussion_id}/posts"
    one, two = bearer(people, stakeholder_type="government"), bearer(people, stakeholder_type=None)
    assert client.put(f"{url}/reactions/thanks", headers=one).status_code == 204
    assert client.put(f"{url}/reactions/support", json={"reason": "Fair."}, headers=one).status_code == 204
    assert client.put(f"{url}/reactions/support", headers=two).status_code == 204
    found = client.get(url).json
    assert found["reactions"] == {"thanks": 1, "support": 2}
    assert found["reactions_by_type"] == {"thanks": {"government": 1}, "support": {"government": 1, "none": 1}}
    listed = client.get(all_of_them).json["items"]
    assert [item["reactions"] for item in listed] == [{}, {"thanks": 1, "support": 2}]
    assert client.put(f"{url}/reactions/object", headers=two).status_code == 204
    assert client.delete(f"{url}/reactions/support", headers=two).status_code == 204
    assert client.get(url).json["reactions"] == {"thanks": 1, "support": 1, "object": 1}
    for kind in ("thanks", "support"):
        assert client.delete(f"{url}/reactions/{kind}", headers=one).status_code == 204
    assert client.get(url).json["reactions"] == {"object": 1}


def test_what_is_refused(client: FlaskClient, people: People, post: Any) -> None:
    post_id = post.id
    url = f"/api/v1/posts/{post_id}/reactions"
    headers = bearer(people)
    assert client.put(f"{url}/like", headers=headers).status_code == 404
    assert client.put(f"{url}/thanks", json={"reason": "x"}, headers=headers).status_code == 422
    assert client.put(f"{url}/support", json={"reason": "x" * 501}, headers=headers).status_code == 422
    assert client.put(f"{url}/support", json={"why": "x"}, headers=headers).status_code == 422
    assert client.put(f"{url}/support").status_code == 401
    assert client.put(f"{url}/support", headers=bearer(people, "read")).status_code == 403
    moderation.hide(people.moderator(), post_id, "Spam.")
    assert client.put(f"{url}/support", headers=headers).status_code == 404
    assert client.put("/api/v1/posts/999999/reactions/support", headers=headers).status_code == 404
