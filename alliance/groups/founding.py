"""Founding working groups: proposed by verified participants, approved by the secretariat; their charter and their settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete
from sqlalchemy.orm import Session

from alliance import events
from alliance.core import clock, db, outbox
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.groups import changing, checks, queries
from alliance.groups.charters import write_charter
from alliance.groups.models import Group, GroupLine, Membership, Space
from alliance.groups.naming import free_code
from alliance.groups.plans import Plan
from alliance.policy import Actor, can, require

PRIVATE = "private"


def propose(actor: Actor, plan: Plan, charter: str) -> Group:
    """Propose a group, of which one becomes a chair when it is approved; the secretariat's own exists at once.

    Raises:
        Refused, Invalid: nothing is written.
    """
    require(actor, "group.propose", queries.proposer(actor))
    plan, at_once = checks.check(plan), can(actor, "group.found")
    if not at_once:
        checks.check_to_come(plan)
    charter = checks.check_charter(charter)
    with db.transaction() as session:
        group = _made(session, actor, plan, at_once=at_once)
        write_charter(group, actor.person_id, charter, "")
        if at_once:
            outbox.publish(events.GroupChanged(group.space_id))
        elif actor.person_id is not None:
            _seat(session, group, actor.person_id)
            outbox.publish(events.GroupProposed(group.id))
    return group


def _seat(session: Session, group: Group, person_id: int) -> None:
    """The first chair."""
    session.add(Membership(space_id=group.space_id, person_id=person_id, role="chair", joined_at=clock.now()))
    group.members_count += 1


def _made(session: Session, actor: Actor, plan: Plan, *, at_once: bool) -> Group:
    visibility = plan.visibility if at_once else PRIVATE
    space = Space(
        code=free_code(plan.slug or plan.title, secret=visibility == PRIVATE),
        kind="group",
        position=1000,  # behind the action lines
        titles={},
        descriptions={},
        sources={},
        facilitators=[],
        visibility=visibility,
        discussions_count=0,
        posts_count=0,
    )
    session.add(space)
    session.flush()
    group = Group(
        space_id=space.id,
        space=space,
        status="active" if at_once else "proposed",
        proposed_by_id=actor.person_id,
        created_at=clock.now(),
        members_count=0,
        charter_number=0,
        decision="",
    )
    _apply(group, plan)
    session.add(group)
    session.flush()
    _set_lines(session, group, plan.lines)
    return group


def _apply(group: Group, plan: Plan) -> None:
    """What is said of a group, into its rows; who may see it is not among that."""
    space = group.space
    space.titles, space.descriptions, space.posting = {plan.language: plan.title}, {plan.language: plan.summary}, plan.posting
    space.attribution = plan.attribution
    group.visibility, group.joining, group.terms = plan.visibility, plan.joining, plan.terms
    group.languages, group.targets = list(plan.languages), dict(plan.targets)
    group.starts_on, group.ends_on = plan.starts_on, plan.ends_on


def _set_lines(session: Session, group: Group, codes: Sequence[str]) -> None:
    session.execute(delete(GroupLine).where(GroupLine.group_id == group.id))
    session.add_all(GroupLine(group_id=group.id, space_id=space_id) for space_id in queries.line_ids(codes))
    session.flush()
    session.expire(group, ["lines"])


def plan_of(group: Group) -> Plan:
    """What is said of a group now."""
    space = group.space
    language = next(iter(space.titles))
    return Plan(
        title=space.title(language), summary=space.description(language), terms=group.terms, language=language, languages=group.languages,
        lines=[line.code for line in group.lines], visibility=group.visibility, joining=group.joining, posting=space.posting, attribution=space.attribution,
        starts_on=group.starts_on, ends_on=group.ends_on, targets=group.targets,
    )  # fmt: skip


def change(actor: Actor, group: Group, plan: Plan) -> Group:
    """Change what is said of a group, who may see it, join it and write in it.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    plan = checks.check(replace(plan, slug=""))
    with db.transaction() as session:
        held = queries.hold(actor, group.id)
        require(actor, "group.settings", held)
        changing.hold(held.space_id)
        _apply(held, plan)
        _set_lines(session, held, plan.lines)
        if held.status in {"active", "closed"}:
            _show(held)
        outbox.publish(events.GroupChanged(held.space_id))
    return held


