"""The API of working groups; what is said in them is read and written as in every space."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from alliance.accounts import queries as accounts
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.groups import belonging, charters, founding, inviting, queries
from alliance.groups.models import Group
from alliance.groups.plans import Plan
from alliance.policy import can
from alliance.web import api, current_actor

Visibility = Literal["public", "members", "private"]
Joining = Literal["open", "request", "invitation"]
Posting = Literal["everyone", "verified", "members", "chairs"]
Attribution = Literal["named", "type", "closed"]
Role = Literal["chair", "moderator", "rapporteur", "member"]


class GroupOut(api.Out):
    """A working group. `role`: one's own in it, null for whoever is no member. `composition`: members by stakeholder type ("" of none)."""

    slug: str
    title: str
    summary: str
    status: str
    visibility: Visibility
    joining: Joining
    posting: Posting
    attribution: Attribution
    languages: list[str]
    lines: list[str]
    starts_on: date | None
    ends_on: date | None
    targets: dict[str, int]
    members_count: int
    charter_number: int
    role: str | None


class WholeGroupOut(GroupOut):
    """A group with its texts (Markdown) and its composition: members by stakeholder type ("" for who declared none)."""

    charter: str
    terms: str
    public_summary: str
    composition: dict[str, int]
    chairs: list[str]


class NewGroup(api.Schema):
    """A group to be founded (by the secretariat) or proposed. `slug` is chosen only for groups that are not private."""

    title: str = Field(max_length=400)
    charter: str
    slug: str = Field(default="", max_length=100)
    summary: str = ""
    terms: str = ""
    language: str = "en"
    languages: list[str] = Field(default=[], max_length=6)
    lines: list[str] = Field(default=[], max_length=30)
    visibility: Visibility = "public"
    joining: Joining | None = Field(default=None, description="open unless said; invitation for a private group.")
    posting: Posting = "members"
    attribution: Attribution = "named"
    starts_on: date | None = None
    ends_on: date | None = None
    targets: dict[str, int] = Field(default={}, max_length=6)


class GroupChange(api.Schema):
    """What is to be changed of a group; what is not named stays. `closed`: true closes it, false opens it again."""

    title: str | None = None
    summary: str | None = None
    terms: str | None = None
    language: str | None = None
    languages: list[str] | None = Field(default=None, max_length=6)
    lines: list[str] | None = Field(default=None, max_length=30)
    visibility: Visibility | None = None
    joining: Joining | None = None
    posting: Posting | None = None
    attribution: Attribution | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    targets: dict[str, int] | None = Field(default=None, max_length=6)
    closed: bool | None = None
    public_summary: str | None = None


class MemberOut(api.Out):
    """Somebody who belongs to a group."""

    handle: str
    name: str
    stakeholder_type: str | None
    role: Role
    joined_at: datetime


class NewMember(api.Schema):
    """Who is to become a member: oneself (nothing said; a `statement` where one has to ask), or (for chairs) somebody to invite."""

    handle: str = Field(default="", max_length=100)
    email: str = Field(default="", max_length=320)
    role: Role = "member"
    statement: str = ""


class BelongingOut(api.Out):
    """What came of it: member, requested or invited."""

    status: Literal["member", "requested", "invited"]


class NewRole(api.Schema):
    """Another role."""

    role: Role


class Decision(api.Schema):
    """What the secretariat decides about a proposal."""

    approved: bool
    reason: str = ""


class GroupsQuery(api.ListQuery):
    """Which groups."""

    status: Literal["active", "closed", "proposed", "refused"] = "active"


@api.get("/groups", returns=api.Page[GroupOut], query=GroupsQuery)
def groups(query: GroupsQuery) -> api.Page[GroupOut]:
    """Working groups one may know of, the newest first."""
    found, following = queries.groups(current_actor(), (query.status,), query.after, query.limit)
    roles = queries.roles_of(current_actor())
    return api.Page(items=[GroupOut(**_facts(one, roles.get(one.space_id))) for one in found], next=following)


@api.post("/groups", body=NewGroup, returns=WholeGroupOut)
def new_group(body: NewGroup) -> WholeGroupOut:
    """Found a group, or propose one."""
    joining = body.joining or ("invitation" if body.visibility == "private" else "open")
    plan = Plan(**body.model_dump(exclude={"charter", "joining"}), joining=joining)
    return _out(founding.propose(current_actor(), plan, body.charter))


@api.get("/groups/<slug>", returns=WholeGroupOut)
def group(slug: str) -> WholeGroupOut:
    """A group."""
    return _out(queries.get_group(current_actor(), slug))


