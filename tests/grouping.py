"""Working groups for the tests."""

from __future__ import annotations

from typing import Any

from alliance.core import db
from alliance.groups import belonging, founding
from alliance.groups.models import Group
from alliance.groups.plans import Plan
from alliance.policy import Actor
from tests.people import People

CHARTER = "# What for\n\nTo agree on *one* text."


def plan(title: str = "Measuring access", **columns: Any) -> Plan:
    """What is said of a group; a private one takes members by invitation."""
    if columns.get("visibility") == "private":
        columns.setdefault("joining", "invitation")
    return Plan(title, **columns)


def founded(people: People, title: str = "Measuring access", **columns: Any) -> Group:
    """A group the secretariat founded; it has no members."""
    charter = columns.pop("charter", CHARTER)
    return founding.propose(people.secretariat(), plan(title, **columns), charter)


def member(people: People, group: Group, role: str = "member", **columns: Any) -> Actor:
    """A new person with a role in a group."""
    actor = people.participant(**columns)
    seat(group, actor, role)
    return actor


def seat(group: Group, actor: Actor, role: str = "member") -> None:
    """Give somebody a role in a group, whatever its rules."""
    with db.transaction() as session:
        belonging.admit(session.get_one(Group, group.id), actor.person_id, role)
