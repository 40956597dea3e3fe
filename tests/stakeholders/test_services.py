"""Affiliations: declared by the person, decided by the secretariat, ended by the person."""

from __future__ import annotations

from typing import Any

import pytest

from alliance import events
from alliance.core import outbox
from alliance.core.errors import Conflict, Invalid, Refused
from alliance.stakeholders import queries, services
from alliance.stakeholders.services import Claim
from tests.people import People

CLAIM = Claim("Réseau Numérique du Sahel", "civil_society", "ML", "Coordinator", "See our page")


def test_declare_verify_end(db: Any, people: People) -> None:
    person = people.person()
    actor = people.actor(person)
    affiliation = services.declare(actor, person, CLAIM)
    assert (affiliation.status, affiliation.organization.slug) == ("declared", "réseau-numérique-du-sahel")
    services.decide(people.secretariat(), affiliation.id, verified=True)
    assert affiliation.status == "verified"
    assert affiliation.decided_at is not None
    services.end(actor, person, affiliation.id)
    assert queries.usable_affiliations(person.id) == []
    kinds = [type(one.event) for one in outbox.read(0, 10)]
    assert kinds == [events.AffiliationDeclared, events.AffiliationDecided, events.AffiliationDecided]


def test_the_same_organization_is_found_by_name_whatever_its_case(db: Any, people: People) -> None:
    one, other = people.person(), people.person()
    first = services.declare(people.actor(one), one, CLAIM)
    second = services.declare(people.actor(other), other, Claim("  réseau numérique du SAHEL "))
    assert first.organization_id == second.organization_id


def test_declaring_twice_changes_nothing_and_keeps_the_verification(db: Any, people: People) -> None:
    person = people.person()
    first = services.declare(people.actor(person), person, CLAIM)
    services.decide(people.secretariat(), first.id, verified=True)
    again = services.declare(people.actor(person), person, CLAIM)
    assert (again.id, again.status) == (first.id, "verified")


def test_declaring_again_after_an_end_needs_verifying_again(db: Any, people: People) -> None:
    person = people.person()
    first = services.declare(people.actor(person), person, CLAIM)
    services.decide(people.secretariat(), first.id, verified=True)
    services.end(people.actor(person), person, first.id)
    again = services.declare(people.actor(person), person, CLAIM)
    assert (again.status, again.ended_on, again.decided_by_id) == ("declared", None, None)


def test_a_refused_affiliation_cannot_be_spoken_for_and_only_the_person_sees_it(db: Any, people: People) -> None:
    person = people.person()
    affiliation = services.declare(people.actor(person), person, CLAIM)
    services.decide(people.secretariat(), affiliation.id, verified=False)
    assert queries.usable_affiliation(person.id, affiliation.id) is None
    assert queries.affiliations_of(people.participant(), person) == []
    assert queries.affiliations_of(people.actor(person), person) == [affiliation]


def test_only_the_secretariat_decides(db: Any, people: People) -> None:
    person = people.person()
    affiliation = services.declare(people.actor(person), person, CLAIM)
    for actor in (people.actor(person), people.moderator(), people.actor(people.person(role="secretariat"), scope="write")):
        with pytest.raises(Refused):
            services.decide(actor, affiliation.id, verified=True)


def test_an_affiliation_ended_meanwhile_is_not_verified(db: Any, people: People) -> None:
    person = people.person()
    affiliation = services.declare(people.actor(person), person, CLAIM)
    services.end(people.actor(person), person, affiliation.id)
    with pytest.raises(Conflict):
        services.decide(people.secretariat(), affiliation.id, verified=True)


@pytest.mark.parametrize(
    ("claim", "field"),
    [
        (Claim(" \u200f "), "organization"),
        (Claim("x" * 201), "organization"),
        (Claim("A", "kings"), "stakeholder_type"),
        (Claim("A", None, "ZZ"), "country"),
    ],
)
def test_bad_claims_are_refused_by_field(db: Any, people: People, claim: Claim, field: str) -> None:
    person = people.person()
    with pytest.raises(Invalid) as caught:
        services.declare(people.actor(person), person, claim)
    assert list(caught.value.errors) == [field]


def test_the_directory_goes_on_by_cursor(db: Any, people: People) -> None:
    wanted = queries.Wanted("media", "KE")
    for name in ("Chen", "Amina", "Boris", "Amina"):
        people.person(name=name, stakeholder_type="media", country="KE")
    people.person(name="Hidden", confirmed_at=None)
    first, cursor = queries.people(people.participant(name="Zoe"), wanted, None, 2)
    second, end = queries.people(people.participant(name="Zoe"), wanted, cursor, 2)
    assert [p.name for p in first + second] == ["Amina", "Amina", "Boris", "Chen"]
    assert end is None


def test_the_queue_shows_the_longest_waiting_first(db: Any, people: People) -> None:
    made = []
    for number in range(3):
        person = people.person()
        made.append(services.declare(people.actor(person), person, Claim(f"Organization {number}")))
    waiting, cursor = queries.to_verify(people.secretariat(), None)
    assert [a.id for a in waiting] == [a.id for a in made]
    assert cursor is None