@api.patch("/groups/<slug>", body=GroupChange, returns=WholeGroupOut)
def change_group(slug: str, body: GroupChange) -> WholeGroupOut:
    """Change a group."""
    actor, said = current_actor(), body.model_dump(exclude_unset=True)
    found, closed = queries.get_group(actor, slug), said.pop("closed", None)
    summary = said.pop("public_summary", None)
    empty = [name for name, value in said.items() if value is None and name not in {"starts_on", "ends_on"}]
    if empty:
        raise Invalid({name: [_("Say what it is to be, or leave it out.")] for name in empty})
    if said:
        found = founding.change(actor, found, replace(founding.plan_of(found), **said))
    if closed is not None:
        founding.set_closed(actor, found, closed=closed)
    if summary is not None:
        founding.summarise(actor, found, summary)
    return _out(found)


@api.post("/groups/<slug>/decision", body=Decision, returns=WholeGroupOut, status=200, act="group.found")
def decide_group(slug: str, body: Decision) -> WholeGroupOut:
    """Approve or refuse a proposed group."""
    found = queries.get_group(current_actor(), slug)
    return _out(founding.decide(current_actor(), found.id, approved=body.approved, reason=body.reason))


@api.get("/groups/<slug>/members", returns=api.Page[MemberOut], query=api.ListQuery)
def members(slug: str, query: api.ListQuery) -> api.Page[MemberOut]:
    """Who belongs to a group, as far as one may see it, in the order in which they joined."""
    actor = current_actor()
    found, following = queries.members(actor, queries.get_group(actor, slug), query.after, query.limit)
    items = [
        MemberOut(
            handle=one.person.handle, name=one.person.name, stakeholder_type=one.person.stakeholder_type, role=one.role,
            joined_at=one.joined_at,
        )
        for one in found
    ]  # fmt: skip
    return api.Page(items=items, next=following)


@api.post("/groups/<slug>/members", body=NewMember, returns=BelongingOut)
def new_member(slug: str, body: NewMember) -> BelongingOut:
    """Join, ask to join, invite; the secretariat makes somebody a member at once."""
    actor = current_actor()
    found = queries.get_group(actor, slug)
    if body.email or (body.handle and not can(actor, "group.found", found)):
        inviting.invite(actor, found, body.email or f"@{body.handle.removeprefix('@')}", body.role)
        return BelongingOut(status="invited")
    if body.handle:
        belonging.appoint(actor, found, inviting.person_of(actor, body.handle), body.role)
        return BelongingOut(status="member")
    return _enter(found, body.statement)


def _enter(found: Group, statement: str) -> BelongingOut:
    actor = current_actor()
    invited = queries.invitation_to(found, actor.person_id)
    if invited is not None:
        inviting.accept(actor, invited)
    elif found.joining == "request":
        belonging.ask(actor, found, statement)
        return BelongingOut(status="requested")
    else:
        belonging.join(actor, found)
    return BelongingOut(status="member")


@api.patch("/groups/<slug>/members/<handle>", body=NewRole, returns=None)
def change_member(slug: str, handle: str, body: NewRole) -> None:
    """Give a member another role."""
    actor = current_actor()
    found = queries.get_group(actor, slug)
    belonging.set_role(actor, found, accounts.get_person(actor, handle).id, body.role)


@api.delete("/groups/<slug>/members/<handle>")
def end_member(slug: str, handle: str) -> None:
    """Leave a group, or (for chairs) take a membership away."""
    actor = current_actor()
    found, person = queries.get_group(actor, slug), accounts.get_person(actor, handle)
    if person.id == actor.person_id:
        if queries.membership(found, person.id) is None:
            raise NotFound
        belonging.leave(actor, found)
    else:
        belonging.remove(actor, found, person.id)


def _facts(found: Group, role: str | None) -> dict[str, Any]:
    plan = founding.plan_of(found)
    return {
        **{name: getattr(plan, name) for name in GroupOut.model_fields if hasattr(plan, name)},
        "slug": found.slug,
        "status": found.status,
        "members_count": found.members_count,
        "charter_number": found.charter_number,
        "role": role,
    }


def _out(found: Group) -> WholeGroupOut:
    facts = _facts(found, found.space.role_of(current_actor().person_id))
    return WholeGroupOut(
        **facts,
        charter=charters.current(found).body,
        terms=found.terms,
        public_summary=found.public_summary,
        composition=queries.composition(found),
        chairs=[one.person.handle for one in queries.officers(found) if one.role == "chair"],
    )
