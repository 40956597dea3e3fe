"""The API of discussions and posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import Row

from alliance.core import nameless, outbox
from alliance.core.errors import NotFound
from alliance.discussions import knowing, listing, orders, queries, retracting, services, topics
from alliance.discussions.checks import MAX_TITLE
from alliance.discussions.models import Discussion, Post
from alliance.groups import queries as groups
from alliance.groups.models import Space
from alliance.web import api, current_actor

Language = Literal["ar", "zh", "en", "fr", "ru", "es"]
StakeholderType = Literal["government", "private_sector", "civil_society", "international_organization", "academia_technical", "media"]
Reactions = Mapping[str, Mapping[str | None, int]]
Reacting = Callable[[Sequence[Row[Any]]], Mapping[int, Reactions]]
_reacting: list[Reacting] = []


def reactions(function: Reacting) -> Reacting:
    """Decorator: `function(posts) -> {post id: {kind: {stakeholder type: number}}}`, by a room above; asked once for all posts of an answer."""
    _reacting[:] = [function]
    return function


class AuthorOut(api.Out):
    """Who speaks, in which capacity."""

    handle: str
    name: str
    organization: str | None
    stakeholder_type: str | None
    verified: bool


class PostOut(api.Out):
    """A post. `cursor` is the event log's at the time of the answer; `key_note` (perhaps empty) says why it is a key contribution."""

    id: int
    discussion_id: int
    parent_id: int | None
    number: int
    author: AuthorOut
    body: str
    html: str
    language: str | None
    created_at: datetime
    edited_at: datetime | None
    status: str
    revision: int
    key_note: str | None = None
    reactions: dict[str, int]
    reactions_by_type: dict[str, dict[str, int]]
    cursor: int


class DiscussionOut(api.Out):
    """A discussion. `attribution`: authors are named, shown by stakeholder `type` only, or it is `closed` with a public summary; to whom it
    is closed, it has no author and no posts, and its last post is of the moment it was opened.
    """

    id: int
    space: str
    title: str
    slug: str
    language: str | None
    author: str
    posts_count: int
    locked: bool
    status: str
    created_at: datetime
    last_post_at: datetime
    closes_at: datetime | None = None
    slow_minutes: int = 0
    pinned: bool = False
    answer_id: int | None = None
    topics: list[str] = Field(default=[])
    attribution: str = "named"


class RevisionOut(api.Out):
    """What a post said before."""

    number: int
    body: str
    written_at: datetime
    replaced_at: datetime


class NewDiscussion(api.Schema):
    """A discussion to open."""

    space: str = Field(max_length=60)
    title: str = Field(max_length=MAX_TITLE * 2)
    body: str
    language: Language | None = None
    affiliation_id: int | None = Field(default=None, ge=0, lt=2**31, strict=True)
    topics: list[str] = Field(default=[], max_length=topics.MOST * 4)


class NewPost(api.Schema):
    """A post to publish."""

    body: str
    parent_id: int | None = Field(default=None, ge=0, lt=2**31, strict=True)
    language: Language | None = None
    affiliation_id: int | None = Field(default=None, ge=0, lt=2**31, strict=True)


class ChangedPost(api.Schema):
    """A new text, and the revision it was made from: without it, whatever is there by now is replaced (its history keeps it)."""

    body: str
    revision: int | None = Field(default=None, ge=1, lt=2**31, strict=True)
    language: Language | None = None


class DiscussionsQuery(api.ListQuery):
    """Which discussions first, and only those of a language, or opened by a stakeholder type, or of a topic (by its key; an unknown one is 404)."""

    sort: listing.Sort = "active"
    language: Language | None = None
    stakeholder_type: StakeholderType | None = None
    topic: str | None = Field(default=None, max_length=40)


@api.get("/spaces/<code>/discussions", query=DiscussionsQuery, returns=api.Page[DiscussionOut])
def discussions(code: str, query: DiscussionsQuery) -> api.Page[DiscussionOut]:
    """The discussions of a space."""
    space = groups.get_space(current_actor(), code)
    return _list(space, query)


