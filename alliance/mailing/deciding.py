"""What is to become of a mail a person wrote: to post it, to hold it for a moderator, to obey it, or why it is refused.

Reasons are sentences in the person's language, and say what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message

from alliance.accounts import queries as people
from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import db, settings
from alliance.core.errors import AllianceError, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import queries as discussions
from alliance.discussions.models import Discussion, Post
from alliance.groups import queries as groups
from alliance.groups.models import Space
from alliance.mailing import commands, incoming_text, parts, queries
from alliance.mailing.addressing import Target, post_of_mail
from alliance.mailing.archive import Unreadable, bare_subject
from alliance.mailing.senders import Sender
from alliance.policy import Actor, require

OWN = {"reply", "review"}  # addresses that are given to one person


@dataclass(slots=True)
class Decision:
    """What to do with a mail.

    Attributes:
        status: posted, held, refused or done (a command).
        reason: a word for the record.
        sentence: for the sender.
        person: who wrote it, as far as that is known.
        text: what they wrote, as Markdown.
        cut: what was left out of it.
        discussion, parent: what it answers.
        space, title: where it opens a discussion.
        command: what it asks for.
        notes: sentences about files that were not taken.
        quiet: the sender is not to be told: somebody may have forged the address.
    """

    status: str
    reason: str = ""
    sentence: str = ""
    person: Person | None = None
    text: str = ""
    cut: str = ""
    discussion: Discussion | None = None
    parent: Post | None = None
    space: Space | None = None
    title: str = ""
    command: str = ""
    notes: list[str] = field(default_factory=list)
    quiet: bool = False

    @property
    def actor(self) -> Actor:
        """Whoever wrote it."""
        return accounts.actor_of(self.person, "mail") if self.person is not None else Actor.guest()


def person_of(target: Target, sender: Sender) -> Person | None:
    """Whose mail it is: of a reply address the person it was given to, else whose address it comes from."""
    person = db.session().get(Person, target.person_id) if target.kind in OWN else None
    person = person or (people.by_email(sender.address) if sender.address else None)
    return person if person is not None and person.claimed and person.email else None


def unreadable(person: Person | None, reason: str) -> Decision:
    """A mail that cannot be taken apart."""
    return Decision(
        "refused", "unreadable", _("Your mail could not be read: %(why)s. Please send it again as plain text.", why=reason), person
    )


def decide(message: Message, target: Target, sender: Sender, subject: str, answers: tuple[str, ...]) -> Decision:
    """What is to become of a mail.

    Args:
        message: all of it.
        target: the address of ours.
        sender: who it says it is from.
        subject: of it.
        answers: the ids of the mails it answers, oldest first.
    """
    made = Decision("posted", person=person_of(target, sender))
    try:
        reply, _left_out = incoming_text.said(message)
    except Unreadable as reason:
        return unreadable(made.person, str(reason))
    made.text, made.cut = reply.text, reply.cut
    try:
        _check(made, target, sender, subject, is_own=reply.is_own)
        if made.status == "posted":
            _aim(made, target, subject, answers)
            _check_sender(made, target, sender)
            _attach(made, message)
    except _Refusal as refusal:
        made.status, made.reason, made.sentence = "refused", refusal.reason, str(refusal)
    except AllianceError as error:
        made.status, made.reason, made.sentence = "refused", "may-not", str(error)
    return made


class _Refusal(Exception):
    """A mail is refused, with a sentence for its sender."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def _check(made: Decision, target: Target, sender: Sender, subject: str, *, is_own: bool) -> None:
    if sender.proof == "fail":
        made.quiet = True
    if made.person is None:
        raise _Refusal(
            "stranger",
            _(
                "There is no account with the address this mail came from. Register on the pages first, or write from the address you registered with."
            ),
        )
    if target.kind == "review":
        made.status, made.command = "done", "decide"
        _check_sender(made, target, sender)
        _check_address(made, target)
        return
    command = commands.command_of(subject, made.text if is_own else "")
    if command or target.kind == "command":
        made.status, made.command = "done", command or "help"
        _check_sender(made, target, sender)
        return
    if not target.kind:
        raise _Refusal(
            "address",
            _(
                "The address you wrote to is not (or no longer) one of ours. Answer the newest mail about the discussion, or write on its page."
            ),
        )
    if not made.text.strip() or not is_own:
        raise _Refusal("empty", _("There was no text of your own in the mail: write above or below what you quote."))


def _check_sender(made: Decision, target: Target, sender: Sender) -> None:
    """Hold or refuse what comes from another address than the person's, or what the border server does not believe."""
    person, rules = made.person, settings.current()
    same = person is not None and sender.address == (person.email or "").lower()
    # A decision says more than a reply does: where a border server tells who wrote, it has to have said so.
    unasked = not rules.mail_border or target.kind == "reply"
    proven = sender.proof == "pass" or (sender.proof == "none" and unasked)
    if same and proven:
        return
    made.quiet = made.quiet or sender.proof == "fail"
    made.reason = "other-address" if not same else "unproven"
    if rules.mail_mismatch == "refuse" or made.command:
        raise _Refusal(
            made.reason,
            _(
                "The mail did not come from the address of your account, or nothing shows that it did. Write from that address, or on the page."
            ),
        )
    made.status = "held"
    made.sentence = _("The mail did not come from the address of your account, or nothing shows that it did. A moderator will look at it.")


def _aim(made: Decision, target: Target, subject: str, answers: tuple[str, ...]) -> None:
    """Find what is answered, or where a discussion is to be opened, and whether this person may."""
    actor = made.actor
    try:
        if target.kind == "reply":
            _check_address(made, target)
            made.discussion = discussions.get_discussion(actor, target.number)
            require(actor, "discussion.reply", made.discussion)
            made.parent = _parent(actor, made.discussion, answers)
        else:
            made.space = groups.get_space(actor, target.code)
            require(actor, "discussion.open", made.space)
            made.title = _title(subject, made.text)
    except NotFound:
        gone = _("There is no such discussion (any more), or you may not read it.")
        raise _Refusal(
            "not-found", gone if target.kind == "reply" else _("There is no space with this address, or you may not read it.")
        ) from None


def _check_address(made: Decision, target: Target) -> None:
    if target.is_over:
        raise _Refusal(
            "over",
            _(
                "The address you answered to was good for 90 days, which are over. Answer a newer mail about the discussion, or write on its page."
            )
            if target.kind == "reply"
            else _("The address you answered to was good for two weeks, which are over. Decide in the review queue."),
        )
    if made.person is not None and queries.is_revoked(made.person.id, target.given_at):
        raise _Refusal(
            "revoked", _("You have withdrawn the reply addresses given to you before. Answer a newer mail, or write on the page.")
        )


def _parent(actor: Actor, discussion: Discussion, answers: tuple[str, ...]) -> Post | None:
    """The post whose mail is answered, if it is still there; else the discussion is answered."""
    for one in reversed(answers):
        number = post_of_mail(one)
        if number is not None:
            try:
                post = discussions.get_post(actor, number)
            except NotFound:
                continue
            if post.discussion_id == discussion.id and post.status == "visible":
                return post
    return None


def _title(subject: str, text: str) -> str:
    bare, _answered = bare_subject(subject)
    line = " ".join(bare.split()) or " ".join(text.split()[:10])
    return line if len(line) <= 200 else line[:199].rstrip() + "…"


def _attach(made: Decision, message: Message) -> None:
    if made.status != "posted":
        return
    taken = parts.take(made.actor, message)
    made.notes = taken.refused
    made.text = taken.joined(made.text)
