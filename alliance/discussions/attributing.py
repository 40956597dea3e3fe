"""Choosing whether the authors of a discussion are named, and taking the names from what was said already (never giving them back)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select, update

from alliance.accounts.models import Person
from alliance.core import db, nameless, outbox, stamps
from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _
from alliance.discussions import masks, quoting, recounting, retracting
from alliance.discussions.counters import hold
from alliance.discussions.models import Discussion, Post, PostRevision, Quote
from alliance.events import DiscussionChanged
from alliance.policy import Actor, require

CHOICES = ("named", "type")
PART = 500


def choose(actor: Actor, discussion: Discussion, attribution: str, *, earlier: bool = False) -> None:
    """Have the authors of a discussion named, or shown by their stakeholder type only, from now on.

    Args:
        actor: a chair of the group, or a moderator of an action line.
        discussion: one the actor can see.
        attribution: one of CHOICES. What was written without a name stays so.
        earlier: take the names from what was written before, too.

    Raises:
        Refused, Invalid: nothing is changed.
    """
    if attribution not in CHOICES:
        raise Invalid.field("attribution", _("Choose how authors are shown."))
    with db.transaction() as session:
        held = hold(session, discussion.id)
        require(actor, "discussion.attribute", held)
        held.attribution = attribution
        held.version += 1
        stamps.move()  # what rooms show below posts (the rest of a mail) may name somebody
        if earlier and masks.is_masked(held):
            _conceal(held)
        outbox.publish(DiscussionChanged(held.id, held.space_id))


def _conceal(discussion: Discussion) -> None:
    session = db.session()
    columns = Post.id, Post.author_id, Post.organization_id
    rows = session.execute(select(*columns).where(Post.discussion_id == discussion.id, Post.written_by_id.is_(None))).all()
    people = {author: session.get_one(Person, author) for author in dict.fromkeys(row.author_id for row in rows)}
    shown = {author: masks.shown_as(discussion, person) for author, person in people.items()}
    _forget_names(discussion, rows, people, shown)
    for author, one in shown.items():
        mine = {"written_by_id": author, "affiliation_id": None, "organization_id": None, "country": None}
        show([row.id for row in rows if row.author_id == author], author, one.id, **mine)
    follow_opening(discussion)
    recounting.recount_discussion(discussion.id)
    everybody = sorted({*people, *(one.id for one in shown.values())})
    recounting.recount_people(discussion.space_id, everybody)
    organizations = {row.organization_id for row in rows if row.organization_id is not None}
    recounting.recount_contributions(discussion.space_id, (), sorted(organizations))


def follow(target: Discussion, rows: Sequence[Any]) -> None:
    """Inside a transaction: posts without names went to a discussion, where somebody else stands for their authors.

    So nobody is recognised from one discussion in another.
    """
    session, by_writer = db.session(), defaultdict(list)
    for row in rows:
        if row.written_by_id is not None:
            by_writer[row.written_by_id, row.author_id].append(row.id)
    concerned = set()
    for (writer, before), post_ids in by_writer.items():
        shown = masks.shown_as(target, session.get_one(Person, writer))
        show(post_ids, before, shown.id)
        concerned |= {before, shown.id}
    if concerned:
        follow_opening(target)
        recounting.recount_people(target.space_id, sorted(concerned))


def show(post_ids: Sequence[int], before: int, shown: int, **more: Any) -> None:
    """Let posts, and what their authors changed of them, be somebody else's."""
    session = db.session()
    for ids in _parts(post_ids):
        change = {"author_id": shown, "version": Post.version + 1, **more}
        session.execute(update(Post).where(Post.id.in_(ids)).values(change).execution_options(synchronize_session=False))
        own = (PostRevision.post_id.in_(ids)) & (PostRevision.editor_id == before)
        session.execute(update(PostRevision).where(own).values(editor_id=shown).execution_options(synchronize_session=False))
    session.expire_all()


def follow_opening(discussion: Discussion) -> None:
    """Who opened a discussion is shown as at its opening post."""
    opening = select(Post.author_id, Post.written_by_id).where(Post.discussion_id == discussion.id, Post.number == 1)
    row = db.session().execute(opening).first()
    if row is not None:
        discussion.author_id, discussion.written_by_id = row.author_id, row.written_by_id
        db.session().flush()
        db.session().expire(discussion, ["author", "written_by"])


def _forget_names(discussion: Discussion, rows: Sequence[Any], people: dict[int, Person], shown: dict[int, Person]) -> None:
    """Take names out of what the platform wrote above quotations of these posts, wherever they were quoted."""
    session = db.session()
    author = {row.id: row.author_id for row in rows}
    for ids in _parts(list(author)):
        for quoting_id, quoted_id in session.execute(
            select(Quote.post_id, Quote.quoted_post_id).where(Quote.quoted_post_id.in_(ids))
        ).all():
            whose = author[quoted_id]
            _rename(quoting_id, quoted_id, quoting.escaped(people[whose].name), quoting.escaped(nameless.called(shown[whose].name)))


def _rename(post_id: int, quoted_id: int, name: str, other: str) -> None:
    session = db.session()
    post = session.get_one(Post, post_id)
    said, instead = f"](/p/{quoted_id}) {name}:", f"](/p/{quoted_id}) {other}:"
    for revision in session.scalars(select(PostRevision).where(PostRevision.post_id == post_id)):
        revision.body = revision.body.replace(said, instead)
    if said in post.body:
        post.body = post.body.replace(said, instead)
        session.flush()
        post.html = retracting.rendered(post.id, post.body, post.language).html
        post.version += 1
    session.flush()


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + PART] for start in range(0, len(ids), PART))
