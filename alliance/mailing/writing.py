"""What each mail says, written when it is sent; rights are checked here, as late as can be."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from alliance.accounts import services as accounts
from alliance.accounts.models import Person
from alliance.accounts.session import actor_of
from alliance.core import db, settings, tokens
from alliance.core.i18n import current_locale, direction
from alliance.core.i18n import gettext as _
from alliance.core.mail import Draft, message_id
from alliance.core.text import plain
from alliance.discussions.models import Post
from alliance.mailing import queries
from alliance.mailing.models import OutgoingMail
from alliance.policy import visible
from alliance.web import pages

REPLIES = "replies"


def discussion_list(discussion_id: int) -> str:
    """The list of the replies in one discussion."""
    return f"discussion:{discussion_id}"


def draft(mail: OutgoingMail) -> Draft | None:
    """The mail of a row in the current language; None when it must not be sent (any more)."""
    person = mail.person
    if person.email is None or person.suspended_at is not None:
        return None
    if mail.kind in {"reply", "mention"}:
        return _about_post(mail, person)
    return _about_account(mail, person)


def _about_account(mail: OutgoingMail, person: Person) -> Draft | None:
    base = settings.current().base_url
    if mail.kind == "confirm":
        if person.confirmed_at is not None:
            return None
        return _written(mail, person, _("Confirm your address"), {"link": accounts.confirmation_link(person)})
    if person.confirmed_at is None:
        return None
    if mail.kind == "reset":
        return _written(mail, person, _("Choose a new password"), {"link": accounts.reset_link(person)})
    return _written(mail, person, _("You have an account already"), {"link": f"{base}/sign-in", "forgotten": f"{base}/forgotten-password"})


def _about_post(mail: OutgoingMail, person: Person) -> Draft | None:
    """News of a post, threaded under its discussion; nothing when it was hidden, withdrawn, or is not wanted."""
    query = select(Post).where(Post.id == mail.post_id, visible(actor_of(person, "mail"), Post))
    post = db.session().scalar(query)
    if post is None or person.confirmed_at is None or queries.unsubscribed(person.id, [REPLIES, discussion_list(post.discussion_id)]):
        return None
    base, domain = settings.current().base_url, settings.current().mail_reply_domain
    token = tokens.sign("unsubscribe", [person.id, discussion_list(post.discussion_id)])
    unsubscribe = f"{base}/unsubscribe/{token}"
    root = message_id(f"d{post.discussion_id}.u{person.id}", domain)
    above = message_id(f"p{post.parent_id}.u{person.id}", domain) if post.parent_id else root
    context = {
        "post": post, "link": f"{base}/p/{post.id}", "unsubscribe": unsubscribe, "settings": f"{base}/settings/notifications",
        "body": plain(post.html), "mentioned": mail.kind == "mention",
    }  # fmt: skip
    return _written(
        mail, person, f"Re: {post.discussion.title}", context, template="reply", message=message_id(f"p{post.id}.u{person.id}", domain),
        in_reply_to=above, references=[root] if above == root else [root, above], list_id=f"{post.space.code}.{domain}",
        archive_url=f"{base}/d/{post.discussion_id}/{post.discussion.slug}", unsubscribe_url=unsubscribe,
    )  # fmt: skip


def _written(
    mail: OutgoingMail, person: Person, subject: str, context: dict[str, Any], template: str = "", message: str = "", **more: Any
) -> Draft:
    given = {"person": person, "subject": subject, "language": current_locale(), "dir": direction(current_locale())} | context
    name = f"mailing/{template or mail.kind}"
    return Draft(
        to=person.email or "",
        to_name=person.name,
        subject=subject,
        text=pages.fragment(f"{name}.txt", **given),
        html=pages.fragment(f"{name}.html", **given),
        message_id=message or message_id(f"m{mail.id}.{mail.kind}", settings.current().mail_reply_domain),
        language=current_locale(),
        **more,
    )
