"""Finding people: the directory by stakeholder type, country and organization, in order of names, a page at a time."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from alliance.core import db as database
from alliance.stakeholders import services
from tests.counting import statements
from tests.people import People


@pytest.fixture
def here(people: People) -> People:
    """Four people, two of whom speak for an organization."""
    amina = people.participant(handle="amina", name="Amina Diallo", country="SN", stakeholder_type="government")
    people.participant(handle="emile", name="Émile Zola", country="FR", stakeholder_type="media")
    people.participant(handle="zoe", name="zoë abbot", country="SN", stakeholder_type="media")
    li = people.participant(handle="li", name="李雷", country="CN", stakeholder_type="government")
    people.person(handle="unconfirmed", name="Nobody yet", confirmed_at=None)
    people.person(handle="archived", name="Of an archive", claimed=False)
    for actor in (amina, li):
        claim = services.Claim("Ministry of Post", "government", "SN")
        services.declare(actor, people.of(actor), claim)
    return people


def names(client: FlaskClient, query: str = "") -> list[str]:
    """Handles of the people listed."""
    tree = html.fromstring(client.get(f"/people{query}").text)
    return [link.rsplit("/", 1)[1] for link in tree.xpath("//ul[@class='people']/li/a[1]/@href")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["amina", "emile", "zoe", "li"]),
        ("?type=media", ["emile", "zoe"]),
        ("?country=SN", ["amina", "zoe"]),
        ("?type=media&country=SN", ["zoe"]),
        ("?organization=ministry-of-post", ["amina", "li"]),
        ("?organization=MINISTRY+of+post", ["amina", "li"]),
        ("?organization=post&country=CN", ["li"]),
        ("?organization=nowhere", []),
        ("?organization=%25", []),
        ("?type=nonsense&country=XX", ["amina", "emile", "zoe", "li"]),
    ],
)
def test_filters(client: FlaskClient, here: People, query: str, found: list[str]) -> None:
    assert names(client, query) == found


def test_nobody_is_said_and_the_way_back_is_there(client: FlaskClient, here: People) -> None:
    page = client.get("/people?organization=nowhere").text
    assert "Nobody of this kind is here yet." in page
    assert 'value="nowhere"' in page


def test_countries_are_named_in_the_language_of_the_reader(client: FlaskClient, here: People) -> None:
    assert "Sénégal" in client.get("/people?lang=fr").text
    assert "السنغال" in client.get("/people?lang=ar").text


def test_whoever_was_refused_does_not_speak_for_it(client: FlaskClient, here: People) -> None:
    secretariat = here.secretariat(name="Z")
    services.decide(secretariat, 1, verified=False)
    assert names(client, "?organization=ministry-of-post") == ["li"]


def test_pages_follow_each_other_also_among_namesakes(client: FlaskClient, people: People) -> None:
    for number in range(120):
        people.person(name="Amina" if number % 2 else f"Amina {number:03}", handle=f"amina-{number}")
    seen: list[str] = []
    query = "?country=CH"
    while query:
        seen += names(client, query)
        following = html.fromstring(client.get(f"/people{query}").text).xpath("//a[@rel='next']/@href")
        query = following[0] if following else ""
    assert len(seen) == len(set(seen)) == 120


def test_a_page_costs_the_same_however_many_are_on_it(client: FlaskClient, people: People) -> None:
    numbers = []
    for _round in range(2):
        for _number in range(10):
            people.person()
        database.release()
        with statements() as seen:
            client.get("/people?type=civil_society")
        numbers.append(len(seen))
    assert numbers[0] == numbers[1] <= 3


def test_programs_read_it_too(client: FlaskClient, here: People) -> None:
    given: Any = client.get("/api/v1/people?limit=1&organization=Ministry+of+Post").get_json()
    assert [one["handle"] for one in given["items"]] == ["amina"]
    assert given["items"][0]["affiliations"] == [
        {"organization": "ministry-of-post", "name": "Ministry of Post", "title": "", "status": "declared"}
    ]
    rest = client.get(f"/api/v1/people?limit=1&organization=Ministry+of+Post&after={given['next']}").get_json()
    assert ([one["handle"] for one in rest["items"]], rest["next"]) == (["li"], None)
    assert "email" not in given["items"][0]
    assert client.get("/api/v1/people/emile").get_json()["country"] == "FR"
    assert client.get("/api/v1/people/unconfirmed").status_code == 404
    assert client.get("/api/v1/organizations/ministry-of-post").get_json()["stakeholder_type"] == "government"
    assert client.get("/api/v1/people?country=senegal").status_code == 422
