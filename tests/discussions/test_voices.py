"""Who has spoken: kept with every post, by the writer."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from alliance.core import db as database
from alliance.discussions import services
from alliance.discussions.models import Discussion, DiscussionVoice, OrganizationContribution, PersonContribution, Post
from alliance.moderation import services as moderation
from alliance.policy import Actor
from alliance.stakeholders import services as stakeholders
from tests import discussing
from tests.people import People


def voices(discussion_id: int) -> Any:
    """What the discussion says of its voices."""
    return database.session().scalar(select(Discussion.voices).where(Discussion.id == discussion_id))


def contributed(actor: Actor) -> list[tuple[int, int, int]]:
    """What a person contributed: (space, posts, discussions)."""
    query = select(PersonContribution.space_id, PersonContribution.posts, PersonContribution.discussions)
    found = database.session().execute(query.where(PersonContribution.person_id == actor.person_id).order_by(PersonContribution.space_id))
    return [(row[0], row[1], row[2]) for row in found]


def test_each_post_counts_its_type_and_region_each_person_once(people: People) -> None:
    amina, li = people.participant(country="SN"), people.participant(country="CN", stakeholder_type=None)
    found = discussing.discussion(amina)
    discussing.reply(amina, found)
    discussing.reply(li, found)
    assert voices(found.id) == {"types": {"": [1, 1], "civil_society": [2, 1]}, "regions": {"african": [2, 1], "asia_pacific": [1, 1]}}


def test_who_speaks_from_elsewhere_later_is_one_person_of_the_type(people: People) -> None:
    amina = people.participant(country="SN")
    found = discussing.discussion(amina)
    with database.transaction():
        people.of(amina).country = "FR"
    discussing.reply(amina, found)
    assert voices(found.id) == {
        "types": {"civil_society": [2, 1]},
        "regions": {"african": [1, 1], "western_european_others": [1, 1]},
    }
    assert len(database.session().scalars(select(DiscussionVoice)).all()) == 2


def test_what_is_withdrawn_or_hidden_is_not_heard_and_restored_is_again(people: People) -> None:
    amina, li = people.participant(country="SN"), people.participant(country="CN", stakeholder_type="media")
    moderator = people.moderator()
    found = discussing.discussion(amina)
    said, again = discussing.reply(li, found), discussing.reply(li, found)
    whole = voices(found.id)
    version = found.version
    moderation.hide(moderator, said.id, "off_topic")
    assert voices(found.id)["types"]["media"] == [1, 1]
    assert database.session().get_one(Discussion, found.id).version > version
    services.withdraw_post(li, again)
    assert voices(found.id) == {"types": {"civil_society": [1, 1]}, "regions": {"african": [1, 1]}}
    assert contributed(li) == [(found.space_id, 0, 0)]
    moderation.restore(moderator, said.id, "off_topic")
    assert voices(found.id) == {
        "types": {"civil_society": [1, 1], "media": [1, 1]},
        "regions": {"african": [1, 1], "asia_pacific": [1, 1]},
    }
    assert whole["types"]["media"] == [2, 1]


def test_contributions_are_kept_by_space_and_organization(people: People) -> None:
    amina = people.participant(country="SN")
    claim = stakeholders.Claim("Ministry of Post", "government", "SN")
    affiliation = stakeholders.declare(amina, people.of(amina), claim)
    first = discussing.discussion(amina, affiliation_id=affiliation.id)
    discussing.reply(amina, first)
    elsewhere = services.open_discussion(amina, discussing.space("c5"), "Elsewhere", "Something else.")
    assert contributed(amina) == sorted([(first.space_id, 2, 1), (elsewhere.space_id, 1, 1)])
    row = database.session().scalars(select(OrganizationContribution)).one()
    assert (row.organization_id, row.space_id, row.posts, row.discussions) == (affiliation.organization_id, first.space_id, 1, 1)
    assert voices(first.id)["types"] == {"civil_society": [1, 1], "government": [1, 1]}


def test_a_refused_post_counts_nowhere(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    amina = people.participant()
    found = discussing.discussion(amina)
    before = voices(found.id)
    monkeypatch.setattr(services, "PostPublished", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        discussing.reply(amina, found)
    assert voices(found.id) == before
    assert contributed(amina) == [(found.space_id, 1, 1)]
    assert len(database.session().scalars(select(Post)).all()) == 1
