"""What the pages of other rooms show of groups, and what the pages of groups ask for."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from alliance.core.tokens import sign
from alliance.groups import queries, words
from alliance.groups.inviting import PURPOSE
from alliance.groups.models import ROLES, Group, Invitation, Membership
from alliance.web import current_actor, pages

MOST = 20


@pages.section("person.side", 20)
def of_person(person: Any, **_more: Any) -> Markup:
    """The groups somebody belongs to, as far as the reader may know of them."""
    found = queries.groups_of(current_actor(), person)
    return pages.markup("groups/_of_person.html", memberships=found, words=words) if found else Markup()


@pages.section("space.side", 20)
def of_line(space: Any, **_more: Any) -> Markup:
    """The groups at work that serve an action line."""
    if space.kind != "action_line":
        return Markup()
    found, _next = queries.groups(current_actor(), limit=MOST, line=space)
    return pages.markup("groups/_of_line.html", groups=found) if found else Markup()


@pages.provide("officers")
def officers(group: Group) -> list[tuple[str, list[Membership]]]:
    """Those who run a group, by role."""
    found = queries.officers(group)
    return [(role, [one for one in found if one.role == role]) for role in ROLES if any(one.role == role for one in found)]


@pages.provide("invitation_token")
def invitation_token(invitation: Invitation) -> str:
    """What the address of an invitation carries."""
    return sign(PURPOSE, invitation.key)
