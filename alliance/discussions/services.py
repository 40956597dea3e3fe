"""Saying something: open a discussion, publish, edit and withdraw posts. Every door comes here.

What the next page must show (counters, last post, place in the tree) is written in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from alliance.accounts.models import Person
from alliance.attachments import services as attachments
from alliance.core import clock, db, outbox, rows, text
from alliance.core.errors import Conflict, Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import confiding, holding, linking, masks, pacing, retracting
from alliance.discussions.checks import check_body, check_title, spoken_language
from alliance.discussions.counters import count, hold, next_turn, opened, set_status
from alliance.discussions.models import Discussion, Post, PostRevision
from alliance.discussions.tree import Place, place
from alliance.events import DiscussionOpened, PostEdited, PostPublished, PostWithdrawn
from alliance.groups.models import Space
from alliance.policy import Actor, require
from alliance.stakeholders import queries as stakeholders
from alliance.stakeholders.models import Affiliation

GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, in which capacity, when: frozen with the post.

    `affiliation` None is personal. `imported`: said elsewhere, at another time; nobody is notified.
    """

    author: Person
    affiliation: Affiliation | None
    at: datetime
    imported: bool


class StaleEdit(Conflict):
    """Somebody edited the post since the editor read it; nothing was overwritten."""

    def __init__(self, revision: int, body: str) -> None:
        super().__init__(_("The post was edited meanwhile. Nothing was overwritten: compare both texts, then save again."))
        self.revision = revision
        self.body = body


def open_discussion(
    actor: Actor,
    space: Space,
    title: str,
    body: str,
    *,
    language: str | None = None,
    affiliation_id: int | None = None,
    author: Person | None = None,
    created_at: datetime | None = None,
    imported: bool = False,
) -> Discussion:
    """Open a discussion in a space with its first post.

    Args:
        actor: whoever does it; only the system may name another author, time, or import.
        space: one the actor can see.
        title: one line.
        body: Markdown.
        language: of the text; None has it recognised.
        affiliation_id: the author's affiliation in which this is said; None is personal.
        author: when the system acts.
        created_at: when the system acts.
        imported: it was said elsewhere before.

    Raises:
        Refused, Invalid: nothing is written.
    """
    require(actor, "discussion.open", space)
    line = check_title(title)
    check_body(body)
    spoken = spoken_language(language, f"{line}\n\n{body}")
    space_id, made = space.id, linking.rendered(body, writer_id=_writer(actor, author))
    with db.transaction(brief=True) as session:
        voice = _voice(actor, author, affiliation_id, created_at, imported=imported)
        held = holding.judged(actor, holding.Written(voice.author, space_id, None, line, body, spoken))
        discussion = Discussion(
            space_id=space_id,
            title=line,
            slug=text.slugify(line),
            language=spoken,
            author_id=voice.author.id,
            last_post_at=voice.at,
            created_at=voice.at,
            imported=voice.imported,
            next_number=1,
            posts_count=0,
            version=0,
        )
        session.add(discussion)
        session.flush()
        discussion.confided_at = confiding.since_opened(space_id, voice.at)
        outbox.publish(DiscussionOpened(discussion.id, space_id))
        opening = add(discussion, voice, body, made, spoken, None, held=held)
        discussion.stakeholder_type, discussion.author_id, discussion.written_by_id = masks.as_shown(opening)
        opened(discussion, 1)
        return discussion


def publish_post(
    actor: Actor,
    discussion: Discussion,
    body: str,
    *,
    parent: Post | None = None,
    language: str | None = None,
    affiliation_id: int | None = None,
    author: Person | None = None,
    created_at: datetime | None = None,
    imported: bool = False,
) -> Post:
    """Say something in a discussion, in answer to one of its posts or to the whole (arguments as in `open_discussion`).

    Raises:
        Refused, Invalid, NotFound: nothing is written.
    """
    check_body(body)
    # Before one holds what others wait for.
    spoken = spoken_language(language, body)
    discussion_id, made = discussion.id, linking.rendered(body, writer_id=_writer(actor, author))
    with db.transaction(brief=True) as session:
        held = hold(session, discussion_id)
        require(actor, "discussion.reply", held)
        pacing.check(actor, held)
        if parent is not None and (parent.discussion_id != held.id or (parent.status != "visible" and not actor.is_system)):
            raise Invalid.field("parent_id", _("The post you answer is not (or no longer) in this discussion."))
        voice = _voice(actor, author, affiliation_id, created_at, imported=imported)
        waits = holding.judged(actor, holding.Written(voice.author, held.space_id, held.id, "", body, spoken))
        return add(held, voice, body, made, spoken, parent, held=waits)


def edit_post(actor: Actor, post: Post, body: str, *, expected_revision: int | None, language: str | None = None) -> Post:
    """Change the text of a post; what it said before stays in its history.

    Args:
        actor: its author.
        post: one the actor can see.
        body: the new Markdown.
        expected_revision: the revision the editor read; None replaces whatever is there by now, which its history keeps.
        language: of the new text; None has it recognised again.

    Raises:
        StaleEdit: it is another revision by now.
        Refused, Invalid: nothing is written.
    """
    check_body(body)
    with db.transaction() as session:
        discussion = hold(session, post.discussion_id)
        held = session.get_one(Post, post.id, populate_existing=True)
        require(actor, "post.edit", held)
        if expected_revision not in (None, held.revision):
            raise StaleEdit(held.revision, held.body)
        spoken = spoken_language(language, body)
        if (held.body, held.language) == (body, spoken):
            return held
        written = holding.Written(held.writer, held.space_id, held.discussion_id, "", body, spoken, held)
        waits = holding.judged(actor, written) if held.body != body else None
        if waits is not None and waits.waits:
            holding.keep_edit(held, written, waits)
            return held
        now = clock.now()
        if held.body != body:
            _keep_revision(session, held, actor, now)
            attachments.claim_again(actor.person_id or held.writer_id, held.id, body)
            made = retracting.rendered(held.id, body, spoken)
            held.body, held.html, held.renderer_version = body, made.html, made.version
            held.revision += 1
            if held.edited_at is not None or not _in_grace(discussion, held, actor, now):
                held.edited_at = now
        held.language = spoken
        held.version += 1
        discussion.version += 1
        outbox.publish(PostEdited(held.id, held.discussion_id, held.space_id))
        return held