@api.get("/discussions", query=DiscussionsQuery, returns=api.Page[DiscussionOut])
def all_discussions(query: DiscussionsQuery) -> api.Page[DiscussionOut]:
    """The discussions of all spaces."""
    return _list(None, query)


def _list(space: Space | None, query: DiscussionsQuery) -> api.Page[DiscussionOut]:
    topic = topics.by_key(query.topic)
    if query.topic and topic is None:
        raise NotFound
    wanted = listing.Wanted(query.sort, query.language, query.stakeholder_type, topic=topic)
    rows, following = listing.discussions(current_actor(), space, wanted, query.after, query.limit)
    tagged = topics.keys_of([row.id for row in rows])
    return api.Page[DiscussionOut](items=[_listed(row, tagged.get(row.id, [])) for row in rows], next=following)


def _listed(row: Row[Any], tagged: list[str]) -> DiscussionOut:
    return DiscussionOut(
        id=row.id, space=row.space_code, title=row.title, slug=row.slug, language=row.language, author=row.author_handle,
        posts_count=row.posts_count, pinned=row.pinned_at is not None, answer_id=row.answer_id, locked=row.locked_at is not None, status=row.status, created_at=row.created_at, last_post_at=row.last_post_at,
        topics=tagged, attribution=_attribution(row, row.space_attribution),
    )  # fmt: skip


@api.post("/discussions", body=NewDiscussion, returns=DiscussionOut)
def open_discussion(body: NewDiscussion) -> DiscussionOut:
    """Open a discussion."""
    space = groups.get_space(current_actor(), body.space)
    made = topics.open_discussion(
        current_actor(), space, body.title, body.body, topics=body.topics, language=body.language, affiliation_id=body.affiliation_id
    )
    return _out(made)


@api.get("/discussions/<int:discussion_id>", returns=DiscussionOut)
def get_discussion(discussion_id: int) -> DiscussionOut:
    """A discussion."""
    found, whole = knowing.get_summarized(current_actor(), discussion_id)
    return _out(found) if whole else closed_out(found)


def closed_out(found: Discussion) -> DiscussionOut:
    """A discussion as it is told to whom it is closed."""
    return DiscussionOut(
        id=found.id, space=found.space.code, title=found.title, slug=found.slug, language=found.language, author="", posts_count=0, locked=False,
        status=found.status, created_at=found.created_at, last_post_at=found.created_at, attribution="closed",
    )  # fmt: skip


def _attribution(found: Any, of_space: str) -> str:
    return "closed" if found.confided_at is not None else "type" if "type" in {found.attribution, of_space} else "named"


def _out(found: Discussion) -> DiscussionOut:
    return DiscussionOut(
        id=found.id, space=found.space.code, title=found.title or found.withheld_title or "", slug=found.slug, language=found.language, author=nameless.handle_out(found.author.handle),
        posts_count=found.posts_count, closes_at=found.closes_at, slow_minutes=found.slow_minutes, pinned=found.pinned_at is not None,
        answer_id=found.answer_id, locked=found.is_closed, status=found.status, created_at=found.created_at, last_post_at=found.last_post_at,
        topics=topics.keys_of([found.id]).get(found.id, []), attribution=_attribution(found, found.space.attribution),
    )  # fmt: skip


class PostsQuery(api.ListQuery):
    """In which order: of the tree, of arrival, or the stakeholder types taking turns."""

    order: orders.Order = "tree"


@api.get("/discussions/<int:discussion_id>/posts", query=PostsQuery, returns=api.Page[PostOut])
def posts(discussion_id: int, query: PostsQuery) -> api.Page[PostOut]:
    """The posts of a discussion, in the order of its tree or another."""
    queries.get_discussion(current_actor(), discussion_id)
    cursor = outbox.head()
    rows, following = orders.flat_posts(current_actor(), discussion_id, query.order, query.after, query.limit)
    return api.Page[PostOut](items=_posts(rows, cursor), next=following)


