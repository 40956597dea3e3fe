"""The distribution list, what became of each mail, and the schedules one may see."""

from __future__ import annotations

from email_validator import EmailNotValidError
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from alliance.core import addresses, clock, db
from alliance.core.errors import Invalid
from alliance.core.i18n import LANGUAGES
from alliance.core.i18n import gettext as _
from alliance.digests import sending
from alliance.digests.models import Digest, DigestDelivery, DigestRecipient, DigestSchedule
from alliance.policy import Actor, can, require

recipients = sending.recipients
MOST = 2000


def add(actor: Actor, email: str, name: str, language: str) -> DigestRecipient:
    """Put an address on the distribution list.

    Raises:
        Refused: the actor is not of the secretariat.
        Invalid: it is no address, or on the list already.
    """
    require(actor, "digest.transmit")
    try:
        address = addresses.checked(email)
    except EmailNotValidError as error:
        raise Invalid.field("email", _("“%(text)s” is not an e-mail address.", text=email[:80])) from error
    if language not in LANGUAGES:
        raise Invalid.field("language", _("Choose a language."))
    row = DigestRecipient(email=address, name=name.strip()[:200], language=language, added_by_id=actor.person_id, created_at=clock.now())
    try:
        with db.transaction() as session:
            session.add(row)
    except IntegrityError as error:
        raise Invalid.field("email", _("This address is on the list already.")) from error
    return row


def remove(actor: Actor, recipient_id: int) -> None:
    """Take an address off the list; what was sent stays recorded."""
    require(actor, "digest.transmit")
    with db.transaction() as session:
        session.execute(delete(DigestRecipient).where(DigestRecipient.id == recipient_id))


def deliveries(digest: Digest) -> list[DigestDelivery]:
    """The mails of a digest, those that did not arrive first."""
    query = select(DigestDelivery).where(DigestDelivery.digest_id == digest.id)
    return list(db.session().scalars(query.order_by(DigestDelivery.status == "sent", DigestDelivery.email).limit(MOST)))


def schedules(actor: Actor) -> list[DigestSchedule]:
    """The schedules of spaces for which the actor may compile."""
    found = db.session().scalars(select(DigestSchedule).order_by(DigestSchedule.id))
    return [one for one in found if can(actor, "digest.compile", one.space)]
