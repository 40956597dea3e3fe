"""Mail that is held: what a moderator decides about it."""

from __future__ import annotations

from alliance.accounts.models import Person
from alliance.core import db, i18n
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.mailing import addressing, deciding, incoming, incoming_text, outcomes, queries
from alliance.mailing.models import IncomingMail
from alliance.mailing.outcomes import Outcome
from alliance.mailing.senders import Sender
from alliance.policy import Actor, require, visible


def get_held(actor: Actor, mail_id: int) -> IncomingMail:
    """A mail that is held.

    Raises:
        NotFound: none such.
    """
    found = queries.incoming_of(mail_id, visible(actor, IncomingMail))
    if found is None or found.status != "held":
        raise NotFound
    return found


def decide(actor: Actor, mail_id: int, *, post: bool) -> Outcome:
    """Let a held mail through, as if its sender had been believed, or refuse it; its sender is told.

    Raises:
        NotFound: it is not held (any more).
        Refused: nothing is changed.
    """
    found = get_held(actor, mail_id)
    require(actor, "mail.decide", found)
    person = found.person
    if person is None or found.raw is None:
        raise NotFound
    with i18n.use_locale(person.interface_language):
        made = _believed(found, person) if post else _refused(found)
        with db.transaction() as session:
            held = session.get_one(IncomingMail, mail_id, populate_existing=True)
            if held.status != "held":
                raise NotFound
            held.decided_by = actor.person_id
            made.person = person
            return outcomes.carry_out(held, made, b"")


def _believed(found: IncomingMail, person: Person) -> deciding.Decision:
    message = incoming_text.parse(found.raw or b"")
    believed = Sender((person.email or "").lower(), person.name, "pass")
    return deciding.decide(message, addressing.target_of(found.recipient), believed, found.subject, incoming.answers_of(message))


def _refused(found: IncomingMail) -> deciding.Decision:
    sentence = _("A moderator did not let the mail through. Write on the page, or from the address of your account.")
    return deciding.Decision("refused", "moderator", sentence, found.person, text=found.text)