@api.post("/discussions/<int:discussion_id>/posts", body=NewPost, returns=PostOut)
def publish(discussion_id: int, body: NewPost) -> PostOut:
    """Say something in a discussion, in answer to one of its posts or to the whole."""
    actor = current_actor()
    found = queries.get_discussion(actor, discussion_id)
    parent = queries.get_post(actor, body.parent_id) if body.parent_id is not None else None
    made = services.publish_post(actor, found, body.body, parent=parent, language=body.language, affiliation_id=body.affiliation_id)
    return _said(made)


@api.get("/posts/<int:post_id>", returns=PostOut)
def get_post(post_id: int) -> PostOut:
    """A post."""
    return _read(post_id)


@api.patch("/posts/<int:post_id>", body=ChangedPost, returns=PostOut)
def edit(post_id: int, body: ChangedPost) -> PostOut:
    """Change one's own post; 409 when it is another revision by now than the one named."""
    post = queries.get_post(current_actor(), post_id)
    services.edit_post(current_actor(), post, body.body, expected_revision=body.revision, language=body.language)
    return _read(post_id)


@api.delete("/posts/<int:post_id>")
def withdraw(post_id: int) -> None:
    """Withdraw one's own post."""
    services.withdraw_post(current_actor(), queries.get_post(current_actor(), post_id))


@api.get("/posts/<int:post_id>/revisions", query=api.ListQuery, returns=api.Page[RevisionOut])
def revisions(post_id: int, query: api.ListQuery) -> api.Page[RevisionOut]:
    """What a post said before, newest first."""
    post = queries.get_post(current_actor(), post_id)
    found = queries.revisions(current_actor(), post, query.limit)
    clean = retracting.cleaner(post_id)
    items = [RevisionOut(number=one.number, body=clean(one.body), written_at=one.written_at, replaced_at=one.replaced_at) for one in found]
    return api.Page[RevisionOut](items=items)


def _read(post_id: int) -> PostOut:
    return _posts([queries.post_out(current_actor(), post_id)], outbox.head())[0]


def _said(post: Post) -> PostOut:
    """A post only just published, told from what was written (nobody has reacted to it, and what it says is there)."""
    speaker, organization = post.author, post.organization
    author = AuthorOut(
        handle=nameless.handle_out(speaker.handle), name=speaker.name, organization=organization.name if organization else None,
        stakeholder_type=post.stakeholder_type, verified=post.affiliation is not None and post.affiliation.status == "verified",
    )  # fmt: skip
    return PostOut(
        id=post.id, discussion_id=post.discussion_id, parent_id=post.parent_id, number=post.number, author=author, body=post.body,
        html=post.html, language=post.language, created_at=post.created_at, edited_at=post.edited_at, status=post.status,
        revision=post.revision, cursor=outbox.head(), reactions={}, reactions_by_type={},
    )  # fmt: skip


def _posts(rows: Sequence[Row[Any]], cursor: int) -> list[PostOut]:
    said = _reacting[0](rows) if _reacting else {}
    bodies = retracting.bodies(rows)
    return [_post(row, bodies[row.id], cursor, said.get(row.id, {})) for row in rows]


def _post(row: Row[Any], body: str, cursor: int, said: Reactions) -> PostOut:
    author = AuthorOut(
        handle=nameless.handle_out(row.handle), name=row.author_name, organization=row.organization, stakeholder_type=row.stakeholder_type,
        verified=row.affiliation_status == "verified",
    )  # fmt: skip
    return PostOut(
        id=row.id, discussion_id=row.discussion_id, parent_id=row.parent_id, number=row.number, author=author, body=body, html=row.html,
        language=row.language, created_at=row.created_at, edited_at=row.edited_at, status=row.status, revision=row.revision, cursor=cursor,
        key_note=row.key_note if row.status == "visible" else None,
        reactions={kind: sum(by_type.values()) for kind, by_type in said.items()},
        reactions_by_type={kind: {one or "none": number for one, number in by_type.items()} for kind, by_type in said.items()},
    )  # fmt: skip
