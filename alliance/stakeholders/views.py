"""Pages of people, organizations and affiliations."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.accounts import queries as accounts
from alliance.accounts import session
from alliance.core import vocabulary
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.text import clean_line
from alliance.policy import require
from alliance.stakeholders import forms, queries, services
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in

bp = Blueprint("stakeholders", __name__)


@bp.get("/people")
def people() -> str:
    """The directory of people."""
    given = request.args
    kind = given.get("type") if given.get("type") in vocabulary.STAKEHOLDER_TYPES else None
    country = given.get("country") if given.get("country") in vocabulary.REGION_OF else None
    wanted = queries.Wanted(kind, country, clean_line(given.get("organization", ""))[:200])
    found, following = queries.people(current_actor(), wanted, given.get("after"))
    organizations = queries.organizations_by_person([p.id for p in found])
    return pages.render(
        "stakeholders/people.html",
        people=found,
        organizations=organizations,
        next=following,
        wanted=wanted,
        types=vocabulary.stakeholder_choices(),
        countries=vocabulary.country_choices(),
    )


@bp.get("/people/<handle>")
def person(handle: str) -> str | Response:
    """A person."""
    try:
        found = accounts.get_person(current_actor(), handle)
    except NotFound:
        claimant = accounts.claimant(current_actor(), handle)
        return redirect(url_for("stakeholders.person", handle=claimant))  # not for good: it can be taken back
    return pages.render("stakeholders/person.html", person=found, affiliations=queries.affiliations_of(current_actor(), found))


@bp.get("/organizations/<slug>")
def organization(slug: str) -> str:
    """An organization."""
    found = queries.get_organization(current_actor(), slug)
    return pages.render("stakeholders/organization.html", organization=found, affiliations=queries.people_of(current_actor(), found))


@bp.route("/settings/affiliations", methods=["GET", "POST"])
@signed_in
@limits.limit("20/hour")
def affiliations() -> str | tuple[str, int] | Response:
    """One's own affiliations; declare one."""
    form = forms.AffiliationForm()
    if form.validate_on_submit():
        try:
            services.declare(current_actor(), session.me(), form.claim())
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Your affiliation is noted. It is shown as unverified until the secretariat has verified it."), "success")
            return redirect(url_for("stakeholders.affiliations"), 303)
    mine = queries.affiliations_of(current_actor(), session.me())
    page = pages.render("stakeholders/affiliations.html", form=form, affiliations=mine, names=queries.organization_names())
    return page, 422 if request.method == "POST" else 200


@bp.post("/settings/affiliations/<int:affiliation_id>/end")
@signed_in
def end(affiliation_id: int) -> Response:
    """End one's own affiliation."""
    services.end(current_actor(), session.me(), affiliation_id)
    flash(_("The affiliation is ended. What you wrote under it keeps saying so."), "success")
    return redirect(url_for("stakeholders.affiliations"), 303)


@bp.get("/admin/affiliations")
@signed_in
def to_verify() -> str:
    """Affiliations that wait for the secretariat."""
    require(current_actor(), "affiliation.verify")
    waiting, following = queries.to_verify(current_actor(), request.args.get("after"))
    return pages.render("stakeholders/to_verify.html", affiliations=waiting, next=following)


@bp.post("/admin/affiliations/<int:affiliation_id>")
@signed_in
def decide(affiliation_id: int) -> Response:
    """Verify or refuse an affiliation."""
    verified = request.form.get("decision") == "verify"
    services.decide(current_actor(), affiliation_id, verified=verified)
    flash(_("The affiliation is verified.") if verified else _("The affiliation is refused."), "success")
    return redirect(url_for("stakeholders.to_verify"), 303)
