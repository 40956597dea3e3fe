"""The mail to an author about what moderators did with a post: which rule, why, the whole text back, and what can be done about it.

Each decision has its own; what no longer holds when it is sent is not sent, as what holds has a mail of its own.
"""

from __future__ import annotations

from sqlalchemy import select

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import db, i18n
from alliance.core.errors import NotFound
from alliance.core.i18n import gettext as _
from alliance.core.i18n import isolated
from alliance.core.i18n import lazy_gettext as _l
from alliance.core.mail import Draft, message_id
from alliance.discussions.models import Post
from alliance.mailing import addressing
from alliance.mailing.letters import Letter, base, draft_for
from alliance.moderation import appeals, own, reasons
from alliance.moderation.models import LogEntry
from alliance.policy import Actor, visible
from alliance.watching import queries as watching

MAX_BACK = 20_000
# What is said of a post that is not read at present, and of one that is.
KEPT = {
    "hidden": _l("Moderators have hidden your post #%(number)s: read why, and what you can do."),
    "refused": _l("Your post #%(number)s is not published: read why, and what you can do."),
    "rephrase": _l("Moderators ask you to rephrase your post #%(number)s."),
    "reopened": _l("What was decided about your post #%(number)s was taken back: it waits for a moderator again."),
    "appeal_reopened": _l("The answer to your appeal about post #%(number)s was taken back: the appeal waits again."),
    "appeal_refused": _l("Your appeal about post #%(number)s was refused: read why."),
}
READ = {
    "restored": _l("Moderators have made your post #%(number)s visible again."),
    "approved": _l("Your post #%(number)s is published."),
    "edited": _l("A moderator has changed the text of your post #%(number)s."),
    "edit_refused": _l("The new text of your post #%(number)s is not published; the old one stands."),
}
TOLD = {**KEPT, **READ}
_AS_IT_IS = {"hidden": ("hidden",), "refused": ("hidden",), "rephrase": ("held",), "reopened": ("held", "hidden")}
_WAITS = ("reopened", "appeal_reopened", "appeal_refused")  # there is nothing more to appeal against at present


def draft(person: Person, key: str, post_id: int) -> Draft | None:
    """The mail ("decision-event-what"), None when it is not wanted, not theirs to know, or holds no more."""
    what = key.split("-", 2)[2]
    if person.confirmed_at is None or person.suspended_at is not None or ("moderation", "mail") not in watching.wanted(person.id):
        return None
    actor = accounts.actor_of(person, "mail")
    with i18n.use_locale(person.interface_language):
        letter = _of_kept(actor, post_id, what) if what in KEPT else _of_read(actor, post_id, what)
        if letter is None:
            return None
        return draft_for(person.name, person.email or "", letter, message_id(f"{key}.{person.id}", addressing.domain()))


def _of_kept(actor: Actor, post_id: int, what: str) -> Letter | None:
    try:
        found = own.standing(actor, post_id)
    except NotFound:
        return None
    post = found.post
    if post.status not in _AS_IT_IS.get(what, (post.status,)) or (what == "reopened" and found.waits is None):
        return None
    why = _answer(post_id) if what == "appeal_refused" else _why(found.last if what in _AS_IT_IS else None)
    return Letter(
        subject=_subject(actor, post),
        paragraphs=[str(TOLD[what]) % {"number": post.number}, *why],
        link=f"{base()}/p/{post.id}/waiting",
        label=_("Read it") if what in _WAITS else _("Edit it and send it again, or appeal"),
        back=post.body[:MAX_BACK],
        settings=_settings(),
    )


def _of_read(actor: Actor, post_id: int, what: str) -> Letter | None:
    post = db.session().scalar(select(Post).where(Post.id == post_id, Post.status == "visible", visible(actor, Post)))
    if post is None:
        return None
    said = [str(TOLD[what]) % {"number": post.number}]
    return Letter(_subject(actor, post), said, f"{base()}/p/{post.id}", _("Read it on the page"), settings=_settings())


def _subject(actor: Actor, post: Post) -> str:
    return _("Your post in “%(title)s”", title=isolated(own.titles(actor, [post])(post.discussion)))


def _answer(post_id: int) -> list[str]:
    """What was answered to an appeal."""
    made = appeals.of_post(post_id)
    return [_("The answer to your appeal: %(answer)s", answer=isolated(made.answer))] if made is not None and made.answer else []


def _why(last: LogEntry | None) -> list[str]:
    """Rule and reason."""
    if last is None:
        return []
    rule = reasons.titles().get(last.reason_code, last.reason_code) if last.reason_code else ""
    said = ": ".join(one for one in (rule, isolated(last.reason) if last.reason else "") if one)
    return [_("The reason: %(reason)s", reason=said)] if said else []


def _settings() -> str:
    return f"{base()}/settings/notifications"
