"""Steering a discussion: slow mode, pinning, the answer, closing on a date; each with its entry in the log, and taken back again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from alliance import events
from alliance.core import clock, db, jobs, outbox
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions.counters import hold, set_lock
from alliance.discussions.models import Discussion, Post
from alliance.discussions.pacing import MOST_MINUTES
from alliance.moderation import acts, log, queries, reasons
from alliance.policy import Actor, require

LONGEST = timedelta(days=3 * 366)
Change = Callable[[Discussion], str]


def slow(actor: Actor, discussion_id: int, minutes: int, reason: str, code: str = "") -> Discussion:
    """Let everybody say one thing in so many minutes (0: as much as they like); moderators are free.

    Raises:
        Refused, Invalid, Conflict: nothing is changed.
    """
    if not 0 <= minutes <= MOST_MINUTES:
        raise Invalid.field("minutes", _("Give a number of minutes from 1 to %(most)s.", most=MOST_MINUTES))

    def change(held: Discussion) -> str:
        _differs(held.slow_minutes, minutes)
        held.slow_minutes = minutes
        return f"minutes:{minutes}" if minutes else ""

    return _changed(actor, discussion_id, "slow" if minutes else "unslow", change, reason, code)


def pin(actor: Actor, discussion_id: int, until: datetime | None, reason: str, code: str = "") -> Discussion:
    """Have a discussion stand above the list of its space, until a moment or until it is taken back; raises as `slow`."""
    end = _moment(until) if until is not None else None

    def change(held: Discussion) -> str:
        held.pinned_at, held.pinned_until = clock.now(), end
        return acts.until(end) if end is not None else ""

    return _changed(actor, discussion_id, "pin", change, reason, code)


def unpin(actor: Actor, discussion_id: int, reason: str, code: str = "") -> Discussion:
    """Take that back; raises as `slow`."""

    def change(held: Discussion) -> str:
        if held.pinned_at is None:
            raise Conflict(_("This discussion is not pinned."))
        held.pinned_at = held.pinned_until = None
        return ""

    return _changed(actor, discussion_id, "unpin", change, reason, code)


def close_on(actor: Actor, discussion_id: int, moment: datetime | None, reason: str, code: str = "") -> Discussion:
    """Announce that a discussion takes no more replies from a moment on (None: it stays open); raises as `slow`."""
    end = _moment(moment) if moment is not None else None

    def change(held: Discussion) -> str:
        if held.locked_at is not None:
            raise Conflict(_("This discussion is already locked."))
        _differs(held.closes_at, end)
        held.closes_at = end
        return acts.until(end) if end is not None else ""

    return _changed(actor, discussion_id, "close_on" if end is not None else "keep_open", change, reason, code)


def answer(actor: Actor, post_id: int) -> Discussion:
    """Mark a reply as the answer, in place of another if there is one.

    Raises:
        NotFound, Refused, Conflict: nothing is changed.
    """
    post = queries.flaggable(actor, post_id)

    def change(held: Discussion) -> str:
        if post.number == 1 or post.status != "visible":
            raise Conflict(_("Only a reply that can be read can be the answer."))
        _differs(held.answer_id, post.id)
        held.answer_id = post.id
        return ""

    return _answered(actor, post.discussion_id, "answer", change, post)


def unanswer(actor: Actor, discussion_id: int) -> Discussion:
    """Take that back; raises as `answer`."""

    def change(held: Discussion) -> str:
        _differs(held.answer_id, None)
        held.answer_id = None
        return ""

    return _answered(actor, discussion_id, "unanswer", change, None)


def _answered(actor: Actor, discussion_id: int, act: str, change: Change, post: Post | None) -> Discussion:
    """The opener may, without a reason; only what a moderator does in a discussion of others is an act of moderation and in the log."""
    with db.transaction() as session:
        found = queries.discussion(actor, discussion_id)
        require(actor, "discussion.answer", found)
        held = hold(session, found.id)
        change(held)
        if actor.person_id != held.writer_id:
            log.write(actor, act, "", post=post, discussion=held)
        return _said(held)


def _changed(actor: Actor, discussion_id: int, act: str, change: Change, reason: str, code: str) -> Discussion:
    with db.transaction() as session:
        found = queries.discussion(actor, discussion_id)
        require(actor, "discussion.steer", found)
        line = log.checked(reason, needed=not reasons.checked(code))
        held = hold(session, found.id)
        log.write(actor, act, line, code=code, discussion=held, detail=change(held))
        return _said(held)


def _said(held: Discussion) -> Discussion:
    held.version += 1
    outbox.publish(events.DiscussionChanged(held.id, held.space_id))
    return held


def _differs(old: Any, new: Any) -> None:
    if old == new:
        raise Conflict(_("It is so already: nothing was changed."))


def _moment(until: datetime) -> datetime:
    if not clock.now() < until <= clock.now() + LONGEST:
        raise Invalid.field("until", _("Give a moment in the future, at most three years from now."))
    return until


@jobs.periodic("* * * * *")
def come_due() -> None:
    """Lock what was to close by now (nobody could write from that moment on already), and take down what was pinned until now."""
    now = clock.now()
    due = select(Discussion.id).where(Discussion.closes_at <= now, Discussion.locked_at.is_(None)).limit(200)
    for discussion_id in db.session().scalars(due).all():
        with db.transaction() as session:
            held = hold(session, discussion_id)
            if held.locked_at is None and held.closes_at is not None and held.closes_at <= clock.now():
                set_lock(held, "")
                log.write(Actor.system(), "lock", "", discussion=held)
                _said(held)
    over = select(Discussion.id).where(Discussion.pinned_until <= now).limit(200)
    for discussion_id in db.session().scalars(over).all():
        with db.transaction() as session:
            held = hold(session, discussion_id)
            held.pinned_at = held.pinned_until = None
            _said(held)
