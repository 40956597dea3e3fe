"""Everything that can be found, read from the database as documents: posts, files, people, organizations, spaces, digests.

Only what is open in itself: hidden and withdrawn posts are in no index, whoever may read them has other ways to find
them. In which space a document lies stands in it, and who asks may read which spaces is asked anew with every query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from alliance.accounts.models import Person
from alliance.attachments.models import Attachment
from alliance.core import db, nameless
from alliance.core.text import detect_language, plain
from alliance.curating.models import Summary
from alliance.digests.models import Citation, Digest, KeyPoint
from alliance.discussions import topics
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Group, Space
from alliance.library.models import LibraryItem
from alliance.policy import Actor, visible
from alliance.search import apart, liking, shelved, summarized
from alliance.search.engine import ATTACHMENT, KEY, UNANSWERED, Document
from alliance.search.models import AttachmentText
from alliance.stakeholders.models import Organization

CHUNK = 1000
_Parent = aliased(Space)
Rows = Sequence[Any]


def key_of(post_id: int) -> str:
    """The key of a post in the index."""
    return f"p{post_id}"


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of row that can be found: its id, the statement (id first), and rows as documents."""

    id: Any
    statement: Callable[[], Select[*tuple[Any, ...]]]
    build: Callable[[Rows], list[Document]]


def _posts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Post.id, Post.number, Post.html, Post.language, Post.stakeholder_type, Post.country, Post.created_at,
            Post.discussion_id, Post.space_id, Post.version, Post.key_note, Discussion.title, Discussion.language.label("its_language"),
            Discussion.posts_count, Discussion.confided_at, Space.code, _Parent.code.label("above"), Person.handle, Person.name,
            Organization.name.label("organization"), Organization.acronym, Organization.slug,
        )
        .join(Discussion, Discussion.id == Post.discussion_id)
        .join(Space, Space.id == Post.space_id)
        .outerjoin(_Parent, _Parent.id == Space.parent_id)
        .outerjoin(Organization, Organization.id == Post.organization_id)
        .join(Person, Person.id == Post.author_id)
        .where(Post.status == "visible", Discussion.status == "visible")
    )  # fmt: skip


def _post_documents(rows: Rows) -> list[Document]:
    ids = [row.id for row in rows]
    told = [row.id for row in rows if row.version > 1]  # every signal raises a post's version
    liked = liking.sums(told)
    with_files = set(db.session().scalars(select(Attachment.post_id).where(Attachment.post_id.in_(ids))))
    keys = set(db.session().scalars(cited_posts().where(Citation.post_id.in_(ids))))
    tagged = topics.keys_of({row.discussion_id for row in rows})
    return [
        _post_document(row, liked.get(row.id, 0), row.id in with_files, row.id in keys, tagged.get(row.discussion_id, ())) for row in rows
    ]


def cited_posts() -> Select[int]:
    """The posts that a digest for everybody cites: key contributions, as are those a moderator marked."""
    query = select(Citation.post_id).join(KeyPoint, KeyPoint.id == Citation.point_id).join(Digest, Digest.id == KeyPoint.digest_id)
    return query.where(KeyPoint.used, visible(Actor.guest(), Digest))


def _post_document(row: Any, liked: int, with_files: bool, cited: bool, tagged: Iterable[str]) -> Document:
    opening = row.number == 1
    return Document(
        key=key_of(row.id),
        body=plain(row.html),
        title=row.title if opening else "",
        about="" if opening else row.title,
        language=row.language or row.its_language,
        spaces=(row.code, row.above) if row.above else (row.code,),
        author=nameless.found_by(row.handle, row.name),
        stakeholder_type=row.stakeholder_type,
        country=row.country,
        created_at=row.created_at,
        kind="discussion" if opening else "post",
        space_id=_place(row),
        discussion_id=row.discussion_id,
        organization=_called(row.slug, row.organization, row.acronym),
        support=liked,
        flags=ATTACHMENT * with_files + UNANSWERED * (opening and row.posts_count == 1) + KEY * (cited or row.key_note is not None),
        topics=tuple(sorted(tagged)),
    )


def _place(row: Any) -> int:
    return -row.space_id if row.confided_at is not None else row.space_id  # type: ignore[no-any-return]


def _called(*names: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name)


def _files() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Attachment.id, Attachment.name, Attachment.alternative, Attachment.created_at, AttachmentText.text, Post.language, Post.discussion_id, Post.space_id,
            Post.stakeholder_type, Post.country, Discussion.title, Discussion.confided_at, Space.code, _Parent.code.label("above"), Person.handle, Person.name.label("author"),
        )
        .outerjoin(AttachmentText, AttachmentText.attachment_id == Attachment.id)
        .join(Post, Post.id == Attachment.post_id)
        .join(Discussion, Discussion.id == Post.discussion_id)
        .join(Space, Space.id == Post.space_id)
        .outerjoin(_Parent, _Parent.id == Space.parent_id)
        .join(Person, Person.id == Post.author_id)
        .where(Post.status == "visible", Discussion.status == "visible")
    )  # fmt: skip


