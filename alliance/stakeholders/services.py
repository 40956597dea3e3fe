"""Declaring, verifying and ending affiliations."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from alliance import events
from alliance.accounts.models import Person
from alliance.core import clock, db, outbox, vocabulary
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line, is_blank, slugify
from alliance.policy import Actor, require
from alliance.stakeholders import queries
from alliance.stakeholders.models import Affiliation, Organization

MAX_NAME = 200
MAX_EVIDENCE = 1000


def organization(name: str, stakeholder_type: str | None, country: str | None) -> Organization:
    """The organization of this name, made when there is none yet (inside a transaction).

    Raises:
        Invalid: by field.
    """
    name = clean_line(name)
    if is_blank(name) or len(name) > MAX_NAME:
        raise Invalid.field("organization", _("The name of an organization has 1 to %(most)s characters.", most=MAX_NAME))
    if stakeholder_type and stakeholder_type not in vocabulary.STAKEHOLDER_TYPES:
        raise Invalid.field("stakeholder_type", _("Choose a stakeholder type from the list."))
    if country and country not in vocabulary.REGION_OF:
        raise Invalid.field("country", _("Choose a country from the list."))
    known = queries.organization_named(name)
    if known is not None:
        return known
    made = Organization(name=name, slug=_free_slug(name), stakeholder_type=stakeholder_type, country=country, created_at=clock.now())
    session = db.session()
    session.add(made)
    session.flush()
    return made


def _free_slug(name: str) -> str:
    stem = slugify(name)[:100] or "organization"
    slug, number = stem, 1
    while queries.slug_taken(slug):
        number += 1
        slug = f"{stem}-{number}"
    return slug


@dataclass(frozen=True, slots=True)
class Claim:
    """What a person says of the organization they speak for; type and country count only when it is not known yet."""

    organization: str
    stakeholder_type: str | None = None
    country: str | None = None
    title: str = ""
    evidence: str = ""


def affiliate(person: Person, claim: Claim) -> Affiliation:
    """Note that a person says to speak for an organization.

    Saying it again changes nothing; after an end it begins anew, unverified.

    Raises:
        Invalid: by field.
    """
    with db.transaction() as session:
        body = organization(claim.organization, claim.stakeholder_type, claim.country)
        known = session.scalar(select(Affiliation).filter_by(person_id=person.id, organization_id=body.id))
        if known is not None and known.ended_on is None:
            return known
        affiliation = known or Affiliation(person_id=person.id, organization_id=body.id, created_at=clock.now())
        affiliation.title, affiliation.evidence = clean_line(claim.title)[:120], claim.evidence.strip()[:MAX_EVIDENCE]
        affiliation.status, affiliation.ended_on, affiliation.started_on = "declared", None, clock.now().date()
        affiliation.decided_at = affiliation.decided_by_id = None
        session.add(affiliation)
        session.flush()
        outbox.publish(events.AffiliationDeclared(affiliation.id, person.id))
    return affiliation


def declare(actor: Actor, person: Person, claim: Claim) -> Affiliation:
    """Declare one's own affiliation; it is shown as unverified until the secretariat decides.

    Raises:
        Invalid: by field.
    """
    require(actor, "affiliation.declare", None)
    require(actor, "account.change", person)
    return affiliate(person, claim)


def decide(actor: Actor, affiliation_id: int, *, verified: bool) -> Affiliation:
    """Verify or refuse an affiliation.

    Raises:
        Conflict: it was ended or decided otherwise meanwhile.
    """
    with db.transaction():
        affiliation = queries.get_affiliation(actor, affiliation_id)
        require(actor, "affiliation.verify", affiliation)
        wanted = "verified" if verified else "refused"
        if affiliation.ended_on is not None:
            raise Conflict(_("The person has ended this affiliation meanwhile."))
        if affiliation.status != wanted:
            affiliation.status, affiliation.decided_at, affiliation.decided_by_id = wanted, clock.now(), actor.person_id
            outbox.publish(events.AffiliationDecided(affiliation.id, affiliation.person_id))
    return affiliation


def undecide(actor: Actor, affiliation_id: int) -> Affiliation:
    """Take back what was decided about an affiliation: it is declared and unverified again.

    Raises:
        Conflict: its person has ended it meanwhile.
    """
    with db.transaction():
        affiliation = queries.get_affiliation(actor, affiliation_id)
        require(actor, "affiliation.verify", affiliation)
        if affiliation.ended_on is not None:
            raise Conflict(_("The person has ended this affiliation meanwhile."))
        affiliation.status, affiliation.decided_at, affiliation.decided_by_id = "declared", None, None
    return affiliation


def end(actor: Actor, person: Person, affiliation_id: int) -> None:
    """End one's own affiliation; posts made under it keep saying so."""
    with db.transaction():
        require(actor, "account.change", person)
        affiliation = queries.usable_affiliation(person.id, affiliation_id)
        if affiliation is not None:
            affiliation.ended_on = clock.now().date()
            outbox.publish(events.AffiliationDecided(affiliation.id, person.id))
