"""Pages of belonging to a group: its members, joining, asking, being invited, leaving."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.accounts import queries as accounts
from alliance.core import vocabulary
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.groups import belonging, forms, inviting, queries
from alliance.groups.models import Group
from alliance.groups.views import Page, bp, framed
from alliance.policy import can, require
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in


def _to(group: Group, page: str = "groups.show") -> Response:
    return redirect(url_for(page, slug=group.slug), 303)


@bp.get("/groups/<slug>/members")
def members(slug: str) -> str:
    """Who belongs to a group, and whom it lacks by its own targets."""
    return _members(queries.get_group(current_actor(), slug), forms.InviteForm())


def _members(group: Group, form: forms.InviteForm, refused: int = 0, reason: forms.ReasonForm | None = None) -> str:
    actor = current_actor()
    found, following = queries.members(actor, group, request.args.get("after"))
    keeping = can(actor, "group.members", group)
    counts = queries.composition(group)
    return framed(
        "groups/members.html",
        group,
        "members",
        members=found,
        next=following,
        composition=[(kind, counts.get(kind, 0), int(group.targets.get(kind, 0))) for kind in (*vocabulary.STAKEHOLDER_TYPES, "")],
        requests=queries.open_requests(actor, group) if keeping else [],
        invitations=queries.open_invitations(actor, group) if keeping else [],
        form=form,
        refused=refused,
        reason=reason,
    )


@bp.post("/groups/<slug>/join")
@signed_in
@limits.limit("60/hour")
def join(slug: str) -> Response:
    """Become a member of a group that is open to all."""
    group = queries.get_group(current_actor(), slug)
    belonging.join(current_actor(), group)
    flash(_("You are a member of this group."), "success")
    return _to(group)


@bp.route("/groups/<slug>/request", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def ask(slug: str) -> Page:
    """Ask to join a group, and say why."""
    actor = current_actor()
    group = queries.get_group(actor, slug)
    if request.method == "POST" and request.form.get("act") == "withdraw":
        belonging.take_back(actor, group)
        flash(_("You no longer ask to join."), "success")
        return _to(group)
    require(actor, "group.request", group)
    asked = queries.request_of(group, actor.person_id)
    form = forms.StatementForm(statement=asked.statement if asked and asked.status == "open" else "")
    if form.validate_on_submit():
        try:
            belonging.ask(actor, group, form.statement.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Your request is with the chairs of the group."), "success")
            return _to(group)
    return framed("groups/request.html", group, "", form=form), 422 if request.method == "POST" else 200


@bp.post("/groups/<slug>/leave")
@signed_in
def leave(slug: str) -> Response:
    """Cease to be a member."""
    group = queries.get_group(current_actor(), slug)
    belonging.leave(current_actor(), group)
    flash(_("You are no longer a member of the group."), "success")
    return redirect(url_for("groups.index"), 303)


@bp.post("/groups/<slug>/members/<handle>")
@signed_in
def change_member(slug: str, handle: str) -> Response:
    """Give a member another role, or take the membership away."""
    actor = current_actor()
    group, person = queries.get_group(actor, slug), accounts.get_person(actor, handle)
    if request.form.get("act") == "remove":
        belonging.remove(actor, group, person.id)
        flash(_("%(name)s is no longer a member.", name=person.name), "success")
    else:
        belonging.set_role(actor, group, person.id, request.form.get("role", ""))
        flash(_("Saved."), "success")
    return _to(group, "groups.members") if queries.is_known(actor, group) else redirect(url_for("groups.index"), 303)


@bp.post("/groups/<slug>/members")
@signed_in
@limits.limit("120/hour")
def invite(slug: str) -> Page:
    """Invite somebody; the secretariat may also make them a member at once."""
    actor = current_actor()
    group, form = queries.get_group(actor, slug), forms.InviteForm()
    require(actor, "group.members", group)
    if form.validate_on_submit():
        try:
            _invite(group, form)
        except Invalid as error:
            form.take(Invalid({"whom" if name == "handle" else name: found for name, found in error.errors.items()}))
        else:
            return _to(group, "groups.members")
    return _members(group, form), 422


def _invite(group: Group, form: forms.InviteForm) -> None:
    actor, whom = current_actor(), (form.whom.data or "").strip()
    if request.form.get("act") == "appoint":
        person = inviting.person_of(actor, whom)
        belonging.appoint(actor, group, person, form.role.data)
        flash(_("%(name)s is a member now.", name=person.name), "success")
        return
    inviting.invite(actor, group, whom, form.role.data)
    flash(_("The invitation is on its way. It can be accepted for fourteen days."), "success")


@bp.post("/groups/<slug>/requests/<int:request_id>")
@signed_in
def answer(slug: str, request_id: int) -> Page:
    """Admit somebody who asks to join, or decline."""
    actor, admitted = current_actor(), request.form.get("decision") == "admit"
    group, form = queries.get_group(actor, slug), forms.ReasonForm()
    try:
        belonging.answer(actor, request_id, admitted=admitted, reason=form.reason.data or "")
    except Invalid as error:
        form.take(error)
        return _members(group, forms.InviteForm(formdata=None), request_id, form), 422
    flash(_("Admitted.") if admitted else _("Declined."), "success")
    return _to(group, "groups.members")


@bp.post("/groups/<slug>/invitations/<int:invitation_id>/revoke")
@signed_in
def revoke(slug: str, invitation_id: int) -> Response:
    """Take an invitation back."""
    group = queries.get_group(current_actor(), slug)
    inviting.revoke(current_actor(), invitation_id)
    flash(_("The invitation is taken back."), "success")
    return _to(group, "groups.members")


@bp.get("/groups/invitations/<token>")
def invitation(token: str) -> FlaskResponse:
    """What somebody is invited to, who has the link."""
    found = inviting.of_link(token)
    inviting.check_addressee(current_actor(), found)
    answer = make_response(pages.render("groups/invitation.html", invitation=found, group=found.group, token=token))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.post("/groups/invitations/<token>")
@signed_in
@limits.limit("60/hour")
def answer_invitation(token: str) -> Response:
    """Accept an invitation, or say no."""
    return _answered(token)


def _answered(token: str) -> Response:
    actor = current_actor()
    found = inviting.of_link(token)
    if request.form.get("decision") != "accept":
        inviting.decline(actor, found)
        flash(_("You have declined the invitation."), "success")
        return redirect(url_for("groups.index"), 303)
    group = inviting.accept(actor, found)
    flash(_("You are a member of this group."), "success")
    return _to(group)
