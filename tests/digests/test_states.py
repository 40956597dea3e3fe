"""From draft to document: who may, in which order, and what is never changed."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from alliance.core.errors import Conflict, Invalid, Refused
from alliance.digests import editing, queries, services, states, versions
from alliance.digests.models import Digest
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.policy import Actor
from tests.digests.conftest import Forum
from tests.digests.test_services import JUNE
from tests.people import People

SYSTEM = Actor.system()


def again(digest: Digest) -> Digest:
    return queries.get_digest(SYSTEM, digest.id)


@pytest.fixture
def draft(forum: Forum) -> Digest:
    forum.six_languages()
    return services.compile_digest(SYSTEM, *JUNE)


def signed(digest: Digest, people: People) -> Digest:
    states.submit(people.moderator(), digest)
    return states.sign(people.moderator(), again(digest))


def test_the_whole_way(draft: Digest, people: People) -> None:
    rapporteur, second, office = people.moderator(), people.moderator(), people.secretariat()
    assert draft.status == "draft"
    assert states.submit(rapporteur, draft).status == "review"
    assert states.send_back(second, again(draft), "Say who pays.").status == "returned"
    assert states.submit(rapporteur, again(draft)).status == "review"
    assert states.sign(second, again(draft)).signed_by_id == second.person_id
    assert states.transmit(office, again(draft)).transmitted_at
    acts = [one.act for one in again(draft).versions]
    assert acts == ["compiled", "submitted", "returned", "submitted", "signed", "transmitted"]
    assert [one.number for one in again(draft).versions] == [1, 2, 3, 4, 5, 6]


def test_the_only_author_does_not_sign(draft: Digest, people: People) -> None:
    alone = people.moderator()
    states.submit(alone, draft)
    with pytest.raises(Refused):
        states.sign(alone, again(draft))
    assert "sign" not in states.possible(alone, again(draft))
    second = people.moderator()
    assert "sign" in states.possible(second, again(draft))
    with pytest.raises(Refused):
        states.sign(Actor.system(), again(draft))


def test_others_do_none_of_it(draft: Digest, people: People) -> None:
    for actor in (Actor.guest(), people.participant(), people.moderator(suspended_at=draft.compiled_at)):
        assert states.possible(actor, draft) == []
        with pytest.raises(Refused):
            states.submit(actor, draft)
    finished = signed(draft, people)
    with pytest.raises(Refused):
        states.transmit(people.moderator(), finished)


@pytest.mark.parametrize("act", [states.sign, states.transmit, states.submit])
def test_nothing_is_done_twice(draft: Digest, people: People, act: Any) -> None:
    states.transmit(people.secretariat(), signed(draft, people))
    with pytest.raises(Conflict):
        act(people.secretariat(), again(draft))


def test_a_return_and_a_withdrawal_say_why(draft: Digest, people: People) -> None:
    states.submit(people.moderator(), draft)
    with pytest.raises(Invalid):
        states.send_back(people.moderator(), again(draft), "  ")
    states.sign(people.moderator(), again(draft))
    with pytest.raises(Invalid):
        states.withdraw(people.secretariat(), again(draft), "")
    assert states.withdraw(people.secretariat(), again(draft), "A figure is wrong.").status == "withdrawn"


def test_a_post_withdrawn_before_the_signature_keeps_it_from_being_signed(draft: Digest, people: People, db: Any) -> None:
    states.submit(people.moderator(), draft)
    cited = again(draft).points[0].citations[0]
    discussions.withdraw_post(SYSTEM, db.session().get_one(Post, cited.post_id))
    with pytest.raises(Invalid) as refused:
        states.sign(people.moderator(), again(draft))
    assert "1" in str(refused.value)
    assert again(draft).status == "review"
    assert again(draft).version == 2


def test_a_corrected_edition_supersedes_what_it_corrects(draft: Digest, people: People) -> None:
    first = signed(draft, people)
    before = versions.snapshot(again(first))
    rapporteur = people.moderator()
    edition = states.correct(rapporteur, again(first))
    assert edition.symbol == f"{first.symbol}/Rev.1"
    with pytest.raises(Conflict):
        states.correct(rapporteur, again(first))
    with pytest.raises(Conflict):
        editing.move(rapporteur, again(first), first.points[0].id, 1)
    points = again(edition).points
    assert [point.text for point in points] == [point.text for point in again(first).points]
    editing.drop(rapporteur, again(edition), points[0].id, points[0].version)
    states.submit(rapporteur, again(edition))
    states.sign(people.moderator(), again(edition))
    assert again(first).status == "superseded"
    assert versions.snapshot(again(first)) == before
    assert services.compile_digest(SYSTEM, *JUNE).symbol.split("/")[3] == f"{int(first.symbol.split('/')[3]) + 1:02}"


def test_by_page(draft: Digest, people: People, client: FlaskClient, sign_in: Any) -> None:
    address = f"/digests/{draft.id}"
    assert "draft" in client.get(address).text.lower()
    assert client.post(address, data={"act": "submit"}).status_code in {302, 303, 401, 403}
    sign_in(people.person(role="moderator"))
    assert client.post(address, data={"act": "submit"}).status_code == 303
    assert client.post(address, data={"act": "submit"}).status_code == 409
    assert client.post(address, data={"act": "sign"}).status_code == 403
    assert client.post(address, data={"act": "burn"}).status_code == 404
    sign_in(people.person(role="moderator", name="Second Person"))
    refused = client.post(address, data={"act": "return", "note": ""})
    assert refused.status_code == 422
    assert "Say what is to be changed" in refused.text
    assert client.post(address, data={"act": "sign"}).status_code == 303
    assert "Second Person" in client.get(address).text
    assert "Second Person" in client.get(f"{address}/versions").text
    assert client.get(f"{address}/versions/2").status_code == 200
    assert client.get(f"{address}/versions/9").status_code == 404


def test_by_program(draft: Digest, people: People, client: FlaskClient) -> None:
    first, second, office = (
        {"Authorization": f"Bearer {accounts.create_token(people.person(role=role), scope)}"}
        for role, scope in (("moderator", "write"), ("moderator", "write"), ("secretariat", "admin"))
    )
    address = f"/api/v1/digests/{draft.id}"
    assert client.post(f"{address}/sign", json={}, headers=second).status_code == 409
    assert client.post(f"{address}/submit", json={}, headers=first).json["status"] == "review"
    assert client.post(f"{address}/sign", json={}, headers=first).status_code == 403
    assert client.post(f"{address}/return", json={}, headers=second).status_code == 422
    assert client.post(f"{address}/return", json={"note": "Shorter."}, headers=second).json["status"] == "returned"
    assert client.post(f"{address}/submit", json={}, headers=first).status_code == 200
    assert client.post(f"{address}/sign", json={}, headers=second).json["signed_at"]
    assert client.post(f"{address}/transmit", json={}, headers=second).status_code == 403
    assert client.post(f"{address}/transmit", json={}, headers=office).json["status"] == "transmitted"
    assert client.post(f"{address}/transmit", json={}, headers=office).status_code == 409
    assert client.post("/api/v1/digests/999/sign", json={}, headers=office).status_code == 404


def test_what_a_crash_left_half_way_is_finished(forum: Forum, people: People) -> None:
    forum.six_languages()
    begun = services.begin(SYSTEM, *JUNE)
    assert again(begun).status == "compiling"
    services.finish_soon(begun.id)
    assert again(begun).status == "draft"
    assert len(again(begun).points) >= 6
    services.finish_soon(begun.id)
    assert again(begun).version == 1
