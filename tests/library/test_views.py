"""The pages of documents and links, without script."""

from __future__ import annotations

import io
import re

from flask.testing import FlaskClient

from alliance.core import db
from alliance.groups import queries as groups
from alliance.library import queries
from alliance.policy import Actor
from tests.attachments import samples
from tests.grouping import founded, member
from tests.people import People
from tests.signing import signed_in


def test_a_document_from_the_first_version_to_the_next(client: FlaskClient, people: People) -> None:
    group = founded(people)
    slug, chair = group.slug, member(people, group, "chair", name="Amina Chair")
    where = f"/groups/{slug}/documents"
    signed_in(client, chair)
    assert "Add a document" in client.get(where).text
    assert client.post(f"{where}/new", data={"title": "Report"}).status_code == 422
    refused = client.post(f"{where}/new", data={"file": (io.BytesIO(samples.EXE), "a.exe")})
    assert (refused.status_code, "A file of this type is not taken" in refused.text) == (422, True)
    made = client.post(f"{where}/new", data={"title": "Report", "summary": "Of May", "file": (io.BytesIO(samples.PDF), "may.pdf")})
    assert made.status_code == 303
    page = made.location
    assert (
        client.post(f"{page}/version", data={"note": "Corrected", "file": (io.BytesIO(samples.PDF + b"2"), "june.pdf")}).status_code == 303
    )
    text = client.get(page).text
    assert text.index("Version 2") < text.index("Corrected") < text.index("Version 1")
    assert "Amina Chair" in text
    guest = client.application.test_client()
    address = re.search(r'href="(/attachments/[^"]+june\.pdf)"', guest.get(page).text)
    assert address
    answer = guest.get(address[1])
    assert (answer.status_code, answer.data) == (200, samples.PDF + b"2")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.post(f"{page}/versions/2/remove").status_code == 303
    assert guest.get(address[1]).status_code == 404
    assert "Report" in guest.get(f"/groups/{slug}").text
    listed = guest.get(f"/api/v1/groups/{slug}/documents").json or {}
    assert [(one["title"], one["current"]["number"], one["current"]["name"]) for one in listed["items"]] == [("Report", 1, "may.pdf")]
    whole = guest.get(f"/api/v1/groups/{slug}/documents/{listed['items'][0]['id']}").json or {}
    assert [(one["number"], one["address"] is None) for one in whole["versions"]] == [(2, True), (1, False)]


def test_a_file_is_not_lost_when_the_form_is_wrong(client: FlaskClient, people: People) -> None:
    group = founded(people)
    where = f"/groups/{group.slug}/documents"
    signed_in(client, member(people, group, "chair"))
    wrong = client.post(f"{where}/new", data={"title": "x" * 201, "file": (io.BytesIO(samples.PDF), "may.pdf")})
    assert (wrong.status_code, "is here already" in wrong.text) == (422, True)
    key = re.search(r'name="key"[^>]*value="([0-9a-f]{32})"', wrong.text)
    assert key
    assert client.post(f"{where}/new", data={"title": "Right", "key": key[1]}).status_code == 303
    assert "Right" in client.get(where).text


def test_links_and_their_order(client: FlaskClient, people: People) -> None:
    group = founded(people)
    slug, chair = group.slug, member(people, group, "chair")
    where = f"/groups/{slug}/documents"
    signed_in(client, chair)
    assert client.post(f"{where}/new-link", data={"title": "Bad", "address": "javascript:alert(1)"}).status_code == 422
    for name in ("one", "two"):
        assert client.post(f"{where}/new-link", data={"title": name, "address": f"https://example.org/{name}"}).status_code == 303
    ids = [one.id for one in queries.items(chair, groups.get_space(chair, slug))]
    db.release()
    assert client.post(f"{where}/{ids[1]}", data={"act": "up"}).status_code == 303
    text = client.get(where).text
    assert text.index(">two<") < text.index(">one<")
    assert client.post(f"{where}/{ids[0]}/edit", data={"title": "Uno", "address": "https://example.org/uno"}).status_code == 303
    assert client.post(f"{where}/{ids[0]}", data={"act": "retire"}).status_code == 303
    assert "Uno" not in client.get(where).text
    assert "Uno" in client.get(f"{where}?show=retired").text
    assert client.post(f"{where}/{ids[0]}", data={"act": "eat"}).status_code == 422
    other = signed_in(client.application.test_client(), member(people, groups.get_group(chair, slug)))
    assert other.post(f"{where}/{ids[0]}", data={"act": "restore"}).status_code == 403
    assert other.get(f"{where}/new").status_code == 403


def test_of_a_group_for_members_others_see_nothing(client: FlaskClient, people: People) -> None:
    group = founded(people, visibility="members")
    slug = group.slug
    signed_in(client, member(people, group, "chair"))
    made = client.post(f"/groups/{slug}/documents/new", data={"title": "Inner", "file": (io.BytesIO(samples.PDF), "may.pdf")})
    guest = client.application.test_client()
    for path in (made.location, f"/groups/{slug}/documents", f"/api/v1/groups/{slug}/documents"):
        assert guest.get(path).status_code == 404
    assert "Inner" not in guest.get(f"/groups/{slug}").text
    assert queries.items(Actor.guest(), groups.get_group(Actor.guest(), slug).space) == []