def _file_documents(rows: Rows) -> list[Document]:
    tagged = topics.keys_of({row.discussion_id for row in rows})
    return [
        Document(
            key=f"a{row.id}",
            title=row.name,
            body="\n".join(_called(row.alternative, row.text)),
            about=row.title,
            language=detect_language(row.text[:2000]) if row.text else row.language,
            spaces=(row.code, row.above) if row.above else (row.code,),
            author=nameless.found_by(row.handle, row.author),
            stakeholder_type=row.stakeholder_type,
            country=row.country,
            created_at=row.created_at,
            kind="document",
            space_id=_place(row),
            discussion_id=row.discussion_id,
            flags=ATTACHMENT,
            topics=tuple(sorted(tagged.get(row.discussion_id, []))),
        )
        for row in rows
    ]


def _people() -> Select[Person]:
    return select(Person).where(visible(Actor.guest(), Person), Person.suspended_at.is_(None))


def _person_documents(rows: Rows) -> list[Document]:
    return [
        Document(
            key=f"u{one.id}",
            title=one.name,
            body=f"{one.handle}\n{one.bio}",
            author=(one.handle, one.name),
            stakeholder_type=one.stakeholder_type,
            country=one.country,
            created_at=one.created_at,
            kind="person",
        )
        for (one,) in rows
    ]


def _organizations() -> Select[Organization]:
    return select(Organization).where(visible(Actor.guest(), Organization))


def _organization_documents(rows: Rows) -> list[Document]:
    return [
        Document(
            key=f"o{one.id}",
            title=one.name,
            body=" ".join(_called(one.acronym, one.website)),
            stakeholder_type=one.stakeholder_type,
            country=one.country,
            created_at=one.created_at,
            kind="organization",
            organization=_called(one.slug, one.name, one.acronym),
        )
        for (one,) in rows
    ]


def _space_documents(rows: Rows) -> list[Document]:
    return [
        Document(key=f"s{one.id}", title=one.title("en"), body=_texts(one), spaces=(one.code,), kind="group", space_id=one.id)
        for (one,) in rows
    ]


def _groups() -> Select[Group]:
    return select(Group).where(Group.status.in_(("active", "closed"))).options(joinedload(Group.space))


def _group_documents(rows: Rows) -> list[Document]:
    """Of a private group nobody but its members knows; that others exist is public, whoever may read in them."""
    return [
        Document(
            key=f"w{one.id}",
            title=one.space.title("en"),
            body=_texts(one.space),
            spaces=(one.space.code,),
            created_at=one.created_at,
            kind="group",
            space_id=one.space_id if one.space.visibility == "private" else 0,
        )
        for (one,) in rows
    ]


def _texts(space: Space) -> str:
    return "\n".join([space.code, *map(str, space.titles.values()), *map(str, space.descriptions.values())])


def _digests() -> Select[Digest]:
    return select(Digest).where(visible(Actor.guest(), Digest))


def _digest_documents(rows: Rows) -> list[Document]:
    ids = [one.id for (one,) in rows]
    points: dict[int, list[str]] = {}
    query = select(KeyPoint.digest_id, KeyPoint.text).where(KeyPoint.digest_id.in_(ids), KeyPoint.used)
    for digest_id, text in db.session().execute(query.order_by(KeyPoint.digest_id, KeyPoint.position)):
        points.setdefault(digest_id, []).append(text)
    return [
        Document(
            key=f"g{one.id}",
            title=one.symbol,
            body="\n".join(points.get(one.id, [])),
            created_at=datetime.combine(one.period_end, time(), UTC),
            kind="digest",
            space_id=one.space_id or 0,
        )
        for (one,) in rows
    ]


SOURCES: dict[str, Source] = {
    "m": Source(Summary.discussion_id, summarized.statement, summarized.documents),
    "p": Source(Post.id, _posts, _post_documents),
    "a": Source(Attachment.id, _files, _file_documents),
    "d": Source(LibraryItem.id, shelved.statement, shelved.documents),
    "u": Source(Person.id, _people, _person_documents),
    "o": Source(Organization.id, _organizations, _organization_documents),
    "s": Source(Space.id, lambda: select(Space).where(Space.kind != "group"), _space_documents),
    "w": Source(Group.id, _groups, _group_documents),
    "g": Source(Digest.id, _digests, _digest_documents),
}


def documents(keys: Iterable[str]) -> Iterator[Document]:
    """What lies behind these keys as documents, without what is not to be found."""
    by_kind: dict[str, list[int]] = {}
    for key in sorted(set(keys)):
        by_kind.setdefault(key[:1], []).append(int(key[1:]))
    for letter, ids in by_kind.items():
        source = SOURCES[letter]
        for start in range(0, len(ids), CHUNK):
            rows = db.session().execute(source.statement().where(source.id.in_(ids[start : start + CHUNK]))).all()
            yield from apart.noted(source.build(rows))


def all_documents() -> Iterator[Document]:
    """Everything that can be found, in chunks that end the reading transaction between them."""
    for source in SOURCES.values():
        last = 0
        while True:
            rows = db.session().execute(source.statement().where(source.id > last).order_by(source.id).limit(CHUNK)).all()
            last = _id(rows[-1]) if rows else last
            found = apart.noted(source.build(rows))
            db.release()
            yield from found
            if len(rows) < CHUNK:
                break


def _id(row: Any) -> int:
    return int(row[0] if isinstance(row[0], int) else row[0].id)


def count() -> int:
    """How many documents there are."""
    return sum(
        db.session().scalar(select(func.count()).select_from(one.statement().order_by(None).subquery())) or 0 for one in SOURCES.values()
    )
