"""What a mail that was noted says when it is sent, or that by now nothing is to be sent: rights and wishes are asked at this moment."""

from __future__ import annotations

from sqlalchemy import select

from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import db, mail
from alliance.discussions.models import Post
from alliance.mailing import (
    account_letters,
    answers,
    decision_letters,
    group_letters,
    letters,
    measure_letters,
    queries,
    review_letters,
    roundup,
)
from alliance.mailing.models import IncomingMail, OutgoingMail
from alliance.policy import visible
from alliance.watching import queries as watching


def draft_of(row: OutgoingMail) -> mail.Draft | None:
    """What to send, None when nothing is to be sent."""
    if queries.is_suppressed(row.address or (row.person.email if row.person is not None else "") or ""):
        return None
    if row.kind == "answer":
        incoming = db.session().get(IncomingMail, row.incoming_id or 0)
        return answers.draft(incoming, row.person, row.address, row.key) if incoming is not None else None
    person = row.person
    if row.kind in group_letters.LETTERS:
        return group_letters.draft(row.kind, row.key, person)
    return _to_person(row, person) if person is not None and person.email and person.claimed else None


def _to_person(row: OutgoingMail, person: Person) -> mail.Draft | None:
    if row.kind == "weekly":
        return _roundup(person, row)
    if row.kind in letters.POST_KINDS:
        post = _post_for(person, row.kind, row.post_id)
        return letters.post_draft(person, row.kind, post) if post is not None else None
    if row.kind == "moderation":
        return decision_letters.draft(person, row.key, row.post_id or 0)
    if row.kind in {"review", "measure"}:
        return review_letters.draft(person, row.key) if row.kind == "review" else measure_letters.draft(person, row.key)
    # A confirmed address needs no confirmation, one never confirmed no new password.
    if (row.kind == "confirm") == (person.confirmed_at is not None):
        return None
    return account_letters.draft(person, row.kind, row.key)


def _roundup(person: Person, row: OutgoingMail) -> mail.Draft | None:
    """The e-mail about everything, if it is still wanted."""
    mine = queries.choice(person.id)
    unwanted = mine is not None and (mine.rhythm == "never" or mine.stopped_at is not None)
    if person.confirmed_at is None or person.suspended_at is not None or unwanted:
        return None
    return roundup.draft(person, row.key, row.created_at)


def _post_for(person: Person, kind: str, post_id: int | None) -> Post | None:
    """The post, if this person may be written to about it now, and wants to be."""
    if person.confirmed_at is None or person.suspended_at is not None:
        return None
    actor = accounts.actor_of(person, "mail")
    post = db.session().scalar(select(Post).where(Post.id == post_id, Post.status == "visible", visible(actor, Post)))
    if post is None or queries.unsubscribed(person.id, [f"discussion:{post.discussion_id}", f"space:{post.space_id}"]):
        return None
    level = watching.levels([person.id], post.discussion)[person.id]
    if kind == "list":
        return post if level != "mute" and queries.gets_list(person.id, post.space_id) else None
    if (kind, "mail") not in watching.wanted(person.id):
        return None
    return post if level == "watch" or (kind != "watched" and level != "mute") else None
