"""The API of working groups."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from alliance.policy import Actor
from tests.grouping import CHARTER, founded, member
from tests.people import People

API = "/api/v1"


def bearer(actor: Actor, scope: str = "write") -> dict[str, str]:
    return {"Authorization": f"Bearer {accounts.create_token(People.of(actor), scope)}"}


def test_a_program_founds_changes_and_closes_a_group(client: FlaskClient, people: People) -> None:
    office = bearer(people.secretariat(), "admin")
    new = {"title": "Measuring access", "charter": CHARTER, "slug": "access", "lines": ["c2"], "targets": {"government": 2}}
    made = client.post(f"{API}/groups", json=new, headers=office)
    assert made.status_code == 201
    assert made.json is not None
    assert {key: made.json[key] for key in ("slug", "status", "joining", "lines", "charter", "members_count", "role")} == {
        "slug": "access",
        "status": "active",
        "joining": "open",
        "lines": ["c2"],
        "charter": CHARTER,
        "members_count": 0,
        "role": None,
    }
    assert client.post(f"{API}/groups", json=new, headers=office).status_code == 422
    assert client.post(f"{API}/groups", json=new, headers=bearer(people.participant())).status_code == 403
    assert client.post(f"{API}/groups", json=new).status_code == 401
    listed: Any = client.get(f"{API}/groups").json
    assert [one["slug"] for one in listed["items"]] == ["access"]
    changed = client.patch(f"{API}/groups/access", json={"title": "Access", "ends_on": "2027-06-30", "closed": True}, headers=office).json
    assert changed is not None
    assert (changed["title"], changed["ends_on"], changed["status"], changed["targets"]) == (
        "Access",
        "2027-06-30",
        "closed",
        {"government": 2},
    )
    assert client.patch(f"{API}/groups/access", json={"title": None}, headers=office).status_code == 422
    assert client.patch(f"{API}/groups/access", json={"slug": "other"}, headers=office).status_code == 422
    put = client.put(f"{API}/groups/access/charter", json={"body": "Shorter", "number": 1}, headers=office)
    assert (put.status_code, (put.json or {})["number"]) == (200, 2)
    assert client.put(f"{API}/groups/access/charter", json={"body": "Else", "number": 1}, headers=office).status_code == 409
    assert (client.get(f"{API}/groups/access/charter").json or {})["body"] == "Shorter"


def test_a_program_joins_invites_and_leaves(client: FlaskClient, people: People) -> None:
    group = founded(people, joining="request")
    chair, one, other = member(people, group, "chair"), people.participant(), people.participant()
    handles = {name: people.of(actor).handle for name, actor in (("one", one), ("other", other), ("chair", chair))}
    where, mine, desk = f"{API}/groups/{group.slug}/members", bearer(one), bearer(chair)
    assert client.post(where, json={}, headers=mine).status_code == 422
    assert client.post(where, json={"statement": "We count."}, headers=mine).json == {"status": "requested"}
    assert client.post(where, json={"handle": handles["other"]}, headers=mine).status_code == 403
    assert client.post(where, json={"handle": handles["other"], "role": "rapporteur"}, headers=desk).json == {"status": "invited"}
    assert client.post(where, json={"email": "x@example.net"}, headers=desk).json == {"status": "invited"}
    assert client.post(where, json={}, headers=bearer(other)).json == {"status": "member"}
    listed: Any = client.get(where).json
    assert [(item["handle"], item["role"]) for item in listed["items"]] == [(handles["chair"], "chair"), (handles["other"], "rapporteur")]
    assert client.patch(f"{where}/{handles['other']}", json={"role": "moderator"}, headers=desk).status_code == 200
    assert client.delete(f"{where}/{handles['chair']}", headers=bearer(other)).status_code == 403
    assert client.delete(f"{where}/{handles['other']}", headers=bearer(other)).status_code == 204
    assert client.delete(f"{where}/{handles['other']}", headers=bearer(other)).status_code == 404
    assert client.post(where, json={"handle": handles["one"]}, headers=bearer(people.secretariat(), "admin")).json == {"status": "member"}
    assert client.delete(f"{where}/{handles['one']}", headers=desk).status_code == 204


@pytest.mark.parametrize("method", ["get", "patch", "post"])
def test_a_private_group_answers_as_if_it_were_none(client: FlaskClient, people: People, method: str) -> None:
    slug = founded(people, visibility="private").slug
    tokens: list[dict[str, str]] = [{}, bearer(people.participant()), bearer(people.moderator())]
    for headers in tokens:
        answers = []
        for name in (slug, "f" * len(slug)):
            where = f"{API}/groups/{name}" + ("/members" if method == "post" else "")
            answer = getattr(client, method)(where, headers=headers, **({} if method == "get" else {"json": {}}))
            answers.append((answer.status_code, answer.get_data()))
        assert answers[0] == answers[1]
        assert answers[0][0] in {401, 404}
