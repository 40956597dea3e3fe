"""Meetings as calendars read them (RFC 5545), and the address a calendar program fetches them at without signing in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.accounts import session
from alliance.core import db, settings
from alliance.core.i18n import gettext as _
from alliance.core.tokens import BadToken, sign, unsign
from alliance.groups.models import Space
from alliance.policy import Actor
from alliance.proceedings.models import Meeting, Milestone

PURPOSE = "calendar"
WIDTH = 73  # bytes; a line has at most 75, the blank of a continuation included


def calendar(title: str, meetings: Sequence[Meeting], milestones: Sequence[Milestone] = ()) -> str:
    """A calendar of meetings, and of milestones as whole days."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Alliance//Meetings//EN", f"X-WR-CALNAME:{_text(title)}"]
    for meeting in meetings:
        lines += _event(meeting)
    for milestone in milestones:
        lines += _day(milestone)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(meeting: Meeting) -> list[str]:
    base, discussion = settings.current().base_url, meeting.discussion
    address = f"{base}/d/{discussion.id}/{discussion.slug}"
    return [
        "BEGIN:VEVENT",
        f"UID:meeting-{meeting.id}@{_host()}",
        f"DTSTAMP:{_moment(meeting.changed_at)}",
        f"SEQUENCE:{meeting.sequence}",
        f"DTSTART:{_moment(meeting.starts_at)}",
        f"DTEND:{_moment(meeting.ends_at)}",
        f"SUMMARY:{_text(discussion.title)}",
        *([f"LOCATION:{_text(meeting.place)}"] if meeting.place else []),
        f"STATUS:{'CANCELLED' if meeting.cancelled_at is not None else 'CONFIRMED'}",
        f"URL:{address}",
        "END:VEVENT",
    ]


def _day(milestone: Milestone) -> list[str]:
    """A milestone: a day that makes nobody busy; one that was dropped is cancelled, so that calendars take it out."""
    base = settings.current().base_url
    said = _("Reached on %(date)s", date=milestone.reached_on.isoformat()) if milestone.reached_on else ""
    return [
        "BEGIN:VEVENT",
        f"UID:milestone-{milestone.id}@{_host()}",
        f"DTSTAMP:{_moment(milestone.changed_at)}",
        f"SEQUENCE:{milestone.sequence}",
        f"DTSTART;VALUE=DATE:{milestone.due_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{milestone.due_on + timedelta(days=1):%Y%m%d}",
        "SUMMARY:" + _text(_("Milestone: %(title)s", title=milestone.title)),
        *([f"DESCRIPTION:{_text(said)}"] if said else []),
        f"STATUS:{'CANCELLED' if milestone.state == 'dropped' else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        f"URL:{base}/groups/{milestone.space.code}/meetings",
        "END:VEVENT",
    ]


def _host() -> str:
    """Whose identifiers they are."""
    return settings.current().base_url.split("//", 1)[1].split("/", 1)[0]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "")


def _folded(line: str) -> str:
    """A line in pieces of at most 75 bytes, no character cut."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > WIDTH:
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece])


def key_for(actor: Actor, space: Space) -> str:
    """What a person's calendar program carries in the address: good as long as the person may read the group and keeps the password."""
    person = accounts.by_id(actor.person_id)
    return sign(PURPOSE, [person.id, person.epoch, space.id]) if person is not None else ""


def reader_of(key: str, slug: str) -> Actor:
    """Who fetches a calendar with a key; a guest when it is not (any longer) one of ours."""
    try:
        person_id, epoch, of_space = unsign(PURPOSE, key, None)
    except (BadToken, ValueError, TypeError):
        return Actor.guest()
    person = accounts.of_epoch(person_id, epoch)
    here = db.session().scalar(select(Space.id).where(Space.code == slug))
    if person is None or of_space != here:
        return Actor.guest()
    return session.actor_of(person, "page", "read")