def withdraw_post(actor: Actor, post: Post) -> None:
    """Take a post back. Its text is shown nowhere any more; its place stays while something visible answers it.

    The title goes with the opening post; a discussion of which nothing visible is left is closed to readers.

    Raises:
        Refused: nothing is changed.
    """
    with db.transaction() as session:
        hold(session, post.discussion_id)
        held = session.get_one(Post, post.id, populate_existing=True)
        require(actor, "post.withdraw", held)
        set_status(held, "withdrawn")
        outbox.publish(PostWithdrawn(held.id, held.discussion_id, held.space_id))


def _voice(actor: Actor, author: Person | None, affiliation_id: int | None, at: datetime | None, *, imported: bool) -> Voice:
    """Who speaks. What only the system may say of others is refused to everybody else by not being reachable."""
    if not actor.is_system and (author is not None or at is not None or imported):
        raise ValueError("only the system speaks for others or at another time")
    speaker = author if author is not None else db.session().get(Person, actor.person_id)
    if speaker is None:
        raise ValueError("somebody has to be the author")
    affiliation = stakeholders.usable_affiliation(speaker.id, affiliation_id) if affiliation_id is not None else None
    if affiliation_id is not None and affiliation is None:
        raise Invalid.field(
            "affiliation_id", _("You cannot speak for this organization: the affiliation is not yours, has ended, or was refused.")
        )
    return Voice(speaker, affiliation, at or clock.now(), imported)


def _writer(actor: Actor, author: Person | None) -> int | None:
    """Whose files that are in no post yet a text may show."""
    return author.id if author is not None else actor.person_id


def add(
    discussion: Discussion,
    voice: Voice,
    body: str,
    made: text.Rendered,
    language: str | None,
    parent: Post | None,
    *,
    held: holding.Hold | None,
) -> Post:
    """Inside a transaction: write a post into a discussion that is held, and all that follows from it."""
    post = _written(discussion, voice, body, made, language, parent)
    discussion.next_number += 1
    discussion.version += 1
    attachments.claim(voice.author.id, post.id, body)
    count(discussion, post, 1, said=held is None or not held.waits)
    if discussion.last_post_id is None or discussion.last_post_at <= post.created_at:
        discussion.last_post_id, discussion.last_post_at = post.id, post.created_at
    holding.settle(post, held, PostPublished(post.id, discussion.id, discussion.space_id, imported=voice.imported))
    return post


def _written(discussion: Discussion, voice: Voice, body: str, made: text.Rendered, language: str | None, parent: Post | None) -> Post:
    """The row of a post, with what it belongs to."""
    # What answers the opening post answers the discussion: it stands at the top level, in the order of arrival.
    below = Place(parent.path, parent.depth) if parent is not None and parent.number > 1 else None
    spot = place(discussion.next_number, below)
    organization, written_by = voice.affiliation.organization if voice.affiliation else None, None
    stakeholder_type = (organization.stakeholder_type if organization else None) or voice.author.stakeholder_type
    shown = masks.shown_as(discussion, voice.author) if masks.is_masked(discussion) else None
    if shown is not None:  # neither organization nor country: they could name somebody
        voice, organization, written_by = replace(voice, author=shown, affiliation=None), None, voice.author
    post = Post(
        discussion_id=discussion.id, space_id=discussion.space_id, number=discussion.next_number, path=spot.path, depth=spot.depth,
        parent_id=parent.id if parent else None, parent_number=parent.number if parent else None,
        body=body, html=made.html, renderer_version=made.version, language=language, status="visible", author_id=voice.author.id,
        affiliation_id=voice.affiliation.id if voice.affiliation else None, organization_id=organization.id if organization else None,
        written_by_id=written_by.id if written_by else None, stakeholder_type=stakeholder_type,
        type_rank=next_turn(discussion, stakeholder_type), country=voice.author.country,
        replies_count=0, revision=1, version=1, imported=voice.imported, created_at=voice.at, edited_at=None,
    )  # fmt: skip
    rows.add(post)
    known = {
        "discussion": discussion,
        "author": voice.author,
        "written_by": written_by,
        "affiliation": voice.affiliation,
        "organization": organization,
    }
    for name, thing in known.items():
        set_committed_value(post, name, thing)
    return post


def _in_grace(discussion: Discussion, post: Post, actor: Actor, now: datetime) -> bool:
    """Whether an edit is a correction of what was only just said, by its author, before anybody answered: it is kept, but not marked."""
    answered = discussion.posts_count > 1 if post.number == 1 else post.replies_count > 0
    return actor.person_id == post.writer_id and now - post.created_at <= GRACE and not answered


def _keep_revision(session: Session, post: Post, actor: Actor, now: datetime) -> None:
    replaced = select(PostRevision.replaced_at).where(PostRevision.post_id == post.id, PostRevision.number == post.revision - 1)
    session.add(
        PostRevision(
            post_id=post.id,
            number=post.revision,
            body=post.body,
            written_at=session.scalar(replaced) or post.created_at,
            replaced_at=now,
            editor_id=masks.editor(post, actor.person_id),
        )
    )
