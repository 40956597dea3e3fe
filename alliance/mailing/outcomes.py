"""Carrying out what was decided about a mail, and telling its sender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alliance.core import clock, db, outbox
from alliance.core.errors import AllianceError, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.events import ReviewAsked
from alliance.mailing import obeying, queries, review_replies, services
from alliance.mailing.deciding import Decision
from alliance.mailing.models import IncomingMail, OutgoingMail

KIND = "held_mail"  # in the review queue
ANSWERS_PER_DAY = 20
HELD_PER_DAY = 3  # of them, that a mail is held: whoever forges many is no nuisance to who they say they are
STRANGERS_PER_DAY = 2
STRANGERS_PER_HOUR = 100
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail.

    Attributes:
        id: of its record.
        status: posted, held, refused, done, ignored.
        reason: a word for the record.
        sentence: what the sender is told.
        post_id: what it became.
        repeated: it was there before; nothing was done.
    """

    id: int
    status: str
    reason: str = ""
    sentence: str = ""
    post_id: int | None = None
    repeated: bool = False


def again(row: IncomingMail) -> Outcome:
    """The outcome a mail had when it came the first time."""
    return Outcome(row.id, row.status, row.reason, row.sentence, row.post_id, repeated=True)


def carry_out(row: IncomingMail, made: Decision, raw: bytes) -> Outcome:
    """Inside a transaction: write the record, the post if it is one, and the answer if one is due."""
    session = db.session()
    session.add(row)
    session.flush()  # the unique key first: what was handed in twice ends here
    if made.status == "posted":
        _post(row, made)
    elif made.status == "done":
        made.sentence = (
            review_replies.obey(made.actor, made.text, row.recipient)
            if made.command == "decide"
            else obeying.obey(made.person, made.command, row.recipient)
        )
    row.status, row.reason, row.sentence = made.status, made.reason, made.sentence
    row.person_id = made.person.id if made.person is not None else None
    row.cut = made.cut[:MAX_TEXT]
    row.text = made.text[:MAX_TEXT] if made.status != "posted" else ""
    row.raw = raw if made.status == "held" else None
    row.discussion_id = made.discussion.id if made.discussion is not None else None
    row.space_id = made.space.id if made.space is not None else made.discussion.space_id if made.discussion is not None else None
    if made.status == "held":
        outbox.publish(ReviewAsked(KIND, row.id, row.person_id, row.space_id, meant_for_id=row.discussion_id))
    _answer(row, made)
    return Outcome(row.id, row.status, row.reason, row.sentence, row.post_id)


def _post(row: IncomingMail, made: Decision) -> None:
    """Publish it as a page would; what is refused there is refused here."""
    try:
        with db.session().begin_nested():
            row.post_id = publish(made)
    except NotFound:
        made.status, made.reason, made.sentence = (
            "refused",
            "not-found",
            _("There is no such discussion (any more), or you may not read it."),
        )
    except AllianceError as error:
        made.status, made.reason, made.sentence = "refused", "may-not", str(error)
    else:
        made.sentence = " ".join(made.notes)


def publish(made: Decision) -> int:
    """Inside a transaction: publish a mail as a page would; the post it became.

    Raises:
        AllianceError: what a page would say.
    """
    if made.discussion is not None:
        return discussions.publish_post(made.actor, made.discussion, made.text, parent=made.parent).id
    if made.space is None:
        raise NotFound
    opened = discussions.open_discussion(made.actor, made.space, made.title, made.text)
    return queries.opening_post_id(opened.id)


def _answer(row: IncomingMail, made: Decision) -> None:
    """Note a mail to the sender: of all that is not simply posted; once, and never so many that they would be a nuisance."""
    if (row.status == "posted" and not made.notes) or made.quiet:
        return
    address = (made.person.email if made.person is not None else row.sender) or ""
    if made.person is not None and row.reason in {"other-address", "unproven"} and row.sender != address:
        address = made.person.email or ""  # the account's own address hears of it, not the stranger's
    if address and _may_answer(address, row.status, known=made.person is not None):
        tell(row, made.person.id if made.person is not None else None, address)


def tell(row: IncomingMail, person_id: int | None, address: str) -> None:
    """Inside a transaction: note the mail that says what became of a mail; what is decided anew is told anew."""
    now = clock.now()
    told = queries.answers_to(row.id)
    db.session().add(
        OutgoingMail(
            person_id=person_id, address=address[:320], key=f"answer-{row.id}-{row.status}{f'-{told}' if told else ''}", kind="answer",
            incoming_id=row.id, status="waiting", next_at=now, created_at=now,
        )
    )  # fmt: skip
    row.answered_at = now


def _may_answer(address: str, status: str, *, known: bool) -> bool:
    day = clock.now() - timedelta(days=1)
    if status == "held" and queries.answers_since(address, day, "held") >= HELD_PER_DAY:
        return False
    if queries.answers_since(address, day) >= (ANSWERS_PER_DAY if known else STRANGERS_PER_DAY):
        return False
    return known or queries.stranger_answers_since(clock.now() - timedelta(hours=1)) < STRANGERS_PER_HOUR


def send_answers() -> None:
    """Have the answers sent soon."""
    services.send_soon.enqueue()


def post_of(row: IncomingMail) -> Post | None:
    """What a mail became."""
    return db.session().get(Post, row.post_id) if row.post_id is not None else None
