"""Milestones: what a group is to have done, and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from alliance.core import clock, db, text
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.groups import queries as groups
from alliance.groups.models import Group, Space
from alliance.policy import Actor, require
from alliance.proceedings import queries
from alliance.proceedings.models import STATES, Milestone

MAX_TITLE = 200
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Stone:
    """What is said of a milestone; one that was reached says when."""

    title: str
    due_on: date | None
    state: str = "planned"
    reached_on: date | None = None


def add(actor: Actor, group: Group, stone: Stone) -> Milestone:
    """Plan a milestone.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    stone = _checked(stone)
    with db.transaction() as session:
        space = _held(actor, group)
        if queries.count_milestones(space.id) >= queries.MOST_MILESTONES:
            raise Invalid.field("title", _("A group has at most %(most)s milestones.", most=queries.MOST_MILESTONES))
        made = Milestone(space_id=space.id, sequence=-1)
        _apply(made, stone)
        session.add(made)
        session.flush()
    return made


def change(actor: Actor, group: Group, milestone_id: int, stone: Stone) -> Milestone:
    """Change a milestone: call it otherwise, move it, note that it was reached or dropped.

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
    """
    stone = _checked(stone)
    with db.transaction():
        found = queries.get_milestone(actor, _held(actor, group), milestone_id, fresh=True)
        _apply(found, stone)
    return found


def _held(actor: Actor, group: Group) -> Space:
    space = groups.hold(actor, group.id).space
    require(actor, "milestone.set", space)
    return space


def _apply(found: Milestone, stone: Stone) -> None:
    found.title, found.due_on, found.state, found.reached_on = stone.title, stone.due_on or date.min, stone.state, stone.reached_on
    found.sequence, found.changed_at = found.sequence + 1, clock.now()


def _checked(stone: Stone) -> Stone:
    title = text.storable(text.clean_line(stone.title))
    if text.is_blank(title):
        raise Invalid.field("title", _("Give it a title."))
    if len(title) > MAX_TITLE:
        raise Invalid.field("title", _("At most %(most)s characters.", most=MAX_TITLE))
    if stone.due_on is None:
        raise Invalid.field("due_on", _("Say by which day."))
    if not FIRST_DAY <= stone.due_on <= LAST_DAY:
        raise Invalid.field("due_on", _("Choose a day between %(first)s and %(last)s.", first=FIRST_DAY.year, last=LAST_DAY.year))
    if stone.state not in STATES:
        raise Invalid.field("state", _("Choose one of the list."))
    if stone.state != "reached":
        return Stone(title, stone.due_on, stone.state)
    reached = stone.reached_on or clock.now().date()
    if reached < FIRST_DAY:
        raise Invalid.field("reached_on", _("Choose a day between %(first)s and %(last)s.", first=FIRST_DAY.year, last=LAST_DAY.year))
    if reached > (clock.now() + timedelta(hours=14)).date():
        raise Invalid.field("reached_on", _("This day is still to come."))
    return Stone(title, stone.due_on, stone.state, reached)
