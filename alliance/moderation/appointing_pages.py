"""The pages on which the secretariat finds accounts, and says who moderates and who is of the secretariat."""

from __future__ import annotations

from flask import flash, redirect, request
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from alliance.accounts import passwords, session
from alliance.accounts import queries as accounts
from alliance.accounts.forms import PresentPasswordForm
from alliance.accounts.models import Person
from alliance.core import vocabulary
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.moderation import appointing
from alliance.moderation.acts import PLATFORM_ROLES
from alliance.moderation.services import MAX_REASON
from alliance.moderation.views import Page, bp
from alliance.policy import can, require
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in


class RoleForm(PresentPasswordForm):
    """Another role for somebody, why, and that it is really the secretariat who says so."""

    role = RadioField(_l("Role"), choices=list(PLATFORM_ROLES.items()), validators=[InputRequired(_l("Choose a role from the list."))])
    reason = StringField(
        _l("Reason"), validators=[Length(max=MAX_REASON)], description=_l("One sentence. It stands in the public log, without the name.")
    )


@bp.get("/admin/people")
@signed_in
def offices() -> str:
    """Who moderates and who is of the secretariat; and any account, by name, handle or address."""
    asked, role = request.args.get("q", ""), request.args.get("role", "")
    role = role if role in vocabulary.ROLES else ""
    found, following = appointing.people(current_actor(), asked, role, request.args.get("after"))
    return pages.render("moderation/offices.html", people=found, next=following, asked=asked, role=role, roles=PLATFORM_ROLES)


@bp.route("/admin/people/<handle>", methods=["GET", "POST"])
@signed_in
@limits.limit("30/hour")
def office(handle: str) -> Page:
    """An account, and its role on the platform."""
    actor = current_actor()
    require(actor, "account.administer", None)
    found = accounts.get_person(actor, handle)
    form = RoleForm(role=found.role)
    if form.validate_on_submit() and _appointed(form, found):
        flash(_("Done, and noted in the public log."), "success")
        return redirect("/admin/people", 303)
    may = can(actor, "account.appoint", found)
    page = pages.render("moderation/office.html", form=form, person=found, may=may, roles=PLATFORM_ROLES)
    return page, 422 if request.method == "POST" else 200


def _appointed(form: RoleForm, found: Person) -> bool:
    """Whether the role is another now; if not, the form says why."""
    actor = current_actor()
    require(actor, "account.appoint", found)
    try:
        passwords.confirm(actor, session.me(), form.password.data or "")
        appointing.appoint(actor, found.id, form.role.data, form.reason.data or "")
    except Invalid as error:
        form.take(error)
        return False
    except Conflict as no:
        form.form_errors.append(str(no))
        return False
    return True
