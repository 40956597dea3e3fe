"""The API of people and organizations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from alliance.accounts import queries as accounts
from alliance.accounts.models import Person
from alliance.stakeholders import queries
from alliance.stakeholders.models import Affiliation
from alliance.web import api, current_actor

StakeholderType = Literal["government", "private_sector", "civil_society", "international_organization", "academia_technical", "media"]


class AffiliationOut(api.Out):
    """For whom a person speaks; `status` is declared or verified."""

    organization: str
    name: str
    title: str
    status: str


class PersonOut(api.Out):
    """A person. `claimed` is false for authors of archives who have no account."""

    handle: str
    name: str
    stakeholder_type: str | None
    country: str | None
    languages: list[str]
    bio: str
    claimed: bool
    affiliations: list[AffiliationOut]


class OrganizationOut(api.Out):
    """An organization."""

    slug: str
    name: str
    acronym: str | None
    stakeholder_type: str | None
    country: str | None


class PeopleQuery(api.ListQuery):
    """Of whom the directory is asked."""

    stakeholder_type: StakeholderType | None = None
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$", description="ISO 3166, two letters.")
    organization: str = Field(default="", max_length=200, description="Its slug, name, acronym, or a part of its name.")


@api.get("/people", returns=api.Page[PersonOut], query=PeopleQuery)
def people(query: PeopleQuery) -> api.Page[PersonOut]:
    """The directory: people with an account, by name."""
    wanted = queries.Wanted(query.stakeholder_type, query.country, query.organization)
    found, following = queries.people(current_actor(), wanted, query.after, query.limit)
    spoken_for = queries.organizations_by_person([one.id for one in found])
    return api.Page(items=[_person(one, spoken_for.get(one.id, [])) for one in found], next=following)


@api.get("/people/<handle>", returns=PersonOut)
def person(handle: str) -> PersonOut:
    """A person."""
    found = accounts.get_person(current_actor(), handle)
    return _person(found, queries.organizations_by_person([found.id]).get(found.id, []))


@api.get("/organizations/<slug>", returns=OrganizationOut)
def organization(slug: str) -> OrganizationOut:
    """An organization."""
    return OrganizationOut.model_validate(queries.get_organization(current_actor(), slug))


def _person(found: Person, affiliations: Sequence[Affiliation]) -> PersonOut:
    return PersonOut(
        handle=found.handle,
        name=found.name,
        stakeholder_type=found.stakeholder_type,
        country=found.country,
        languages=found.languages,
        bio=found.shown_bio,
        claimed=found.claimed,
        affiliations=[
            AffiliationOut(organization=one.organization.slug, name=one.organization.name, title=one.title, status=one.status)
            for one in affiliations
        ],
    )
