"""What search reads from the database beside documents: posts as results, and answers while there is no index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import joinedload

from alliance.accounts.models import Person
from alliance.attachments.models import Attachment
from alliance.core import db
from alliance.discussions.models import Discussion, Post
from alliance.discussions.topic_models import DiscussionTopic, Topic
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.search import sources
from alliance.search.filters import ATTACHMENT, KEY, UNANSWERED, Filters
from alliance.search.models import AttachmentText
from alliance.search.query_language import Query
from alliance.stakeholders.models import Affiliation, Organization

MOST_WORDS = 8


def organization_keys(affiliation_id: int) -> set[str]:
    """The key of the organization of an affiliation."""
    found = db.session().scalar(select(Affiliation.organization_id).where(Affiliation.id == affiliation_id))
    return {f"o{found}"} if found else set()


def file_text(attachment_id: int) -> str:
    """The text of an attached document, as far as it was read."""
    return db.session().scalar(select(AttachmentText.text).where(AttachmentText.attachment_id == attachment_id)) or ""


def posts(post_ids: Iterable[int]) -> list[Post]:
    """Posts, whoever may read them."""
    return list(db.session().scalars(select(Post).where(Post.id.in_(list(post_ids))).order_by(Post.id)))


def written_at(post_id: int) -> datetime | None:
    """When a post was written."""
    return db.session().scalar(select(Post.created_at).where(Post.id == post_id))


def newest_post() -> int:
    """The id of the newest post there is."""
    return db.session().scalar(select(func.max(Post.id))) or 0


def codes(space_ids: Sequence[int]) -> dict[int, str]:
    """The codes of spaces."""
    return {row.id: row.code for row in db.session().execute(select(Space.id, Space.code).where(Space.id.in_(space_ids)))}


def results(actor: Actor) -> Select[Post]:
    """Posts the actor may read now, with all that a result shows."""
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
    rows = results(actor).join(Discussion, Discussion.id == Post.discussion_id).where(*_matching(query))
    if after is not None:
        moment = datetime.fromtimestamp(after[0], UTC)
        rows = rows.where(or_(Post.created_at < moment, and_(Post.created_at == moment, Post.id < after[1])))
    return list(db.session().scalars(rows.order_by(Post.created_at.desc(), Post.id.desc()).limit(limit)))


def _matching(query: Query) -> list[ColumnElement[bool]]:
    parts = [_contains(phrase) for phrase in query.phrases[:MOST_WORDS]]
    for group in query.either:
        parts.append(or_(*(_contains(part.word.accented if part.word else part.phrase or part.prefix) for part in group[:MOST_WORDS])))
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
    if filters.topics:
        tagged = (
            select(DiscussionTopic.discussion_id).join(Topic, Topic.id == DiscussionTopic.topic_id).where(Topic.key.in_(filters.topics))
        )
        parts.append(Post.discussion_id.in_(tagged))
    if filters.authors:
        names = [or_(Person.handle == name, Person.name.icontains(name, autoescape=True)) for name in filters.authors]
        parts.append(Post.author_id.in_(select(Person.id).where(or_(*names), Person.participant.is_(None))))
    columns = ((Post.stakeholder_type, filters.stakeholder_types), (Post.language, filters.languages), (Post.country, filters.countries))
    parts.extend(column.in_(values) for column, values in columns if values)
    if filters.organizations:
        called = [
            or_(Organization.slug == name, func.lower(Organization.acronym) == name, Organization.name.icontains(name, autoescape=True))
            for name in filters.organizations
        ]
        parts.append(Post.organization_id.in_(select(Organization.id).where(or_(*called))))
    if filters.kinds:
        kinds = {"discussion": Post.number == 1, "post": Post.number > 1}
        parts.append(or_(false(), *(clause for kind, clause in kinds.items() if kind in filters.kinds)))
    parts.extend(_flagged(filters.flags))
    if filters.since:
        parts.append(Post.created_at >= filters.since)
    if filters.until:
        parts.append(Post.created_at < filters.until)
    return parts


def _flagged(flags: int) -> list[ColumnElement[bool]]:
    clauses = (
        (ATTACHMENT, select(Attachment.id).where(Attachment.post_id == Post.id).exists()),
        (UNANSWERED, and_(Post.number == 1, Discussion.posts_count == 1)),
        (KEY, or_(Post.key_note.is_not(None), Post.id.in_(sources.cited_posts()))),
    )
    return [clause for flag, clause in clauses if flags & flag]
