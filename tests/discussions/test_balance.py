"""The balance of a discussion: who has spoken, who has not been heard, on pages and for programs."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import update

from alliance.core import db as database
from alliance.core import i18n, vocabulary
from alliance.discussions import balance, services
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from tests import discussing
from tests.counting import statements
from tests.people import People


def test_who_has_spoken_and_who_has_not_been_heard(people: People) -> None:
    ministry = people.participant(stakeholder_type="government", country="KE")
    network = people.participant(stakeholder_type="civil_society", country=None)
    found = discussing.discussion(ministry)
    discussing.reply(network, found)
    services.withdraw_post(network, discussing.reply(network, found, body="Something to take back."))
    made = balance.of(found.voices)
    assert [(one.code, one.posts, one.people) for one in made.types] == [("government", 1, 1), ("civil_society", 1, 1)]
    assert made.types_not_heard == ["private_sector", "international_organization", "academia_technical", "media"]
    assert [one.code for one in made.regions] == ["african", None]
    assert made.regions_not_heard == [code for code in vocabulary.REGIONS if code != "african"]


def test_types_stand_in_their_official_order_and_the_undeclared_last(people: People) -> None:
    found = discussing.discussion(people.participant(stakeholder_type=None))
    for kind in reversed(vocabulary.STAKEHOLDER_TYPES):
        discussing.reply(people.participant(stakeholder_type=kind), found)
    made = balance.of(found.voices)
    assert [one.code for one in made.types] == [*vocabulary.STAKEHOLDER_TYPES, None]
    assert made.types_not_heard == []


def test_the_page_says_it_plainly_and_follows_every_post(client: FlaskClient, people: People) -> None:
    found = discussing.discussion(people.participant(stakeholder_type="government", country="KE"))
    address, discussion_id = f"/d/{found.id}/{found.slug}", found.id
    page = client.get(address).text
    assert "Not heard so far:" in page
    assert "Private sector, Civil society" in page
    assert "Nobody has spoken from:" in page
    discussing.reply(people.participant(stakeholder_type="private_sector"), database.session().get_one(Discussion, discussion_id))
    assert "Private sector, Civil society" not in client.get(address).text


def test_the_page_says_it_in_the_language_of_the_reader(client: FlaskClient, people: People) -> None:
    found = discussing.discussion(people.participant(stakeholder_type="government"))
    page = client.get(f"/d/{found.id}/{found.slug}?lang=fr").text
    with i18n.use_locale("fr"):
        assert vocabulary.stakeholder_label("media") in page


def test_showing_it_asks_the_database_nothing(app: Any, people: People) -> None:
    found = discussing.discussion(people.participant())
    assert found.voices
    with app.test_request_context(), i18n.use_locale("en"), statements() as seen:
        assert "Who has spoken" in balance.side(found)
    assert seen == []


def test_programs_read_it_too(client: FlaskClient, people: People) -> None:
    found = discussing.discussion(people.participant(stakeholder_type=None, country="BR"))
    given = client.get(f"/api/v1/discussions/{found.id}/balance").get_json()
    assert given["types"] == [{"code": None, "posts": 1, "people": 1}]
    assert given["types_not_heard"] == list(vocabulary.STAKEHOLDER_TYPES)
    assert given["regions"] == [{"code": "latin_american_caribbean", "posts": 1, "people": 1}]


def test_what_may_not_be_seen_has_no_balance(client: FlaskClient, people: People) -> None:
    found = discussing.discussion(people.participant())
    with database.transaction() as session:
        session.execute(update(Space).where(Space.id == found.space_id).values(visibility="members"))
    assert client.get(f"/api/v1/discussions/{found.id}/balance").status_code == 404
