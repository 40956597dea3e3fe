"""Pages of spaces as such, and of working groups; the discussions of a space are a page of `discussions`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.groups import charters, forms, founding, queries, words
from alliance.groups.models import Group
from alliance.policy import require
from alliance.policy.space import moderates
from alliance.web import current_actor, limits, pages
from alliance.web.access import signed_in
from alliance.web.forms import OnceForm
from alliance.web.once import redirect_once

bp = Blueprint("groups", __name__)
Page = str | tuple[str, int] | Response
Framed = tuple[str, Group, str]  # template, group, tab


@bp.get("/action-lines")
def action_lines() -> str:
    """The eleven action lines and the sub-lines of C7."""
    spaces = [space for space in queries.spaces(current_actor()) if space.kind == "action_line"]
    return pages.render("groups/action_lines.html", spaces=spaces)


@bp.get("/groups")
def index() -> str:
    """Working groups: those at work, and (asked for) those that are closed or proposed."""
    actor = current_actor()
    chosen = request.args.get("show") if request.args.get("show") in {"closed", "proposed"} else "active"
    statuses = ("proposed", "refused") if chosen == "proposed" else (chosen or "active",)
    found, following = queries.groups(actor, statuses, request.args.get("after"))
    return pages.render(
        "groups/index.html",
        groups=found,
        next=following,
        chosen=chosen,
        proposer=queries.proposer(actor),
        proposed=queries.count_proposed(actor),
        invitations=queries.own_invitations(actor),
        words=words,
    )


@bp.route("/groups/new", methods=["GET", "POST"])
@signed_in
@limits.limit("20/hour")
def new() -> Page:
    """Propose a group; the secretariat founds one."""
    actor = current_actor()
    require(actor, "group.propose", queries.proposer(actor))
    form = forms.FoundForm(visibility="public", joining="request", posting="members", attribution="named")
    if form.validate_on_submit():
        try:
            return redirect_once(actor, form.nonce.data, lambda: _founded(form))
        except Invalid as error:
            form.take(error)
    return pages.render("groups/new.html", form=form), 422 if request.method == "POST" else 200


def _founded(form: forms.FoundForm) -> str:
    group = founding.propose(current_actor(), form.plan(), form.charter.data or "")
    flash(
        _("The group exists.") if group.status == "active" else _("The group is proposed. The secretariat decides and tells you."),
        "success",
    )
    return url_for("groups.show", slug=group.slug)


@bp.get("/groups/<slug>")
def show(slug: str) -> str:
    """A group: what it is for, and what is discussed in it."""
    return framed("groups/show.html", queries.get_group(current_actor(), slug), "discussions")


def answered(page: Framed, form: OnceForm, act: Callable[[], str] | None, **more: object) -> Page:
    """A form of a group's page (again with what is wrong, 422), or where `act` leads once, when it is given."""
    if act is not None:
        try:
            return redirect_once(current_actor(), form.nonce.data, act)
        except Invalid as error:
            form.take(error)
    template, group, tab = page
    return framed(template, group, tab, form=form, **more), 422 if request.method == "POST" else 200


def framed(template: str, group: Group, tab: str, **more: object) -> str:
    """A page of a group, with what stands on each of them."""
    actor = current_actor()
    return pages.render(
        template,
        group=group,
        space=group.space,
        tab=tab,
        mine=queries.membership(group, actor.person_id),
        asked=queries.request_of(group, actor.person_id),
        invited=queries.invitation_to(group, actor.person_id),
        readable=queries.is_readable(actor, group),
        keeps=moderates(actor, group.space),
        words=words,
        summary_html=charters.rendered(group.public_summary) if tab == "discussions" else "",
        **more,
    )


@bp.get("/groups/<slug>/charter")
def charter(slug: str) -> str:
    """The charter as it is, or as it was in a revision."""
    group = queries.get_group(current_actor(), slug)
    found = queries.revisions(group)
    wanted = request.args.get("revision", type=int)
    shown = next((one for one in found if one.number == wanted), found[0])
    return framed("groups/charter.html", group, "charter", revisions=found, shown=shown, terms=charters.rendered(group.terms))


@bp.route("/groups/<slug>/charter/edit", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def edit_charter(slug: str) -> Page:
    """Write a new revision of the charter."""
    actor = current_actor()
    group = queries.get_group(actor, slug)
    require(actor, "group.settings", group)
    form, status = forms.CharterForm(body=charters.current(group).body, number=group.charter_number), 200
    if form.validate_on_submit():
        try:
            founding.revise(actor, group, form.body.data or "", form.note.data or "", form.number.data)
        except Invalid as error:
            form.take(Invalid({"body" if name == "charter" else name: found for name, found in error.errors.items()}))
        except Conflict as error:
            form.take(Invalid.field("body", str(error)))
            form.number.raw_data, form.number.data, status = None, group.charter_number, 409
        else:
            return redirect(url_for("groups.charter", slug=slug), 303)
    status = status if status != 200 else 422 if request.method == "POST" else 200
    newer = charters.current(group) if status == 409 else None
    return framed("groups/charter_edit.html", group, "charter", form=form, newer=newer), status


@bp.route("/groups/<slug>/settings", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def settings(slug: str) -> Page:
    """Change what is said of a group, and who may see, join and write."""
    actor = current_actor()
    group = queries.get_group(actor, slug)
    require(actor, "group.settings", group)
    plan = founding.plan_of(group)
    form = forms.SettingsForm(obj=plan, **{f"target_{kind}": number for kind, number in plan.targets.items()})
    if form.validate_on_submit():
        try:
            changed = founding.change(actor, group, form.plan())
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("groups.show", slug=changed.slug), 303)
    return framed("groups/settings.html", group, "settings", form=form), 422 if request.method == "POST" else 200


@bp.route("/groups/<slug>/summary", methods=["GET", "POST"])
@signed_in
@limits.limit("60/hour")
def summary(slug: str) -> Page:
    """Write what everybody may read of a group whose discussions are for members."""
    actor = current_actor()
    group = queries.get_group(actor, slug)
    require(actor, "group.summarise", group)
    form = forms.SummaryForm(public_summary=group.public_summary)
    if form.validate_on_submit():
        try:
            founding.summarise(actor, group, form.public_summary.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("groups.show", slug=slug), 303)
    return framed("groups/summary.html", group, "discussions", form=form), 422 if request.method == "POST" else 200


@bp.post("/groups/<slug>/closing")
@signed_in
def closing(slug: str) -> Response:
    """Close a group, or open it again."""
    group, closed = queries.get_group(current_actor(), slug), request.form.get("act") == "close"
    founding.set_closed(current_actor(), group, closed=closed)
    flash(_("The group is closed: everything can still be read and found.") if closed else _("The group is open again."), "success")
    return redirect(url_for("groups.show", slug=slug), 303)


@bp.post("/groups/<slug>/decision")
@signed_in
def decision(slug: str) -> Page:
    """Approve or refuse a proposed group."""
    actor, approved = current_actor(), request.form.get("decision") == "approve"
    group, form = queries.get_group(actor, slug), forms.ReasonForm()
    try:
        decided = founding.decide(actor, group.id, approved=approved, reason=form.reason.data or "")
    except Invalid as error:
        form.take(error)
        return framed("groups/show.html", group, "discussions", reason=form), 422
    flash(_("The group exists now.") if approved else _("The proposal is refused; who made it is told why."), "success")
    return redirect(url_for("groups.show", slug=decided.slug), 303)
