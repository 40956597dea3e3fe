"""Forms of writing before they are shown or taken: what is answered and quoted, the draft, and what others said meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import Select, or_, select

from alliance.accounts.models import Person
from alliance.core import clock, db, ids, text
from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import forms, masks, queries, quoting
from alliance.discussions.models import Discussion, Post
from alliance.drafts import keeping
from alliance.drafts.places import Spot, naming
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.web import current_actor, once

MOST_NEWER = 5
SAME_SENDING = timedelta(minutes=10)


def place_of(discussion_id: int, **_more: object) -> str:
    """Where replies in a discussion are written."""
    return f"d:{discussion_id}"


def reply_form(discussion: Any) -> tuple[forms.ReplyForm, Post | None]:
    """For a person signed in, the form of reply as a page begins with it: with the draft, the post to be answered, its quotation."""
    actor = current_actor()
    form, asked = forms.ReplyForm(actor), _asked(discussion)
    keeping.restore(form, place_of(discussion.id))
    form.seen.data = str(discussion.next_number - 1)
    answered = asked or parent_of(form, discussion.id)
    if asked is not None:
        form.parent_id.data = asked.id
        if request.args.get("quote"):
            _quote(form, asked)
    return form, answered


def is_begun() -> bool:
    """Whether the address asks for a form with something in it, for a person signed in."""
    return "reply_to" in request.args and current_actor().is_authenticated


def _asked(discussion: Any) -> Post | None:
    """The post to answer, as the address names it (a made-up one is no error: one answers the discussion)."""
    wanted = ids.given(request.args.get("reply_to"))
    return _readable(wanted, discussion.id) if wanted is not None else None


def _readable(post_id: int, discussion_id: int) -> Post | None:
    try:
        post = queries.get_post(current_actor(), post_id)
    except NotFound:
        return None
    return post if post.discussion_id == discussion_id else None


def parent_of(form: forms.ReplyForm, discussion_id: int) -> Post | None:
    """The post a form of reply answers; one that is gone is answered no more."""
    parent = _readable(form.parent_id.data, discussion_id) if form.parent_id.data else None
    if parent is None:
        form.parent_id.data = form.parent_id.raw_data = None
    return parent


def parent_to_answer(form: forms.ReplyForm, discussion_id: int) -> Post | None:
    """The post a reply that was sent answers.

    Raises:
        Invalid: it is gone; the form then answers the discussion, when it is sent once more.
    """
    wanted = form.parent_id.data
    parent = parent_of(form, discussion_id)
    if wanted and parent is None:
        raise Invalid.field("body", _("The post you answer is not here any more. Publish again to answer the discussion as a whole."))
    return parent


def _quote(form: forms.ReplyForm, post: Post) -> None:
    """Put the whole of a post into the form as a quotation (once, however often the page is asked for)."""
    made = quoting.quotation(post)
    if made.reference in (form.quotes.data or "").split():
        return
    form.body.data = f"{form.body.data.rstrip()}\n\n{made.markdown}" if form.body.data else made.markdown
    form.quotes.data = f"{form.quotes.data or ''} {made.reference}".strip()


def meanwhile(actor: Actor, discussion: Discussion, form: forms.ReplyForm) -> bool:
    """Whether others answered the same post since the page was opened: they are shown once, before one publishes.

    Only a form that says what its page showed is warned; programs do not.
    """
    seen = form.seen.data or ""
    last = ids.given(seen)
    if last is None or last >= discussion.next_number - 1:
        return False
    parent = _readable(form.parent_id.data, discussion.id) if form.parent_id.data else None
    found = newer_posts(actor, discussion.id, last, parent)
    if not found or once.was_used(actor, form.nonce.data or ""):
        return False
    form.newer_posts = [(row, text.excerpt(text.plain(row.html))) for row in found]
    form.seen.data = str(discussion.next_number - 1)
    return True


def said_already(actor: Actor, body: str, discussion_id: int, parent_id: int | None) -> Post | None:
    """The reply that said the very same at the same place minutes ago.

    The back button shows a form with the text in it and a nonce of its own: sent again, it is the same post.
    """
    same = (Post.discussion_id == discussion_id, Post.parent_id == parent_id, Post.number > 1)
    found: Post | None = db.session().scalar(_same(actor, body).where(*same).limit(1))
    return found


def opened_already(actor: Actor, title: str, body: str, space_id: int) -> Post | None:
    """The first post of the discussion that was opened with the very same text minutes ago."""
    same = (Post.space_id == space_id, Post.number == 1, Post.discussion.has(Discussion.title == text.clean_line(title)))
    found: Post | None = db.session().scalar(_same(actor, body).where(*same).limit(1))
    return found


def _same(actor: Actor, body: str) -> Select[Any]:
    since = clock.now() - SAME_SENDING
    query = select(Post).where(
        masks.written_by(actor.person_id), Post.created_at > since, Post.status.in_(("visible", "held")), Post.body == text.storable(body)
    )
    return query.order_by(Post.id)


def newer_posts(actor: Actor, discussion_id: int, seen: int, parent: Post | None) -> Sequence[Any]:
    """What others said after post number `seen` in answer to the same."""
    query = select(Post.id, Post.number, Post.html, Post.language, Person.name).join(Person, Person.id == Post.author_id)
    query = query.where(
        Post.discussion_id == discussion_id, Post.number > seen, masks.written_by_others(actor.person_id), visible(actor, Post)
    )
    same = (
        Post.parent_id == parent.id if parent is not None and parent.number > 1 else or_(Post.parent_id.is_(None), Post.parent_number == 1)
    )
    return db.session().execute(query.where(same).order_by(Post.number.desc()).limit(MOST_NEWER)).all()


@naming("d")
def _replies(actor: Actor, keys: Sequence[str]) -> Mapping[str, Spot]:
    query = select(Discussion.id, Discussion.title, Discussion.language).where(Discussion.id.in_(_ids(keys)), visible(actor, Discussion))
    return {str(row.id): Spot(_("Reply"), row.title, row.language) for row in db.session().execute(query)}


@naming("s")
def _openings(actor: Actor, keys: Sequence[str]) -> Mapping[str, Spot]:
    spaces = db.session().scalars(select(Space).where(Space.code.in_(keys), visible(actor, Space)))
    return {one.code: Spot(_("Open a discussion"), one.code.split("-")[0].upper()) for one in spaces}


@naming("p")
def _edits(actor: Actor, keys: Sequence[str]) -> Mapping[str, Spot]:
    query = select(Post.id, Post.number, Discussion.title, Discussion.language).join(Discussion, Discussion.id == Post.discussion_id)
    rows = db.session().execute(query.where(Post.id.in_(_ids(keys)), visible(actor, Post)))
    return {str(row.id): Spot(_("Edit post #%(number)s", number=row.number), row.title, row.language) for row in rows}


def _ids(keys: Sequence[str]) -> list[int]:
    return [number for key in keys if (number := ids.given(key)) is not None]
