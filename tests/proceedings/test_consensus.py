"""Consensus calls: who puts, who answers, and a result that stays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.accounts import services as accounts
from alliance.core import clock, db
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.digests.services import compile_digest
from alliance.discussions import services as saying
from alliance.discussions.models import Discussion
from alliance.groups import belonging
from alliance.groups.models import Group, Space
from alliance.moderation import moves
from alliance.policy import Actor
from alliance.proceedings import consensus, queries
from alliance.proceedings.models import ConsensusCall
from tests.grouping import founded, member, seat
from tests.people import People
from tests.signing import signed_in

DAY = timedelta(days=1)


@dataclass
class Circle:
    """A group with a discussion."""

    group: Group
    discussion: Discussion
    chair: Actor
    member: Actor


@pytest.fixture
def circle(people: People) -> Circle:
    group = founded(people)
    chair = member(people, group, "chair", stakeholder_type="government")
    other = member(people, group, stakeholder_type="media")
    return Circle(group, saying.open_discussion(other, group.space, "The text", "What shall it say?"), chair, other)


def put(circle: Circle, lasting: timedelta = DAY) -> ConsensusCall:
    return consensus.call(circle.chair, circle.discussion, "Access is *affordable* below two per cent.", clock.now() + lasting)


def end(call: ConsensusCall) -> None:
    """Let its time be over."""
    with db.transaction() as session:
        session.get_one(ConsensusCall, call.id).closes_at = clock.now() - timedelta(seconds=1)


def test_only_a_chair_puts_a_text(circle: Circle, people: People) -> None:
    for actor in (circle.member, people.secretariat(), people.participant(), Actor.guest()):
        with pytest.raises(Refused):
            consensus.call(actor, circle.discussion, "A text", clock.now() + DAY)
    for lasting in (timedelta(minutes=5), timedelta(days=91), -DAY):
        with pytest.raises(Invalid):
            put(circle, lasting)
    assert put(circle).is_open


def test_answers_are_counted_by_stakeholder_type_and_stay(circle: Circle, people: People) -> None:
    call = put(circle)
    objector, gone = member(people, circle.group, stakeholder_type="civil_society"), member(people, circle.group)
    consensus.answer(circle.chair, call.id, "object", "Not yet.")
    consensus.answer(circle.chair, call.id, "agree")
    consensus.answer(circle.member, call.id, "live")
    with pytest.raises(Invalid):
        consensus.answer(objector, call.id, "object", "  ")
    consensus.answer(objector, call.id, "object", "Rural users pay more.")
    consensus.answer(gone, call.id, "object", "I am leaving.")
    belonging.leave(gone, circle.group)
    with pytest.raises(Refused):
        consensus.answer(people.participant(), call.id, "agree")
    found = queries.get_call(Actor.guest(), call.id)
    assert (found.result, queries.answered(found)) == ({}, 3)
    end(call)
    with pytest.raises(Conflict):
        consensus.answer(circle.member, call.id, "agree")
    consensus.close_due()
    result = queries.get_call(Actor.guest(), call.id).result
    assert result == {
        "members": 3,
        "answers": {"agree": {"government": 1}, "live": {"media": 1}, "object": {"civil_society": 1}},
        "objections": [
            {"stakeholder_type": "civil_society", "reason": "Rural users pay more.", "left": False},
            {"stakeholder_type": "civil_society", "reason": "I am leaving.", "left": True},
        ],
    }
    belonging.leave(objector, circle.group)
    consensus.close_due()
    assert queries.get_call(Actor.guest(), call.id).result == result


def test_no_chair_is_rid_of_an_objection_by_removing_who_objects(circle: Circle, people: People) -> None:
    call = put(circle)
    objectors = {name: member(people, circle.group) for name in ("removed", "suspended", "back")}
    for name, actor in objectors.items():
        consensus.answer(actor, call.id, "object", f"Not as {name}.")
    for name in ("removed", "back"):
        belonging.remove(circle.chair, circle.group, objectors[name].person_id or 0)
    accounts.suspend(people.secretariat(), People.of(objectors["suspended"]), suspended=True)
    with pytest.raises(Refused):
        consensus.answer(objectors["removed"], call.id, "agree")
    seat(circle.group, objectors["back"])
    end(call)
    consensus.close_due()
    result = queries.get_call(Actor.guest(), call.id).result
    assert [(one["reason"], one["left"]) for one in result["objections"]] == [
        ("Not as removed.", True),
        ("Not as suspended.", False),
        ("Not as back.", False),
    ]
    assert (result["members"], result["answers"]["object"]) == (4, {"civil_society": 2})


def test_the_text_never_changes_nor_the_result(circle: Circle) -> None:
    call = put(circle)
    for name, value in (("text", "Another text."), ("html", "<p>Another</p>"), ("called_by_id", circle.member.person_id)):
        with pytest.raises(RuntimeError, match="stays as it was put"), db.transaction() as session:
            setattr(session.get_one(ConsensusCall, call.id), name, value)
    end(call)
    consensus.close_due()
    for name, value in (("result", {}), ("closed_at", None), ("closes_at", clock.now() + DAY)):
        with pytest.raises(RuntimeError, match="stays as it was put"), db.transaction() as session:
            setattr(session.get_one(ConsensusCall, call.id), name, value)
    with pytest.raises(RuntimeError, match="is kept"), db.transaction() as session:
        session.delete(session.get_one(ConsensusCall, call.id))
    assert queries.get_call(Actor.guest(), call.id).result["members"] == 2


def test_a_merge_takes_calls_along_and_back(client: FlaskClient, circle: Circle, people: People) -> None:
    first, second = put(circle), put(circle)
    ended, running = first.id, second.id
    consensus.answer(circle.member, ended, "object", "Rural users pay more.")
    end(first)
    consensus.close_due()
    keeper, source_id = member(people, circle.group, "moderator"), circle.discussion.id
    others = [saying.open_discussion(circle.member, circle.group.space, f"Another {number}", "What else?").id for number in (1, 2)]
    result = queries.get_call(Actor.guest(), ended).result
    done = [
        moves.merge(keeper, source_id, str(others[0]), "The same.").move.id,
        moves.merge(keeper, others[0], str(others[1]), "Again.").move.id,
    ]
    page = client.get(f"/d/{source_id}", follow_redirects=True)
    assert page.request.path.startswith(f"/d/{others[1]}")
    assert all(f"/consensus/{one}" in page.text for one in (ended, running))
    assert queries.get_call(Actor.guest(), ended).result == result
    consensus.answer(circle.member, running, "live")
    end(queries.get_call(Actor.guest(), running))
    consensus.close_due()
    assert "Rural users pay more." in client.get(f"/consensus/{ended}").text
    assert "Result" in client.get(f"/d/{others[1]}", follow_redirects=True).text
    today = clock.now().date()
    number = compile_digest(people.secretariat(), today, today).id
    assert "Rural users pay more." in client.get(f"/digests/{number}").text
    for move_id in reversed(done):
        moves.put_back(keeper, move_id)
    assert f"/consensus/{ended}" in client.get(f"/d/{source_id}", follow_redirects=True).text
    assert f"/consensus/{ended}" not in client.get(f"/d/{others[1]}", follow_redirects=True).text


def test_a_call_is_as_private_as_its_group(people: People) -> None:
    group = founded(people, visibility="private")
    chair = member(people, group, "chair")
    found = saying.open_discussion(chair, group.space, "The text", "What shall it say?")
    call = consensus.call(chair, found, "Between us.", clock.now() + DAY)
    for actor in (Actor.guest(), people.participant(), people.moderator(), people.secretariat()):
        with pytest.raises(NotFound):
            queries.get_call(actor, call.id)
        with pytest.raises(NotFound):
            consensus.answer(actor, call.id, "agree")


def test_calling_and_answering_by_form(client: FlaskClient, circle: Circle) -> None:
    discussion_id, slug = circle.discussion.id, circle.group.slug
    signed_in(client, circle.chair)
    assert f"/d/{discussion_id}/consensus/new" in client.get(f"/d/{discussion_id}", follow_redirects=True).text
    where = f"/d/{discussion_id}/consensus/new"
    until = (clock.now() + DAY).strftime("%Y-%m-%dT%H:%M")
    assert client.post(where, data={"body": "", "closes_at": until}).status_code == 422
    assert client.post(where, data={"body": "A text.", "closes_at": "soon"}).status_code == 422
    made = client.post(where, data={"body": "A *fine* text.", "closes_at": until}).location
    other = signed_in(client.application.test_client(), circle.member)
    assert other.post(made, data={"answer": "object", "reason": ""}).status_code == 422
    assert other.post(made, data={"answer": "object", "reason": "Because."}).status_code == 303
    guest = client.application.test_client()
    page = guest.get(made).text
    assert "<em>fine</em>" in page
    assert "UTC UTC" not in page
    assert "Because." not in page
    assert guest.post(made, data={"answer": "agree"}).status_code == 303
    assert "consensus" in guest.get(f"/groups/{slug}").text.lower()
    assert made in guest.get(f"/groups/{slug}/meetings").text
    end(queries.get_call(Actor.guest(), int(re.findall(r"\d+", made)[0])))
    consensus.close_due()
    page = guest.get(made).text
    assert "Because." in page
    assert made in guest.get(f"/d/{discussion_id}", follow_redirects=True).text


def test_the_digest_carries_it(client: FlaskClient, circle: Circle, people: People) -> None:
    call = put(circle)
    consensus.answer(circle.chair, call.id, "agree")
    consensus.answer(circle.member, call.id, "object", "Rural users pay more.")
    end(call)
    consensus.close_due()
    today = clock.now().date()
    number, space_id = compile_digest(people.secretariat(), today, today).id, circle.discussion.space_id
    for where in (f"/digests/{number}", f"/digests/{number}.txt"):
        page = " ".join(client.get(where).text.split())
        assert "Access is affordable below two per cent." in page
        assert "1 agreed, 0 could live with it and 1 objected" in page
        assert "Rural users pay more." in page
    with db.transaction() as session:
        session.get_one(Space, space_id).visibility = "members"
    assert "Access is affordable" not in client.get(f"/digests/{number}").text


def test_a_program_calls_and_answers(client: FlaskClient, circle: Circle) -> None:
    def bearer(actor: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {accounts.create_token(People.of(actor), 'write')}"}

    where, slug = f"/api/v1/discussions/{circle.discussion.id}/consensus", circle.group.slug
    chair, other = bearer(circle.chair), bearer(circle.member)
    new = {"body": "A text.", "closes_at": (clock.now() + DAY).isoformat()}
    assert client.post(where, json=new, headers=other).status_code == 403
    made: Any = client.post(where, json=new, headers=chair).json
    assert client.put(f"/api/v1/consensus/{made['id']}/answer", json={"answer": "live"}, headers=other).status_code == 204
    shown: Any = client.get(f"/api/v1/consensus/{made['id']}").json
    assert (shown["answered"], shown["answers"], shown["text"]) == (1, None, "A text.")
    assert [one["id"] for one in (client.get(f"/api/v1/groups/{slug}/consensus").json or {})["items"]] == [made["id"]]
