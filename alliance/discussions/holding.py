"""Posts and edits that wait for a moderator before anybody reads them. Who decides that something waits is a room above.

A post that waits has the status `held`: it has its number and its place, is counted nowhere and readable to its author only
(and in the review queue). What an established person writes costs nothing here unless the room above has rules that ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from alliance.accounts.models import Person
from alliance.attachments import services as attachments
from alliance.core import clock, db, outbox
from alliance.core.errors import Conflict
from alliance.core.i18n import gettext as _
from alliance.discussions import checks, masks, retracting
from alliance.discussions.counters import hold, set_status
from alliance.discussions.models import Discussion, Post, PostRevision
from alliance.events import PostEdited, PostPublished
from alliance.policy import Actor, require


@dataclass(frozen=True, slots=True)
class Written:
    """What is about to be published: by whom, where, and with which words (`post`: it is an edit of this one)."""

    author: Person
    space_id: int
    discussion_id: int | None
    title: str
    body: str
    language: str | None
    post: Post | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody is to look at a post: before it is read (`waits`), or soon after. `rule` says in words what brought it there."""

    kind: str
    rule: str
    waits: bool = True


class Desk(Protocol):
    """The room above."""

    def judge(self, actor: Actor, written: Written) -> Hold | None:
        """Whether somebody is to look at it."""

    def take(self, post: Post, hold: Hold) -> None:
        """In the same transaction: a post is to be looked at."""

    def take_edit(self, post: Post, written: Written, hold: Hold) -> None:
        """In the same transaction: a new text of a post waits; the one that is there stays until it is decided."""


_desk: list[Desk] = []


def with_desk(desk: Desk) -> Desk:
    """Declare who decides."""
    _desk[:] = [desk]
    return desk


def judged(actor: Actor, written: Written) -> Hold | None:
    """Whether somebody is to look at what is written; never at what the system brings in."""
    return None if actor.is_system or not _desk else _desk[0].judge(actor, written)


def settle(post: Post, held: Hold | None, published: PostPublished) -> None:
    """Inside the transaction that wrote a post: publish it, or have it wait."""
    if held is None or not held.waits:
        outbox.publish(published)
    else:
        db.session().flush()
        set_status(post, "held")
    if held is not None:
        _desk[0].take(post, held)


def keep_edit(post: Post, written: Written, held: Hold) -> None:
    """Inside the transaction of an edit: the new text waits."""
    _desk[0].take_edit(post, written, held)


def publish_held(post: Post) -> None:
    """Inside a transaction: a post that waited is read from now on."""
    if set_status(post, "visible"):
        outbox.publish(PostPublished(post.id, post.discussion_id, post.space_id))


def replace_text(post: Post, body: str, language: str | None, editor_id: int | None, *, suppressed: bool = False) -> None:
    """Inside a transaction that holds the discussion: a new text, whoever wrote it. `suppressed`: nobody is to read the old one again."""
    session = db.session()
    now = clock.now()
    if body != post.body and (post.status == "visible" or suppressed):
        replaced = select(PostRevision.replaced_at).where(PostRevision.post_id == post.id, PostRevision.number == post.revision - 1)
        session.add(
            PostRevision(
                post_id=post.id, number=post.revision, body=post.body, written_at=session.scalar(replaced) or post.created_at, replaced_at=now,
                editor_id=masks.editor(post, editor_id), suppressed=suppressed,
            )
        )  # fmt: skip
        post.revision += 1
        post.edited_at = now
    attachments.claim_again(post.writer_id, post.id, body)
    made = retracting.rendered(post.id, body, language)
    post.body, post.html, post.renderer_version, post.language = body, made.html, made.version, language
    post.version += 1
    hold(session, post.discussion_id).version += 1
    if post.status == "visible":
        outbox.publish(PostEdited(post.id, post.discussion_id, post.space_id))


def rewrite(actor: Actor, post: Post, body: str, language: str | None = None) -> Post:
    """Inside a transaction: the author writes a post anew that nobody can read at present.

    Raises:
        Refused, Invalid, Conflict: nothing is changed.
    """
    checks.check_body(body)
    session = db.session()
    hold(session, post.discussion_id)
    held = session.get_one(Post, post.id, populate_existing=True)
    require(actor, "post.rewrite", held)
    if held.status not in {"held", "hidden"}:
        raise Conflict(_("This post can be read by everybody (again): edit it where it stands."))
    replace_text(held, body, checks.spoken_language(language or held.language, body), actor.person_id, suppressed=held.status == "hidden")
    return held


def edited_by_moderator(actor: Actor, post: Post, body: str, *, suppressed: bool) -> None:
    """Inside a transaction: somebody else than the author changes a text; the history says who, unless nobody is to read the old one."""
    checks.check_body(body)
    session = db.session()
    hold(session, post.discussion_id)
    held = session.get_one(Post, post.id, populate_existing=True)
    replace_text(held, body, checks.spoken_language(held.language, body), actor.person_id, suppressed=suppressed)


def opening_of(discussion: Discussion) -> Post:
    """The first post of a discussion, whether it waits or not."""
    return db.session().scalars(select(Post).where(Post.discussion_id == discussion.id, Post.number == 1)).one()
