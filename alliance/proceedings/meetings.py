"""Meetings: an agenda with a date, and the minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from alliance.core import clock, db, outbox, text
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import counters, linking
from alliance.discussions.models import Discussion
from alliance.events import MeetingCancelled
from alliance.policy import Actor, require
from alliance.proceedings import queries
from alliance.proceedings.models import Meeting

MAX_PLACE = 300
MAX_MINUTES = 100_000
LONGEST = timedelta(days=10)


def hold(actor: Actor, discussion: Discussion, starts_at: datetime, ends_at: datetime, place: str = "") -> Meeting:
    """Let a discussion be the agenda of a meeting, or move the meeting it is the agenda of.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    line = text.storable(text.clean_line(place))
    if not timedelta() < ends_at - starts_at <= LONGEST:
        raise Invalid.field("ends_at", _("A meeting ends after it begins, within ten days."))
    if len(line) > MAX_PLACE:
        raise Invalid.field("place", _("At most %(most)s characters.", most=MAX_PLACE))
    with db.transaction() as session:
        held = counters.hold(session, discussion.id)
        require(actor, "meeting.hold", held)
        found = queries.meeting_of(held.id) or Meeting(discussion_id=held.id, space_id=held.space_id, sequence=-1)
        found.starts_at, found.ends_at, found.place = starts_at, ends_at, line
        _touch(found, held)
        session.add(found)
        session.flush()
        _cancelled(actor, found, held, None)
    return found


def cancel(actor: Actor, meeting: Meeting, *, again: bool = False) -> None:
    """Let a meeting not take place, or (`again`) take place after all; the members are told.

    Raises:
        Refused, Conflict: nothing is changed.
    """
    with db.transaction() as session:
        held = counters.hold_where_it_is(session, meeting.discussion_id)
        require(actor, "meeting.cancel", meeting)
        found = session.get_one(Meeting, meeting.id, populate_existing=True)
        if found.ends_at <= clock.now():
            raise Conflict(_("This meeting is over."))
        if (found.cancelled_at is None) != again:
            _touch(found, held)
            _cancelled(actor, found, held, None if again else clock.now())


def _cancelled(actor: Actor, found: Meeting, held: Discussion, at: datetime | None) -> None:
    """Note whether a meeting takes place; tell of it where that is another answer than before."""
    if (found.cancelled_at is None) != (at is None):
        found.cancelled_at = at
        outbox.publish(MeetingCancelled(found.id, held.id, held.space_id, actor.person_id or 0, at is None))


def record(actor: Actor, meeting: Meeting, minutes: str) -> None:
    """Write the minutes.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    if len(minutes) > MAX_MINUTES or text.storable(minutes) != minutes:
        raise Invalid.field("minutes", _("At most %(most)s characters.", most=MAX_MINUTES))
    with db.transaction() as session:
        held = counters.hold_where_it_is(session, meeting.discussion_id)
        require(actor, "meeting.record", meeting)
        found = session.get_one(Meeting, meeting.id, populate_existing=True)
        found.minutes, found.minutes_html = minutes.strip(), linking.rendered(minutes).html if minutes.strip() else ""
        _touch(found, held)


def _touch(found: Meeting, held: Discussion) -> None:
    found.sequence += 1
    found.changed_at = clock.now()
    counters.renew(held)
