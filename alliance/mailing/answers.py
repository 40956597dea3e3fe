"""The mail that tells a sender what became of theirs, with the text back where it was not posted."""

from __future__ import annotations

from alliance.accounts.models import Person
from alliance.core import i18n
from alliance.core.i18n import gettext as _
from alliance.core.mail import Draft, message_id
from alliance.mailing import addressing, letters
from alliance.mailing.letters import Letter
from alliance.mailing.models import IncomingMail
from alliance.moderation import places
from alliance.moderation import queries as moderation

MAX_BACK = 20_000


def draft(incoming: IncomingMail, person: Person | None, address: str, key: str) -> Draft | None:
    """The answer to a mail that came in ("answer-number-outcome", and how often before); None when it was decided otherwise since, which is told by its own."""
    if not f"{key}-".startswith(f"answer-{incoming.id}-{incoming.status}-"):
        return None
    with i18n.use_locale(person.interface_language if person is not None else "en"):
        answered = (incoming.key,) if "@" in incoming.key else ()
        return letters.draft_for(
            person.name if person is not None else "",
            (person.email if person is not None else None) or address,
            _letter(incoming),
            message_id(key, addressing.domain()),
            in_reply_to=answered[0] if answered else "",
            references=answered,
            answered=True,
        )


def _letter(incoming: IncomingMail) -> Letter:
    subject = incoming.subject or _("Without a title")
    if incoming.status == "done":
        return Letter(subject if subject.lower().startswith("re:") else f"Re: {subject}", incoming.sentence.split("\n"), *_place(incoming))
    if incoming.status == "posted" and not incoming.sentence:
        said = _("A moderator has let your mail “%(subject)s” through: it is posted.", subject=subject)
        return Letter(_("Posted: %(subject)s", subject=subject), [said], *_place(incoming))
    if incoming.status == "posted":
        first = _("Your mail “%(subject)s” is posted, but not all of its files were taken:", subject=subject)
        return Letter(_("Posted without a file: %(subject)s", subject=subject), [first, incoming.sentence], *_place(incoming))
    if incoming.status == "held":
        first = _("Your mail “%(subject)s” is held: it is not posted yet.", subject=subject)
        return Letter(_("Held: %(subject)s", subject=subject), [first, incoming.sentence, *_how_long(incoming)], *_place(incoming))
    first = _("Your mail “%(subject)s” was not posted.", subject=subject)
    back = incoming.text[:MAX_BACK] if incoming.text.strip() else ""
    return Letter(_("Not posted: %(subject)s", subject=subject), [first, incoming.sentence], *_place(incoming), back=back)


def _how_long(incoming: IncomingMail) -> list[str]:
    """How long deciding takes of late, as far as anything was decided."""
    waits = moderation.open_item("held_mail", incoming.id)
    usual = places.median_wait(places.beside(waits)) if waits is not None else None
    return (
        [_("Deciding takes %(time)s in the middle of the last decisions. You will be told.", time=i18n.format_duration(usual))]
        if usual is not None
        else []
    )


def _place(incoming: IncomingMail) -> tuple[str, str]:
    """Where to go on, and what that is called."""
    if incoming.post_id is not None and incoming.status == "posted":
        return f"{letters.base()}/p/{incoming.post_id}", _("Read it on the page")
    return f"{letters.base()}/settings/mail", _("What became of your mails")
