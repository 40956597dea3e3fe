"""What search reads from the database: posts as documents, posts as results, and answers while there is no index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select
from sqlalchemy.orm import aliased, joinedload

from alliance.accounts.models import Person
from alliance.core import db
from alliance.core.text import plain
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.search.engine import Document
from alliance.search.filters import Filters
from alliance.search.query_language import Query

CHUNK = 500
MOST_WORDS = 8
_Parent = aliased(Space)


def key_of(post_id: int) -> str:
    """The key of a post in the index."""
    return f"p{post_id}"


def post_of(key: str) -> int:
    """The post behind a key of the index."""
    return int(key.removeprefix("p"))


def _document_rows() -> Select[*tuple[Any, ...]]:
    """What of a post is indexed. Hidden and withdrawn ones are not: whoever may read them has other ways to find them."""
    return (
        select(
            Post.id, Post.number, Post.html, Post.language, Post.stakeholder_type, Post.country, Post.created_at,
            Discussion.title, Discussion.language, Space.code, _Parent.code, Person.handle, Person.name,
        )
        .join(Discussion, Discussion.id == Post.discussion_id)
        .join(Space, Space.id == Post.space_id)
        .outerjoin(_Parent, _Parent.id == Space.parent_id)
        .join(Person, Person.id == Post.author_id)
        .where(Post.status == "visible", Discussion.status == "visible")
    )  # fmt: skip


def _document(row: Any) -> Document:
    post_id, number, html, language, kind, country, created_at, title, title_language, space, parent, handle, name = row
    return Document(
        key=key_of(post_id),
        body=plain(html),
        title=title if number == 1 else "",
        about="" if number == 1 else title,
        language=language or title_language,
        spaces=(space, parent) if parent else (space,),
        author=(handle, name),
        stakeholder_type=kind,
        country=country,
        created_at=created_at,
    )


def documents(post_ids: Iterable[int]) -> Iterator[Document]:
    """These posts as documents, without those that are not to be found."""
    wanted = sorted(set(post_ids))
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        for row in db.session().execute(_document_rows().where(Post.id.in_(part))):
            yield _document(row)


def all_documents() -> Iterator[Document]:
    """Every post that can be found, in chunks that end the reading transaction between them."""
    last = 0
    while True:
        rows = db.session().execute(_document_rows().where(Post.id > last).order_by(Post.id).limit(CHUNK)).all()
        db.release()
        yield from (_document(row) for row in rows)
        if len(rows) < CHUNK:
            return
        last = rows[-1][0]


def count() -> int:
    """How many posts can be found."""
    rows = select(func.count(Post.id)).join(Discussion, Discussion.id == Post.discussion_id)
    return db.session().scalar(rows.where(Post.status == "visible", Discussion.status == "visible")) or 0


def posts_of_discussion(discussion_id: int) -> list[int]:
    """The posts of a discussion."""
    return list(db.session().scalars(select(Post.id).where(Post.discussion_id == discussion_id)))


def posts_of_person(person_id: int) -> list[int]:
    """The posts of a person."""
    return list(db.session().scalars(select(Post.id).where(Post.author_id == person_id)))


def readable(actor: Actor, post_ids: Sequence[int]) -> dict[int, Post]:
    """Those of these posts the actor may read now, with all that a result shows, by id."""
    query = _results(actor).where(Post.id.in_(post_ids))
    return {post.id: post for post in db.session().scalars(query)}


def _results(actor: Actor) -> Select[Post]:
    shown = (
        joinedload(Post.discussion),
        joinedload(Post.author),
        joinedload(Post.space),
        joinedload(Post.organization),
        joinedload(Post.affiliation),
    )
    return select(Post).where(visible(actor, Post)).options(*shown)


def newest(actor: Actor, query: Query, after: tuple[float, int] | None, limit: int) -> list[Post]:
    """Posts in which a word of the query stands as written, newest first: the answer while there is no index."""
    rows = _results(actor).join(Discussion, Discussion.id == Post.discussion_id).where(*_matching(query))
    if after is not None:
        moment = datetime.fromtimestamp(after[0], UTC)
        rows = rows.where(or_(Post.created_at < moment, and_(Post.created_at == moment, Post.id < after[1])))
    return list(db.session().scalars(rows.order_by(Post.created_at.desc(), Post.id.desc()).limit(limit)))


def _matching(query: Query) -> list[ColumnElement[bool]]:
    parts = [_contains(phrase) for phrase in query.phrases[:MOST_WORDS]]
    words = [word.accented for word in query.words][:MOST_WORDS] + list(query.prefixes)[:MOST_WORDS]
    if words and not parts:
        parts.append(or_(*(_contains(word) for word in words)))
    parts.extend(not_(_contains(word.accented)) for word in query.excluded_words[:MOST_WORDS])
    parts.extend(not_(_contains(phrase)) for phrase in query.excluded_phrases[:MOST_WORDS])
    parts.extend(clause for filters in (query.filters, query.form) for clause in _narrowed(filters))
    if query.excluded:
        parts.append(not_(or_(*_narrowed(query.excluded))))
    return parts


def _contains(text: str) -> ColumnElement[bool]:
    return or_(Post.body.icontains(text, autoescape=True), and_(Post.number == 1, Discussion.title.icontains(text, autoescape=True)))


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if filters.spaces:
        named = select(Space.id).where(Space.code.in_(filters.spaces))
        parts.append(Post.space_id.in_(select(Space.id).where(or_(Space.id.in_(named), Space.parent_id.in_(named)))))
    if filters.authors:
        names = [or_(Person.handle == name, Person.name.icontains(name, autoescape=True)) for name in filters.authors]
        parts.append(Post.author_id.in_(select(Person.id).where(or_(*names))))
    columns = ((Post.stakeholder_type, filters.stakeholder_types), (Post.language, filters.languages), (Post.country, filters.countries))
    parts.extend(column.in_(values) for column, values in columns if values)
    if filters.since:
        parts.append(Post.created_at >= filters.since)
    if filters.until:
        parts.append(Post.created_at < filters.until)
    return parts
