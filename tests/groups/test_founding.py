"""Founding groups, their charters and settings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from alliance.core import clock, db
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.groups import charters, founding, queries
from alliance.groups.models import CharterRevision, Group, Space
from alliance.policy import Actor
from tests.grouping import CHARTER, founded, member, plan
from tests.people import People


def test_the_secretariat_founds_a_group_at_once(people: People) -> None:
    group = founded(
        people, summary="How access is counted", lines=["c2", "c3"], languages=["en", "fr"], targets={"government": 2, "media": 0}
    )
    found = queries.get_group(Actor.guest(), "measuring-access")
    assert (found.id, found.status, found.space.title("fr"), [line.code for line in found.lines]) == (
        group.id,
        "active",
        "Measuring access",
        ["c2", "c3"],
    )
    assert found.targets == {"government": 2}
    assert charters.current(found).html.startswith("<h")
    assert founded(people).slug == "measuring-access-2"


def test_a_verified_participant_proposes_and_the_secretariat_approves(people: People) -> None:
    proposer, secretariat = people.verified(), people.secretariat()
    with pytest.raises(Refused):
        founding.propose(people.participant(), plan(), CHARTER)
    group = founding.propose(proposer, plan(), CHARTER)
    assert group.status == "proposed"
    assert group.slug != "measuring-access"
    for actor in (Actor.guest(), people.participant(), people.moderator(), people.verified()):
        with pytest.raises(NotFound):
            queries.get_group(actor, group.slug)
        with pytest.raises(NotFound):
            founding.decide(actor, group.id, approved=True)
    with pytest.raises(Refused):
        founding.decide(proposer, group.id, approved=True)
    founding.decide(secretariat, group.id, approved=True)
    found = queries.get_group(Actor.guest(), "measuring-access")
    assert found.status == "active"
    assert [(one.role, one.person_id) for one in queries.officers(found)] == [("chair", proposer.person_id)]
    with pytest.raises(Conflict):
        founding.decide(secretariat, group.id, approved=False, reason="No")


def test_a_refusal_needs_a_reason_and_nobody_else_hears_of_it(people: People) -> None:
    proposer = people.verified()
    group = founding.propose(proposer, plan(), CHARTER)
    with pytest.raises(Invalid):
        founding.decide(people.secretariat(), group.id, approved=False, reason=" ")
    founding.decide(people.secretariat(), group.id, approved=False, reason="There is one already.")
    assert queries.get_group(proposer, group.slug).decision == "There is one already."
    with pytest.raises(NotFound):
        queries.get_group(Actor.guest(), group.slug)


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"title": " \u200b"}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"summary": "x" * 501}, "summary"),
        ({"visibility": "secret"}, "visibility"),
        ({"joining": "never"}, "joining"),
        ({"posting": "nobody"}, "posting"),
        ({"languages": ["de"]}, "languages"),
        ({"lines": ["c2", "c99"]}, "lines"),
        ({"visibility": "private", "joining": "open"}, "joining"),
        ({"visibility": "members", "posting": "everyone"}, "posting"),
        ({"targets": {"robots": 1}}, "targets"),
        ({"targets": {"media": -1}}, "targets"),
        ({"starts_on": date(2026, 5, 1), "ends_on": date(2026, 4, 1)}, "ends_on"),
        ({"slug": "Not an address"}, "slug"),
        ({"slug": "c2"}, "slug"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(people: People, columns: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        founding.propose(people.secretariat(), plan(**columns), CHARTER)  # type: ignore[arg-type]
    assert field in caught.value.errors
    assert db.session().scalar(select(Group.id)) is None
    assert db.session().scalar(select(Space.id).where(Space.kind == "group")) is None


def test_nobody_proposes_what_is_over_but_the_secretariat_records_it(people: People) -> None:
    yesterday = clock.now().date() - timedelta(days=1)
    with pytest.raises(Invalid) as caught:
        founding.propose(people.verified(), plan(ends_on=yesterday), CHARTER)
    assert list(caught.value.errors) == ["ends_on"]
    assert founding.propose(people.secretariat(), plan(ends_on=yesterday), CHARTER).is_over
    assert not founding.propose(people.verified(), plan(slug="today", ends_on=clock.now().date()), CHARTER).is_over


def test_every_charter_is_kept(people: People) -> None:
    group = founded(people)
    chair = member(people, group, "chair")
    founding.revise(chair, group, "Second text", "Clearer", 1)
    founding.revise(chair, group, "Second text", "Nothing new", 2)
    with pytest.raises(Conflict):
        founding.revise(chair, group, "Third text", "", 1)
    with pytest.raises(Refused):
        founding.revise(member(people, group, "moderator"), group, "Third text", "", 2)
    with pytest.raises(Invalid):
        founding.revise(chair, group, " ", "", 2)
    assert [(one.number, one.body, one.note) for one in queries.revisions(group)] == [(2, "Second text", "Clearer"), (1, CHARTER, "")]
    assert db.session().scalar(select(CharterRevision.author_id).where(CharterRevision.number == 2)) == chair.person_id


def test_a_private_name_is_never_taken(people: People) -> None:
    secret = founded(people, "Cyber norms", visibility="private")
    assert secret.slug.startswith("cyber-norms-")
    assert founded(people, "Cyber norms").slug == "cyber-norms"
    known = founded(people, "Open question")
    chair = member(people, known, "chair")
    founding.change(chair, known, plan("Open question", visibility="private"))
    assert known.slug.startswith("open-question-")
    assert len(known.slug) > len("open-question-") + 9
    assert founded(people, "Open question").slug == "open-question"
    with pytest.raises(NotFound):
        queries.get_group(Actor.guest(), known.slug)
    founding.change(chair, known, plan("Open question"))
    assert queries.get_group(Actor.guest(), "open-question-2").id == known.id


def test_settings_are_changed_by_chairs_and_the_secretariat(people: People) -> None:
    group = founded(people)
    for actor in (people.participant(), people.moderator(), member(people, group, "rapporteur")):
        with pytest.raises(Refused):
            founding.change(actor, group, plan("Another"))
    founding.change(people.secretariat(), group, plan("Another", lines=["c5"], posting="chairs", ends_on=date(2027, 1, 1)))
    found = queries.get_group(Actor.guest(), group.slug)
    assert founding.plan_of(found) == plan("Another", languages=[], lines=["c5"], posting="chairs", ends_on=date(2027, 1, 1))


def test_a_closed_group_is_an_archive(people: People) -> None:
    group = founded(people)
    chair = member(people, group, "chair")
    with pytest.raises(Refused):
        founding.set_closed(member(people, group), group, closed=True)
    founding.set_closed(chair, group, closed=True)
    found = queries.get_group(Actor.guest(), group.slug)
    assert found.status == "closed"
    assert found.space.closed_at is not None
    founding.set_closed(chair, group, closed=False)
    assert queries.get_group(Actor.guest(), group.slug).space.closed_at is None
