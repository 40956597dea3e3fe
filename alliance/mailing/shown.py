"""What other pages show of mail: chairs of groups whom none reaches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from markupsafe import Markup
from sqlalchemy import and_, func, or_, select

from alliance.accounts.models import Person
from alliance.core import clock, db
from alliance.groups.models import Group, Membership, Space
from alliance.mailing.models import MailChoice, OutgoingMail, Suppressed
from alliance.policy import visible
from alliance.web import current_actor, pages

LOOKED_BACK = timedelta(days=30)


@pages.section("admin.groups", 10)
def unreached(**_more: Any) -> Markup:
    """Chairs whose mail comes back, whose address gets none any more, or to whom one was given up within thirty days and none has gone."""
    since = clock.now() - LOOKED_BACK
    failed = select(OutgoingMail.id).where(OutgoingMail.person_id == Person.id, OutgoingMail.status == "failed")
    failed = failed.where(OutgoingMail.created_at > since)
    later = select(OutgoingMail.id).where(OutgoingMail.person_id == Person.id, OutgoingMail.status == "sent")
    later = later.where(OutgoingMail.sent_at > since)
    back = select(MailChoice.id).where(
        MailChoice.person_id == Person.id, or_(MailChoice.stopped_at.is_not(None), MailChoice.bounced_at > since)
    )
    refused = select(Suppressed.id).where(Suppressed.address == func.lower(Person.email))
    unreachable = or_(back.exists(), refused.exists(), and_(failed.exists(), ~later.exists()))
    query = select(Person, Space).join(Membership, Membership.person_id == Person.id).join(Space, Space.id == Membership.space_id)
    query = query.join(Group, Group.space_id == Space.id).where(Membership.role == "chair", Group.status == "active")
    query = query.where(visible(current_actor(), Group), unreachable)
    found = [(row[0], row[1]) for row in db.session().execute(query.order_by(Space.id, Person.id).limit(200))]
    return pages.markup("mailing/_unreached.html", chairs=found) if found else Markup()
