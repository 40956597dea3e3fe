"""Finding organizations and affiliations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from alliance.accounts import queries as accounts
from alliance.accounts.models import Person
from alliance.core import cursors, db
from alliance.core.errors import NotFound
from alliance.core.prepared import ANYBODY, Prepared
from alliance.policy import Actor, visible
from alliance.stakeholders.models import Affiliation, Organization

PAGE = 50
MOST_ORGANIZATIONS = 50


def get_organization(actor: Actor, slug: str) -> Organization:
    """An organization.

    Raises:
        NotFound: none such.
    """
    found = db.session().scalar(select(Organization).where(Organization.slug == slug, visible(actor, Organization)))
    if found is None:
        raise NotFound
    return found


def organization_named(name: str) -> Organization | None:
    """The organization of this name (or acronym), whatever its case."""
    return db.session().scalar(select(Organization).where(_called(name)).order_by(Organization.id).limit(1))


def organization_names() -> Sequence[str]:
    """Names of organizations, for completion in a form."""
    return db.session().scalars(select(Organization.name).order_by(Organization.name).limit(500)).all()


def slug_taken(slug: str) -> bool:
    """Whether an organization has this slug."""
    return db.session().scalar(select(Organization.id).where(Organization.slug == slug)) is not None


def affiliations_of(actor: Actor, person: Person) -> list[Affiliation]:
    """A person's affiliations in force that the actor may see; verified ones first."""
    query = select(Affiliation).options(joinedload(Affiliation.organization))
    query = query.where(Affiliation.person_id == person.id, Affiliation.ended_on.is_(None), visible(actor, Affiliation))
    return list(db.session().scalars(query.order_by(Affiliation.status.desc(), Affiliation.id)))


def usable_affiliation(person_id: int, affiliation_id: int) -> Affiliation | None:
    """A person's affiliation in which they may speak: in force and not refused."""
    query = select(Affiliation).where(Affiliation.id == affiliation_id, Affiliation.person_id == person_id)
    return db.session().scalar(query.where(Affiliation.ended_on.is_(None), Affiliation.status != "refused"))


def usable_affiliations(person_id: int) -> list[Affiliation]:
    """Every affiliation in which a person may speak."""
    query = select(Affiliation).options(joinedload(Affiliation.organization)).where(Affiliation.person_id == person_id)
    return list(db.session().scalars(query.where(Affiliation.ended_on.is_(None), Affiliation.status != "refused").order_by(Affiliation.id)))


def capacities(person_id: int) -> tuple[tuple[int, str, str], ...]:
    """(id, organization, status) of every affiliation in which a person may speak."""
    return tuple((row[0], row[1], row[2]) for row in _CAPACITIES.rows(None, person_id))


def _capacities(_kind: None) -> Select[*tuple[Any, ...]]:
    query = select(Affiliation.id, Organization.name, Affiliation.status).join(Organization, Organization.id == Affiliation.organization_id)
    query = query.where(Affiliation.person_id == ANYBODY, Affiliation.ended_on.is_(None), Affiliation.status != "refused")
    return query.order_by(Affiliation.id)


_CAPACITIES = Prepared(_capacities)


def people_of(actor: Actor, organization: Organization) -> list[Affiliation]:
    """Who speaks for an organization, verified ones first."""
    query = select(Affiliation).join(Affiliation.person).options(joinedload(Affiliation.person))
    query = query.where(
        Affiliation.organization_id == organization.id,
        Affiliation.ended_on.is_(None),
        Affiliation.status != "refused",
        visible(actor, Affiliation),
    )
    return list(db.session().scalars(query.order_by(Affiliation.status.desc(), Person.name).limit(200)))


def to_verify(actor: Actor, after: str | None) -> tuple[list[Affiliation], str | None]:
    """Affiliations declared and not decided, oldest first, and the cursor of the rest."""
    query = select(Affiliation).options(joinedload(Affiliation.person), joinedload(Affiliation.organization))
    query = query.where(Affiliation.status == "declared", Affiliation.ended_on.is_(None), visible(actor, Affiliation))
    if after:
        moment, last = cursors.decode(after, (datetime, int))
        query = query.where(or_(Affiliation.created_at > moment, and_(Affiliation.created_at == moment, Affiliation.id > last)))
    rows = list(db.session().scalars(query.order_by(Affiliation.created_at, Affiliation.id).limit(PAGE + 1)))
    following = cursors.encode(rows[PAGE - 1].created_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return rows[:PAGE], following


def get_affiliation(actor: Actor, affiliation_id: int) -> Affiliation:
    """An affiliation.

    Raises:
        NotFound: none such.
    """
    found = db.session().scalar(select(Affiliation).where(Affiliation.id == affiliation_id, visible(actor, Affiliation)))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of whom the directory is asked; `organization` is a name, an acronym, a slug, or a part of a name."""

    stakeholder_type: str | None = None
    country: str | None = None
    organization: str = ""


def people(actor: Actor, wanted: Wanted, after: str | None, limit: int = PAGE) -> tuple[list[Person], str | None]:
    """The directory: people by name, and the cursor of the rest."""
    query = select(Person).where(visible(actor, Person), Person.claimed.is_(True), Person.confirmed_at.is_not(None))
    if wanted.stakeholder_type:
        query = query.where(Person.stakeholder_type == wanted.stakeholder_type)
    if wanted.country:
        query = query.where(Person.country == wanted.country)
    if wanted.organization:
        query = query.where(Person.id.in_(_speaking_for(actor, wanted.organization)))
    return accounts.by_name(query, after, limit)


def _speaking_for(actor: Actor, organization: str) -> Select[int]:
    """Who speaks for organizations of a name: the one that is called so, or all whose names hold it."""
    exactly = or_(Organization.slug == organization, _called(organization))
    named = list(db.session().scalars(select(Organization.id).where(exactly, visible(actor, Organization))))
    if not named:
        part = Organization.name.icontains(organization, autoescape=True)
        named = list(db.session().scalars(select(Organization.id).where(part, visible(actor, Organization)).limit(MOST_ORGANIZATIONS)))
    query = select(Affiliation.person_id).where(Affiliation.organization_id.in_(named), visible(actor, Affiliation))
    return query.where(Affiliation.ended_on.is_(None), Affiliation.status != "refused")


def _called(name: str) -> ColumnElement[bool]:
    wanted = name.strip().lower()
    return or_(func.lower(Organization.name) == wanted, func.lower(Organization.acronym) == wanted)


def organizations_by_person(person_ids: Sequence[int]) -> dict[int, list[Affiliation]]:
    """Affiliations in force (not refused) of several people at once."""
    query = select(Affiliation).options(joinedload(Affiliation.organization)).where(Affiliation.person_id.in_(person_ids))
    found: dict[int, list[Affiliation]] = {}
    for one in db.session().scalars(query.where(Affiliation.ended_on.is_(None), Affiliation.status != "refused").order_by(Affiliation.id)):
        found.setdefault(one.person_id, []).append(one)
    return found
