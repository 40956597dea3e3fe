"""Mail that is held: what deciding about it does, inside the transaction of the review queue, and how that is taken back within a day."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, select, update

from alliance.accounts.models import Person
from alliance.core import clock, db, i18n, jobs
from alliance.core.errors import AllianceError, Conflict, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.reviews import Ruling
from alliance.discussions import holding
from alliance.discussions.counters import hold, set_status
from alliance.discussions.models import Post
from alliance.mailing import addressing, deciding, incoming, incoming_text, outcomes
from alliance.mailing.models import IncomingMail
from alliance.mailing.outcomes import KIND
from alliance.mailing.senders import Sender
from alliance.moderation import items, kinds
from alliance.moderation.models import ReviewItem
from alliance.policy import require


def post(ruling: Ruling) -> None:
    """Let a held mail through, as if its sender had been believed; its sender is told.

    Raises:
        NotFound, Refused, Conflict: nothing is changed.
    """
    mail, person = _waiting(ruling)
    notes: list[str] = []
    if mail.post_id is not None:
        _publish_again(mail)
    else:
        with i18n.use_locale(person.interface_language):
            made = _believed(mail, person)
        mail.post_id, notes = _published(made), made.notes
    _settle(ruling, mail, person, "posted", "", " ".join(notes))
    ruling.item.post = db.session().get_one(Post, mail.post_id)


def refuse(ruling: Ruling) -> None:
    """Refuse a held mail; its sender is told, and has the text back.

    Raises:
        NotFound, Refused: nothing is changed.
    """
    mail, person = _waiting(ruling)
    with i18n.use_locale(person.interface_language):
        said = _("A moderator did not let the mail through. Write on the page, or from the address of your account.")
    made = _post_of(mail)
    if made is not None and made.status == "held":
        set_status(made, "hidden")
        items.close("held_post", made.id)
    _settle(ruling, mail, person, "refused", "moderator", said)


def take_back(ruling: Ruling) -> None:
    """What was decided within a day holds no more: the post is read no more, the mail waits again, its sender is told.

    Raises:
        NotFound, Refused, Conflict: nothing is changed.
    """
    mail, before = _known(ruling), ruling.item.data.get("mail")
    if mail.status not in {"posted", "refused"} or mail.raw is None or before is None or mail.person is None:
        raise Conflict(_("This cannot be taken back any more: decide anew instead."))
    made = _post_of(mail)
    if mail.status == "posted" and made is not None:
        _take_post_back(made)
    with i18n.use_locale(mail.person.interface_language):
        said = _("What was decided about your mail was taken back: a moderator looks at it again.")
    mail.status, mail.reason, mail.sentence, mail.decided_by = "held", before["reason"], said, None
    outcomes.tell(mail, mail.person_id, mail.person.email or "")


def _take_post_back(made: Post) -> None:
    if made.status == "withdrawn":
        raise Conflict(_("The author has withdrawn this post meanwhile."))
    if made.status != "visible":
        raise Conflict(_("The post made of it is in the review queue, or was decided about since: decide about that."))
    kinds.set_back(made, "held")


def _known(ruling: Ruling) -> IncomingMail:
    """The mail as it is now, if one decides about it; of the post it became, the discussion is held."""
    session = db.session()
    mail = session.get(IncomingMail, ruling.item.subject_id, populate_existing=True, with_for_update=True)
    if mail is None:
        raise NotFound
    require(ruling.actor, "mail.decide", mail)
    return mail


def _waiting(ruling: Ruling) -> tuple[IncomingMail, Person]:
    mail = _known(ruling)
    if mail.status != "held" or mail.person is None or mail.raw is None:
        raise NotFound
    return mail, mail.person


def _post_of(mail: IncomingMail) -> Post | None:
    """The post a mail became, its discussion held."""
    if mail.post_id is None:
        return None
    hold(db.session(), db.session().get_one(Post, mail.post_id).discussion_id)
    return db.session().get_one(Post, mail.post_id, populate_existing=True)


def _publish_again(mail: IncomingMail) -> None:
    """The post that was taken back is read again, with the text it has by now."""
    made = _post_of(mail)
    if made is not None and made.status == "held":
        holding.publish_held(made)
        items.close("held_post", made.id)


def _published(made: deciding.Decision) -> int:
    try:
        if made.status == "posted":
            with db.session().begin_nested():
                return outcomes.publish(made)
        said = made.sentence
    except AllianceError as error:
        said = str(error)
    raise Conflict(_("The mail cannot be posted any more; refuse it, and its sender is told. The reason: %(why)s", why=said))


def _settle(ruling: Ruling, mail: IncomingMail, person: Person, status: str, reason: str, sentence: str) -> None:
    """Note what became of it, and what it was; its text and the mail itself stay for as long as this can be taken back."""
    ruling.item.data = {**ruling.item.data, "mail": {"reason": mail.reason}}
    mail.status, mail.reason, mail.sentence, mail.decided_by = status, reason, sentence, ruling.actor.person_id
    outcomes.tell(mail, person.id, person.email or "")


def _believed(found: IncomingMail, person: Person) -> deciding.Decision:
    message = incoming_text.parse(found.raw or b"")
    believed = Sender((person.email or "").lower(), person.name, "pass")
    made = deciding.decide(message, addressing.target_of(found.recipient), believed, found.subject, incoming.answers_of(message))
    made.person = person
    return made


@jobs.periodic("33 3 * * *")
def forget() -> None:
    """Drop what was kept of decided mails when nothing can be taken back any more: the mail, and the text of what is a post."""
    with db.transaction() as session:
        session.execute(
            update(IncomingMail)
            .where(IncomingMail.raw.is_not(None), IncomingMail.status != "held", ~_is_fresh())
            .values(raw=None, text=case((IncomingMail.status == "posted", ""), else_=IncomingMail.text))
            .execution_options(synchronize_session=False)
        )


def _is_fresh() -> ColumnElement[bool]:
    """Whether a mail was decided about within a day."""
    lately = (ReviewItem.kind == KIND, ReviewItem.subject_id == IncomingMail.id, ReviewItem.decided_at > clock.now() - items.UNDO)
    return select(ReviewItem.id).where(*lately).exists()
