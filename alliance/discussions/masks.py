"""Whose name stands at a post, decided once: when it is written.

Where authors are shown by their stakeholder type only, each of them has somebody else stand for them: a row of `Person`
("Participant 3") that belongs to one discussion, has no address, organization or country, and is listed nowhere. The post is
that one's; who wrote it is kept beside (`written_by_id`), for their own rights and for what they are told. So every page, feed,
mail, index, export and counter that asks for the author of a post shows who stands for them, without knowing anything of it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from alliance.accounts.models import Person
from alliance.core import clock, db, nameless
from alliance.core.db import Base
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space


class Mask(Base):
    """Somebody is shown in a discussion as this one."""

    __tablename__ = "masks"
    __table_args__ = (UniqueConstraint("discussion_id", "person_id"),)

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    shown_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


def is_masked(discussion: Any) -> bool:
    """Whether what is written in a discussion from now on is attributed to stakeholder types only."""
    return "type" in {discussion.attribution, discussion.space.attribution}


def hides(discussion_id: int) -> bool:
    """The same of a discussion by its number; for who has only that."""
    query = select(Discussion.id).join(Space, Space.id == Discussion.space_id).where(Discussion.id == discussion_id)
    return db.session().scalar(query.where(or_(Discussion.attribution == "type", Space.attribution == "type"))) is not None


def shown_as(discussion: Discussion, writer: Person) -> Person:
    """Inside a transaction that holds a discussion: who stands for somebody there, the same from their first post to their last."""
    session = db.session()
    of_discussion = select(Mask).where(Mask.discussion_id == discussion.id)
    known = session.scalar(of_discussion.where(Mask.person_id == writer.id))
    if known is not None:
        return session.get_one(Person, known.shown_id)
    number = 1 + (session.scalar(select(func.count()).select_from(of_discussion.subquery())) or 0)
    shown = Person(handle=nameless.handle(number, discussion.id), name=nameless.name(number), claimed=False, created_at=clock.now())
    shown.participant = number
    session.add(shown)
    session.flush()
    session.add(Mask(discussion_id=discussion.id, person_id=writer.id, shown_id=shown.id))
    session.flush()
    return shown


def as_shown(post: Post) -> tuple[str | None, int, int | None]:
    """As what, as whom, and by whom a post was written."""
    return post.stakeholder_type, post.author_id, post.written_by_id


def written_by(person_id: int | None, post: Any = Post) -> ColumnElement[bool]:
    """The posts (or discussions) of somebody, named or not: for what is theirs, never to list them to others."""
    return or_(post.author_id == person_id, post.written_by_id == person_id)


def written_by_others(person_id: int | None) -> ColumnElement[bool]:
    """The posts of everybody else. Not the negation of `written_by`: that is unknown wherever authors are named."""
    return and_(Post.author_id != person_id, or_(Post.written_by_id.is_(None), Post.written_by_id != person_id))


def editor(post: Post, person_id: int | None) -> int:
    """Who is noted to have changed a post: its author as whom they are shown, anybody else by name."""
    return post.author_id if person_id in {None, post.writer_id} else int(person_id or 0)


def said(person: Person) -> int:
    """How many posts of somebody can be read, without a name or with it, also where few read them."""
    if person.posts_count:
        return person.posts_count
    uncounted = select(func.count(Post.id)).where(written_by(person.id), Post.status == "visible")
    return int(db.session().scalar(uncounted) or 0)
