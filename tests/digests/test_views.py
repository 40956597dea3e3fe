"""The pages of the digests, as a guest and as a rapporteur."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from alliance.accounts import passwords
from alliance.digests import queries, states
from alliance.policy import Actor
from tests.digests.conftest import Forum
from tests.people import PASSWORD, People


def sign_in(client: FlaskClient, people: People, **columns: Any) -> None:
    people.participant(email="r@example.org", password_hash=passwords.make(PASSWORD), **columns)
    client.post("/sign-in", data={"email": "r@example.org", "password": PASSWORD})


def test_a_rapporteur_compiles_and_everybody_reads(client: FlaskClient, people: People, forum: Forum) -> None:
    forum.six_languages()
    sign_in(client, people, role="moderator")
    assert client.get("/digests/new").status_code == 200
    made = client.post("/digests/new", data={"from": "2026-06-01", "to": "2026-06-30", "space": "c2", "nonce": "n1"})
    assert made.status_code == 303
    again = client.post("/digests/new", data={"from": "2026-06-01", "to": "2026-06-30", "space": "c2", "nonce": "n1"})
    assert again.location == made.location
    guest = client.application.test_client()
    page = guest.get(made.location).text
    assert "ALLIANCE/DIG/" in page
    assert 'lang="ar" dir="rtl"' in page
    digest = queries.get_digest(Actor.guest(), int(made.location.rsplit("/", 1)[1]))
    for point in digest.points:
        assert f"/p/{point.citations[0].post_id}" in page
    assert made.location in guest.get("/digests").text
    assert guest.get(f"{made.location}.pdf").data.startswith(b"%PDF")
    assert guest.get(f"{made.location}.json").json["symbol"] == digest.symbol
    assert guest.get(f"{made.location}.txt?lang=fr").mimetype == "text/plain"


def test_bad_input_comes_back_filled_in(client: FlaskClient, people: People, forum: Forum) -> None:
    sign_in(client, people, role="secretariat")
    for data in (
        {"from": "2026-06-30", "to": "2026-06-01", "space": ""},
        {"from": "2026-06-30", "to": "soon", "space": ""},
        {"from": "2026-06-30", "to": "2026-07-01", "space": "nowhere"},
        {"from": "2026-06-30"},
    ):
        answer = client.post("/digests/new", data=data)
        assert answer.status_code == 422
        assert 'value="2026-06-30"' in answer.text
        assert 'class="error"' in answer.text


def test_others_do_not_compile(client: FlaskClient, people: People, db: Any) -> None:
    assert client.get("/digests/new").status_code in {302, 303, 403}
    sign_in(client, people)
    assert client.get("/digests/new").status_code == 403
    assert "/digests/new" not in client.get("/digests").text


def test_unknown_digests_are_not_found(client: FlaskClient) -> None:
    for ending in ("", ".pdf", ".json", ".txt"):
        assert client.get(f"/digests/999{ending}").status_code == 404


def test_the_front_page_says_that_nothing_was_compiled_yet(client: FlaskClient) -> None:
    assert "has not been signed yet" in client.get("/").text


def test_the_front_page_says_what_came_of_it(client: FlaskClient, people: People, forum: Forum) -> None:
    forum.six_languages()
    sign_in(client, people, role="moderator")
    made = client.post("/digests/new", data={"from": "2026-06-01", "to": "2026-06-30", "space": "c2", "nonce": "n1"})
    guest = client.application.test_client()
    assert made.location not in guest.get("/").text
    digest = queries.get_digest(Actor.system(), int(made.location.rsplit("/", 1)[1]))
    states.sign(people.moderator(name="Second"), states.submit(Actor.system(), digest))
    assert made.location in guest.get("/").text
