"""The secretariat's door: one page that leads to all others, and opens to nobody else."""

from __future__ import annotations

from flask.testing import FlaskClient
from lxml import html

from alliance.accounts import passwords
from tests.people import PASSWORD, People


def sign_in(client: FlaskClient, people: People, role: str) -> None:
    person = people.person(role=role, password_hash=passwords.make(PASSWORD))
    answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


def test_administration_leads_to_pages_that_open(client: FlaskClient, people: People) -> None:
    sign_in(client, people, "secretariat")
    page = html.fromstring(client.get("/admin").text)
    addresses = page.xpath("//main//li/a/@href")
    assert len(addresses) >= 5
    assert {client.get(address).status_code for address in addresses} == {200}


def test_administration_opens_to_nobody_else(client: FlaskClient, people: People) -> None:
    assert client.get("/admin").status_code == 303
    sign_in(client, people, "moderator")
    assert client.get("/admin").status_code == 403


def test_settings_begin_with_the_profile(client: FlaskClient, people: People) -> None:
    assert "/sign-in" in client.get("/settings").location
    sign_in(client, people, "participant")
    assert client.get("/settings").location == "/settings/profile"
