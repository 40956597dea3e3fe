"""Working groups of the demonstration content: founded, with members, and one that is closed in the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from alliance.accounts.models import Person
from alliance.core import clock, db, shipped
from alliance.curating import summaries
from alliance.discussions.models import Discussion
from alliance.groups import belonging, founding, queries
from alliance.groups.models import Group, Space
from alliance.groups.plans import Plan
from alliance.moderation import confiding
from alliance.policy import Actor
from alliance.proceedings import consensus, meetings
from alliance.proceedings.models import ConsensusCall

SYSTEM = Actor.system("cli")
PREFIX = "group:"


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """A group that was founded, and what is written about it."""

    group: Group
    entry: Mapping[str, Any]


def found(people: Mapping[str, Person]) -> dict[str, DemoGroup]:
    """The groups by key; those that are there already are left as they are."""
    entries = json.loads(shipped.data("demo", "groups.json").read_text(encoding="utf-8"))
    spaces = db.session().scalars(select(Space).where(Space.kind == "group"))
    known = {space.sources.get("demo"): space.id for space in spaces}
    return {entry["key"]: DemoGroup(_group(known.get(entry["key"])) or _found(entry, people), entry) for entry in entries}


def _group(space_id: int | None) -> Group | None:
    return db.session().scalar(select(Group).where(Group.space_id == space_id)) if space_id is not None else None


def _found(entry: Mapping[str, Any], people: Mapping[str, Person]) -> Group:
    today = clock.now().date()
    plan = Plan(
        **{
            name: entry[name]
            for name in ("title", "summary", "terms", "language", "languages", "lines", "visibility", "joining", "posting")
        },
        starts_on=today + timedelta(days=entry["starts_on"]),
        ends_on=today + timedelta(days=entry["ends_on"]) if entry["ends_on"] is not None else None,
        targets=entry["targets"],
    )
    with db.transaction():
        group = founding.propose(SYSTEM, plan, entry["charter"])
        group.space.sources = {"demo": entry["key"]}
        for handle, role in entry["members"].items():
            belonging.admit(group, people[handle].id, role)
        for handle, statement in entry["asking"].items():
            belonging.ask(Actor("person", people[handle].id, confirmed=True, via="cli"), group, statement)
    return group


def finish(groups: Mapping[str, DemoGroup], people: Mapping[str, Person]) -> None:
    """Once what was said in them is there: consensus calls and meetings, and the groups that have done their work are closed."""
    for one in groups.values():
        _proceed(one.group.space_id, one.entry, people)
        if one.entry.get("closed"):
            founding.set_closed(SYSTEM, queries.get_group(SYSTEM, one.group.slug), closed=True)


def _proceed(space_id: int, entry: Mapping[str, Any], people: Mapping[str, Person]) -> None:
    """The consensus calls, meetings and closed discussions of a group, once; what is over has its result."""
    session = db.session()
    known = session.scalar(select(ConsensusCall.id).where(ConsensusCall.space_id == space_id).limit(1))
    chair = next((people[handle] for handle, role in entry["members"].items() if role == "chair"), None)
    if known is not None or chair is None:
        return
    found = {one.title: one for one in session.scalars(select(Discussion).where(Discussion.space_id == space_id))}
    actor = Actor("person", chair.id, confirmed=True, via="cli")
    with db.transaction():
        for one in entry.get("calls", ()):
            _call(actor, found[one["discussion"]], one, people)
        for one in entry.get("meetings", ()):
            _meet(actor, found[one["discussion"]], one)
        for one in entry.get("closed_discussions", ()):
            confiding.close(actor, found[one["discussion"]].id, one["reason"])
            summaries.write(actor, found[one["discussion"]].id, one["summary"])
    consensus.close_due()


def _call(actor: Actor, discussion: Discussion, entry: Mapping[str, Any], people: Mapping[str, Person]) -> None:
    """A call put some days ago (or now), and its answers."""
    made = consensus.call(actor, discussion, entry["text"], clock.now() + timedelta(days=entry["lasting"]))
    for handle, (given, reason) in entry["answers"].items():
        consensus.answer(Actor("person", people[handle].id, confirmed=True, via="cli"), made.id, given, reason)
    ago, session = timedelta(days=entry["days"]), db.session()
    # Past the object, which lets nobody change a call that was put.
    moments = {"created_at": made.created_at + ago, "closes_at": made.closes_at + ago}
    session.execute(update(ConsensusCall).where(ConsensusCall.id == made.id).values(moments))


def _meet(actor: Actor, discussion: Discussion, entry: Mapping[str, Any]) -> None:
    begin = clock.now().replace(hour=entry["hour"], minute=0, second=0, microsecond=0) + timedelta(days=entry["days"])
    made = meetings.hold(actor, discussion, begin, begin + timedelta(minutes=entry["minutes_long"]), entry["place"])
    if entry["minutes"]:
        meetings.record(actor, made, entry["minutes"])
