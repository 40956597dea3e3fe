"""The pages of working groups, without script."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from alliance.core import clock, db
from alliance.discussions import services as saying
from alliance.groups import founding, inviting, queries
from alliance.groups.models import Group
from alliance.policy import Actor
from tests.grouping import CHARTER, founded, member, plan
from tests.people import People
from tests.signing import signed_in

NEW = {"title": "Measuring access", "language": "en", "charter": CHARTER, "visibility": "public", "joining": "open", "posting": "members"}


def now(slug: str) -> Group:
    """A group as it is now (a request has ended the session in which it was read before)."""
    return queries.get_group(Actor.system(), slug)


def test_founding_by_form(client: FlaskClient, people: People) -> None:
    signed_in(client, people.secretariat())
    assert client.get("/groups/new").status_code == 200
    wrong = client.post("/groups/new", data=NEW | {"title": "", "visibility": "private"})
    assert wrong.status_code == 422
    assert "Give the group a name" in wrong.text
    made = client.post(
        "/groups/new", data=NEW | {"lines": ["c2"], "languages": ["en", "fr"], "target_government": "2", "ends_on": "2027-06-30"}
    )
    assert (made.status_code, made.location) == (303, "/groups/measuring-access")
    page = client.application.test_client().get("/groups/measuring-access").text
    assert "Measuring access" in page
    assert "C2" in page
    assert "Measuring access" in client.application.test_client().get("/groups").text
    assert "Measuring access" in client.application.test_client().get("/action-lines/c2").text


def test_that_the_term_has_ended_is_said(client: FlaskClient, people: People) -> None:
    group = founded(people)
    assert "Term ended" not in client.get(f"/groups/{group.slug}").text + client.get("/groups").text
    with db.transaction() as session:
        session.get_one(Group, group.id).ends_on = clock.now().date() - timedelta(days=1)
    assert "Term ended" in client.get(f"/groups/{group.slug}").text
    assert "Term ended" in client.get("/groups").text


def test_proposing_by_form_and_deciding(app: object, client: FlaskClient, people: People) -> None:
    signed_in(client, people.participant())
    assert client.get("/groups/new").status_code == 403
    signed_in(client, people.verified())
    where = client.post("/groups/new", data=NEW).location
    assert "proposed" in client.get(where).text
    assert client.application.test_client().get(where).status_code == 404
    assert "Measuring access" not in client.application.test_client().get("/groups?show=proposed").text
    office = client.application.test_client()
    signed_in(office, people.secretariat())
    assert "Measuring access" in office.get("/groups?show=proposed").text
    assert office.post(f"{where}/decision", data={"decision": "refuse"}).status_code == 422
    assert office.post(f"{where}/decision", data={"decision": "approve"}).location == "/groups/measuring-access"
    assert client.application.test_client().get("/groups/measuring-access").status_code == 200


def test_what_is_said_stands_on_the_page_of_the_group(client: FlaskClient, people: People) -> None:
    group = founded(people)
    inside = member(people, group)
    handle = people.of(inside).handle
    signed_in(client, inside)
    assert "/groups/measuring-access/discussions/new" in client.get("/groups/measuring-access").text
    made = client.post("/groups/measuring-access/discussions/new", data={"title": "A first question", "body": "What is access?"})
    assert made.status_code == 303
    guest = client.application.test_client()
    page = guest.get("/groups/measuring-access").text
    assert "A first question" in page
    assert "/discussions/new" not in page
    assert guest.get("/action-lines/measuring-access").location.endswith("/groups/measuring-access")
    shown = guest.get(made.location).text
    assert "/groups/measuring-access" in shown
    assert "/groups/measuring-access" in guest.get("/latest").text
    assert guest.get("/feeds/measuring-access.atom").status_code == 200
    assert "Measuring access" in guest.get(f"/people/{handle}").text


def test_joining_asking_and_leaving_by_form(client: FlaskClient, people: People) -> None:
    group = founded(people, joining="request")
    slug = group.slug
    chair, somebody = member(people, group, "chair"), people.participant()
    handle = people.of(somebody).handle
    signed_in(client, somebody)
    assert client.post("/groups/measuring-access/join").status_code == 403
    assert client.post("/groups/measuring-access/request", data={"statement": ""}).status_code == 422
    assert client.post("/groups/measuring-access/request", data={"statement": "We measure too."}).status_code == 303
    assert "a chair decides" in client.get("/groups/measuring-access").text
    desk = client.application.test_client()
    signed_in(desk, chair)
    page = desk.get("/groups/measuring-access/members").text
    assert "We measure too." in page
    where = re.findall(r'action="(/groups/measuring-access/requests/\d+)"', page)[0]
    assert desk.post(where, data={"decision": "decline"}).status_code == 422
    assert desk.post(where, data={"decision": "admit"}).status_code == 303
    assert handle in desk.get("/groups/measuring-access/members").text
    assert desk.post(f"/groups/measuring-access/members/{handle}", data={"role": "rapporteur"}).status_code == 303
    assert queries.membership(now(slug), somebody.person_id).role == "rapporteur"  # type: ignore[union-attr]
    assert client.post("/groups/measuring-access/leave").status_code == 303
    assert queries.membership(now(slug), somebody.person_id) is None


def test_inviting_a_person_and_an_address(client: FlaskClient, people: People) -> None:
    group = founded(people, visibility="private")
    slug = group.slug
    chair, somebody = member(people, group, "chair"), people.participant()
    handle = people.of(somebody).handle
    signed_in(client, chair)
    where = f"/groups/{slug}/members"
    assert client.post(where, data={"whom": "@nobody-at-all", "role": "member"}).status_code == 422
    assert client.post(where, data={"whom": f"@{handle}", "role": "member"}).status_code == 303
    guest = client.application.test_client()
    signed_in(guest, somebody)
    assert "You are invited" in guest.get(f"/groups/{slug}").text
    found = queries.own_invitations(somebody)[0]
    token = inviting.link(found).rsplit("/", 1)[1]
    assert guest.get(f"/groups/invitations/{token}").headers["Cache-Control"] == "no-store"
    stranger = client.application.test_client()
    signed_in(stranger, people.participant())
    assert stranger.get(f"/groups/invitations/{token}").status_code == 404
    assert stranger.post(f"/groups/invitations/{token}", data={"decision": "accept"}).status_code == 404
    assert guest.post(f"/groups/invitations/{token}", data={"decision": "accept"}).status_code == 303
    assert guest.get(f"/groups/invitations/{token}").status_code == 404
    assert queries.membership(now(slug), somebody.person_id) is not None
    assert client.post(where, data={"whom": "someone@example.net", "role": "chair"}).status_code == 303
    by_mail = next(one for one in queries.open_invitations(chair, now(slug)) if one.email)
    token = inviting.link(by_mail).rsplit("/", 1)[1]
    assert stranger.post(f"/groups/invitations/{token}", data={"decision": "accept"}).status_code == 303
    page = client.get(where).text
    assert "someone@example.net" not in page
    assert client.post(where, data={"whom": "another@example.net", "role": "member"}).status_code == 303
    last = queries.open_invitations(chair, now(slug))[0]
    number, token = last.id, inviting.link(last).rsplit("/", 1)[1]
    assert client.post(f"/groups/{slug}/invitations/{number}/revoke").status_code == 303
    assert guest.get(f"/groups/invitations/{token}").status_code == 404


def test_charter_and_settings_by_form(client: FlaskClient, people: People) -> None:
    group = founded(people)
    signed_in(client, member(people, group, "chair"))
    where = "/groups/measuring-access"
    assert client.post(f"{where}/charter/edit", data={"body": "New text", "number": "1", "note": "All of it"}).status_code == 303
    stale = client.post(f"{where}/charter/edit", data={"body": "Another text", "number": "1"})
    assert stale.status_code == 409
    assert "Another text" in stale.text
    assert "New text" in stale.text
    guest = client.application.test_client()
    assert "New text" in guest.get(f"{where}/charter").text
    assert "To agree on" in guest.get(f"{where}/charter?revision=1").text
    page = client.get(f"{where}/settings").text
    assert 'value="Measuring access"' in page
    assert client.post(f"{where}/settings", data=NEW | {"title": "Counting access", "posting": "chairs"}).status_code == 303
    assert "Counting access" in guest.get(where).text
    assert client.post(f"{where}/closing", data={"act": "close"}).status_code == 303
    assert "This group is closed" in guest.get(where).text
    assert "Counting access" in guest.get("/groups?show=closed").text
    moved = client.post(f"{where}/settings", data=NEW | {"visibility": "private", "joining": "invitation"}).location
    assert moved != where
    assert [guest.get(one).status_code for one in (where, moved)] == [404, 404]


@pytest.mark.parametrize("who", ["guest", "outsider", "moderator"])
def test_a_group_for_members_is_known_but_not_read(client: FlaskClient, people: People, who: str) -> None:
    group = founded(people, visibility="members", joining="request")
    chair, quiet = member(people, group, "chair", name="Chair Person"), member(people, group, name="Quiet Person")
    saying.open_discussion(quiet, group.space, "Between us", "Not for others.")
    actor = {"guest": Actor.guest(), "outsider": people.participant(), "moderator": people.moderator()}[who]
    if actor.is_authenticated:
        signed_in(client, actor)
    page = client.get("/groups/measuring-access").text
    assert "Chair Person" in page
    members = client.get("/groups/measuring-access/members").text
    for text in (page, members, client.get("/latest").text, client.get("/groups").text, client.get("/search?q=between").text):
        assert "Between us" not in text
        assert "Quiet Person" not in text
    assert client.get("/feeds/measuring-access.atom").status_code == 404
    assert chair.person_id != quiet.person_id
    db.release()
    founding.change(chair, now("measuring-access"), plan(visibility="public", joining="request"))
    assert "Between us" in client.get("/groups/measuring-access").text