def _show(group: Group) -> None:
    """Let be seen by whom it is meant for; one that becomes private leaves the address by which it was known."""
    space = group.space
    if space.visibility == group.visibility:
        return
    if PRIVATE in {space.visibility, group.visibility}:
        space.code = free_code(space.title(next(iter(space.titles))), secret=group.visibility == PRIVATE)
    space.visibility = group.visibility


def decide(actor: Actor, group_id: int, *, approved: bool, reason: str = "") -> Group:
    """Approve or refuse a proposed group (with a reason).

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
        Conflict: it was decided meanwhile.
    """
    line = checks.check_reason(reason, needed=not approved)
    with db.transaction():
        group = queries.hold(actor, group_id)
        require(actor, "group.found", group)
        if group.status != "proposed":
            raise Conflict(_("This proposal has been decided already."))
        group.status = "active" if approved else "refused"
        group.decision, group.decided_at, group.decided_by_id = line, clock.now(), actor.person_id
        if approved:
            _show(group)
        outbox.publish(events.GroupDecided(group.id))
        outbox.publish(events.GroupChanged(group.space_id))
    return group


def undecide(actor: Actor, group_id: int) -> Group:
    """Take back what was decided about a proposal: it waits again, as unknown to others as before.

    Raises:
        Refused, NotFound: nothing is changed.
        Conflict: others belong to the group by now, or something was said in it.
    """
    with db.transaction():
        group = queries.hold(actor, group_id)
        require(actor, "group.found", group)
        space = group.space
        if group.status not in {"active", "refused"} or group.members_count > 1 or space.discussions_count or space.posts_count:
            raise Conflict(_("The group has begun its work. Close it instead."))
        group.status, group.decision, group.decided_at, group.decided_by_id = "proposed", "", None, None
        if space.visibility != PRIVATE:
            space.code = free_code(space.title(next(iter(space.titles))), secret=True)
            space.visibility = PRIVATE
        outbox.publish(events.GroupChanged(group.space_id))
    return group


def set_closed(actor: Actor, group: Group, *, closed: bool) -> None:
    """Close a group: all that was said stays to be read and found, nothing can be added. Or open it again.

    Raises:
        Refused: nothing is changed.
    """
    with db.transaction():
        held = queries.hold(actor, group.id)
        require(actor, "group.close", held)
        if closed == (held.status == "closed"):
            return
        held.status, held.space.closed_at = ("closed", clock.now()) if closed else ("active", None)
        outbox.publish(events.GroupChanged(held.space_id))


def revise(actor: Actor, group: Group, body: str, note: str, expected: int) -> None:
    """Write a new revision of the charter; the earlier ones are kept.

    Raises:
        Refused, Invalid: nothing is written.
        Conflict: somebody else has revised it meanwhile.
    """
    body = checks.check_charter(body)
    if len(note) > checks.MAX_NOTE:
        raise Invalid.field("note", _("At most %(most)s characters.", most=checks.MAX_NOTE))
    with db.transaction():
        held = queries.hold(actor, group.id)
        require(actor, "group.settings", held)
        if held.charter_number != expected:
            raise Conflict(_("Somebody revised the charter meanwhile. Nothing was overwritten: read the new one, then save yours again."))
        write_charter(held, actor.person_id, body, note)


def summarise(actor: Actor, group: Group, body: str) -> None:
    """Write what everybody may read of a group whose discussions are closed to them; an empty text takes it away.

    Raises:
        Refused, Invalid: nothing is written.
    """
    body = checks.check_text("public_summary", body.strip(), checks.MAX_PUBLIC_SUMMARY)
    with db.transaction():
        held = queries.hold(actor, group.id)
        require(actor, "group.summarise", held)
        held.public_summary, held.summarised_at = body, clock.now() if body else None
        outbox.publish(events.GroupChanged(held.space_id))
