"""Invitations to a group: to a person, or to whoever reads the mail of an address; until a date, and as long as they are not revoked."""

from __future__ import annotations

import secrets
from datetime import timedelta

from alliance import events
from alliance.accounts import queries as accounts
from alliance.accounts.models import Person
from alliance.accounts.services import checked_address
from alliance.core import clock, db, outbox, settings
from alliance.core.errors import Conflict, Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.tokens import BadToken, sign, unsign
from alliance.groups import queries
from alliance.groups.belonging import admit
from alliance.groups.models import ROLES, Group, Invitation
from alliance.policy import Actor, require

LASTING = timedelta(days=14)
MOST_OPEN = 200
PURPOSE = "group-invitation"


def invite(actor: Actor, group: Group, whom: str, role: str = "member") -> Invitation:
    """Invite a person (by @handle) or an address; whoever was invited before is invited anew, and the older invitation ends.

    Raises:
        Refused, Invalid, NotFound: nothing is changed.
    """
    if role not in ROLES:
        raise Invalid.field("role", _("Choose a role from the list."))
    person, address = _whom(actor, whom.strip())
    with db.transaction() as session:
        held = queries.hold(actor, group.id)
        require(actor, "group.members", held)
        if person is not None and queries.membership(held, person.id) is not None:
            raise Invalid.field("whom", _("This person is a member already."))
        if queries.count_open_invitations(held) >= MOST_OPEN:
            raise Invalid.field("whom", _("There are %(most)s open invitations already. Revoke some first.", most=MOST_OPEN))
        for earlier in queries.open_invitations_to(held, person.id if person else None, address):
            earlier.status = "revoked"
        made = Invitation(
            group_id=held.id, person_id=person.id if person else None, email=address, key=secrets.token_urlsafe(24), role=role,
            status="open", invited_by_id=actor.person_id, expires_at=clock.now() + LASTING, created_at=clock.now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        outbox.publish(events.InvitationMade(made.id))
    return made


def _whom(actor: Actor, whom: str) -> tuple[Person | None, str | None]:
    """The person, or else the address. Whether an address has an account is not told: its invitation is by mail either way."""
    if "@" not in whom[1:]:
        return person_of(actor, whom), None
    try:
        return None, checked_address(whom)
    except Invalid as error:
        raise Invalid.field("whom", " ".join(error.errors["email"])) from error


def person_of(actor: Actor, whom: str) -> Person:
    """The person of a handle, who has an account.

    Raises:
        Invalid: there is none.
    """
    try:
        found = accounts.get_person(actor, whom.removeprefix("@").lower())
    except NotFound:
        found = None
    if found is None or not found.claimed or found.confirmed_at is None:
        raise Invalid.field("whom", _("There is nobody with this handle. Write @handle, or an e-mail address."))
    return found


def revoke(actor: Actor, invitation_id: int) -> None:
    """Take an invitation back, as long as it is not answered.

    Raises:
        Refused, NotFound: nothing is changed.
    """
    with db.transaction():
        found = queries.get_invitation(actor, invitation_id)
        require(actor, "group.members", found.group)
        if found.status == "open":
            found.status = "revoked"


def link(invitation: Invitation) -> str:
    """The address an invitation is accepted at: whoever has it was invited."""
    return f"{settings.current().base_url}/groups/invitations/{sign(PURPOSE, invitation.key)}"


def of_link(token: str) -> Invitation:
    """The invitation behind a link, which can still be accepted.

    Raises:
        NotFound: it is not one of ours, has expired, was answered or revoked.
    """
    try:
        key = unsign(PURPOSE, token, None)
    except BadToken as error:
        raise NotFound from error
    found = queries.open_invitation(str(key))
    if found is None:
        raise NotFound
    return found


def check_addressee(actor: Actor, invitation: Invitation) -> None:
    """An invitation to a person is nobody else's, whoever has come by its link (a guest may be that person).

    Raises:
        NotFound: it is somebody else's.
    """
    if invitation.person_id is not None and actor.is_authenticated and invitation.person_id != actor.person_id:
        raise NotFound


def accept(actor: Actor, invitation: Invitation) -> Group:
    """Become a member by an invitation one has (the link of it, or by being the one invited).

    Raises:
        Refused, NotFound: nothing is changed.
        Conflict: it was answered or revoked meanwhile.
    """
    with db.transaction():
        held = _held(invitation)
        check_addressee(actor, held)
        group = queries.hold(Actor.system(), held.group_id)
        require(actor, "group.accept", group)
        held.status, held.person_id = "accepted", actor.person_id
        admit(group, actor.person_id, held.role)
    return group


def decline(actor: Actor, invitation: Invitation) -> None:
    """Say no to an invitation.

    Raises:
        NotFound: it is somebody else's.
        Conflict: it was answered or revoked meanwhile.
    """
    with db.transaction():
        held = _held(invitation)
        check_addressee(actor, held)
        held.status = "declined"


def _held(invitation: Invitation) -> Invitation:
    held = queries.open_invitation(invitation.key, fresh=True)
    if held is None:
        raise Conflict(_("This invitation can no longer be used: it has expired, was answered, or was taken back."))
    return held
