"""Mails about belonging to working groups. Whether there is still something to say, and to whom, is asked when they are sent."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import db, i18n
from alliance.core.i18n import gettext as _
from alliance.core.i18n import isolated
from alliance.core.mail import Draft, message_id
from alliance.groups import inviting
from alliance.groups import queries as groups
from alliance.groups.models import Group, Invitation, JoinRequest, Membership
from alliance.mailing.letters import Letter, _domain, base, draft_for
from alliance.policy import visible
from alliance.proceedings.models import Meeting
from alliance.watching import queries as watching


@dataclass(frozen=True, slots=True)
class Stranger:
    """An address somebody invited."""

    email: str
    name: str
    interface_language: str


Reader = Person | Stranger
Written = tuple[Reader, Callable[[], Letter]] | None


def draft(kind: str, key: str, person: Person | None) -> Draft | None:
    """The mail, None when there is nothing to say any more.

    Args:
        kind: one of LETTERS.
        key: "kind-number", the number being that of the invitation, request or group.
        person: to whom; None for an invitation to an address.
    """
    if person is not None and (person.confirmed_at is None or person.suspended_at is not None):
        return None
    made = LETTERS[kind](int(key.rpartition("-")[2]), person)
    if made is None:
        return None
    reader, write = made
    with i18n.use_locale(reader.interface_language):
        return draft_for(reader.name, reader.email or "", write(), message_id(f"{key}.{person.id if person else 0}", _domain()))


def recipients_of_request(request_id: int) -> list[int]:
    """The chairs of the group somebody asks to join."""
    query = select(Membership.person_id).join(Group, Group.space_id == Membership.space_id).where(Membership.role == "chair")
    query = query.where(Group.id.in_(select(JoinRequest.group_id).where(JoinRequest.id == request_id)))
    return list(db.session().scalars(query.order_by(Membership.id)))


def _invitation(number: int, person: Person | None) -> Written:
    found = db.session().scalar(select(Invitation).where(Invitation.id == number, Invitation.open()))
    if found is None or found.person_id != (person.id if person else None):
        return None
    by = found.invited_by
    if by is not None and by.suspended_at is not None:
        return None
    reader: Reader = person or Stranger(found.email or "", found.email or "", by.interface_language if by else i18n.SOURCE)

    def write() -> Letter:
        title = _title(found.group)
        first = (
            _("%(name)s invites you to the working group “%(title)s” of Alliance.", name=isolated(by.name), title=title) if by else title
        )
        return Letter(
            subject=_("Invitation to the working group “%(title)s”", title=title),
            paragraphs=[first],
            link=inviting.link(found),
            label=_("Accept or decline"),
            after=[_("The invitation can be accepted for fourteen days. If you do not want to take part, there is nothing to do.")],
        )

    return reader, write


def _requested(number: int, person: Person | None) -> Written:
    found = db.session().get(JoinRequest, number)
    if found is None or found.status != "open" or person is None or found.group.space.role_of(person.id) != "chair":
        return None
    if found.person.suspended_at is not None:
        return None  # removed meanwhile, or suspended: nobody to admit

    def write() -> Letter:
        return Letter(
            subject=_("%(name)s asks to join “%(title)s”", name=found.person.name, title=_title(found.group)),
            paragraphs=[found.statement],
            link=f"{base()}{found.group.space.path}/members",
            label=_("Admit or decline"),
        )

    return person, write


def _answered(number: int, person: Person | None) -> Written:
    found = db.session().get(JoinRequest, number)
    if found is None or found.status not in {"accepted", "declined"} or person is None or not _knows(person, found.group):
        return None

    def write() -> Letter:
        title, admitted = _title(found.group), found.status == "accepted"
        first = _("You are now a member of the working group “%(title)s”.", title=title)
        other = _("Your request to join the working group “%(title)s” was declined.", title=title)
        return Letter(
            subject=title,
            paragraphs=[first if admitted else other, *([found.answer] if found.answer else [])],
            link=f"{base()}{found.group.space.path}",
            label=_("Open the group"),
        )

    return person, write


def _decided(number: int, person: Person | None) -> Written:
    found = db.session().get(Group, number)
    if found is None or found.status == "proposed" or person is None or not _knows(person, found):
        return None

    def write() -> Letter:
        title = _title(found)
        yes = _("The secretariat approved the working group “%(title)s”. You chair it.", title=title)
        no = _("The secretariat did not approve the working group “%(title)s”.", title=title)
        return Letter(
            subject=title,
            paragraphs=[no if found.status == "refused" else yes, *([found.decision] if found.decision else [])],
            link=f"{base()}{found.space.path}",
            label=_("Open the group"),
        )

    return person, write


def _meeting(number: int, person: Person | None, *, again: bool) -> Written:
    """To a member who may read the agenda and has not muted it; nothing when the contrary holds by now, or the meeting is over."""
    found = db.session().get(Meeting, number)
    if found is None or person is None or (found.cancelled_at is None) != again or not found.is_coming or not _may_know(person, found):
        return None

    def write() -> Letter:
        title, moment = isolated(found.discussion.title), i18n.format_datetime(found.starts_at)
        off = _("The meeting “%(title)s” of %(moment)s is cancelled.", title=title, moment=moment)
        on = _("The meeting “%(title)s”, which was cancelled, takes place after all: %(moment)s.", title=title, moment=moment)
        return Letter(
            subject=_("Takes place after all: %(title)s", title=title) if again else _("Cancelled: %(title)s", title=title),
            paragraphs=[on if again else off],
            link=f"{base()}/d/{found.discussion_id}",
            label=_("Read it on the page"),
        )

    return person, write


def _may_know(person: Person, meeting: Meeting) -> bool:
    actor = accounts.actor_of(person, "mail")
    sees = db.session().scalar(select(Meeting.id).where(Meeting.id == meeting.id, visible(actor, Meeting))) is not None
    return sees and meeting.space.role_of(person.id) is not None and watching.levels([person.id], meeting.discussion)[person.id] != "mute"


LETTERS: dict[str, Callable[[int, Person | None], Written]] = {
    "invitation": _invitation,
    "join-requested": _requested,
    "join-decided": _answered,
    "group-decided": _decided,
    "meeting-cancelled": functools.partial(_meeting, again=False),
    "meeting-again": functools.partial(_meeting, again=True),
}


def _knows(person: Person, group: Group) -> bool:
    actor = accounts.actor_of(person, "mail")
    return groups.is_known(actor, group)


def _title(group: Group) -> str:
    return isolated(group.space.title(i18n.current_locale()))
