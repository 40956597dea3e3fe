"""Discussions, their posts, and what the posts said before they were edited.

The tree of a discussion is kept twice: `parent_id` is what was replied to, at any depth; `path` is where the post
stands in reading order. A path is the numbers of the posts from the root down, each written as one character telling
how many base-36 digits follow and then those digits ("11", "12", "2a0" …), so that comparing paths as bytes is
comparing trees, and a page of a long discussion is one range of an index. Below depth MAX_PATH_DEPTH a reply takes
its place as if its ancestor at that depth had been answered (a chain still reads in order; an index entry stays below
PostgreSQL's limit).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.accounts.models import Person
from alliance.core.db import Base, BinaryText
from alliance.discussions.titles import Title
from alliance.groups.models import Space
from alliance.policy.discussion import is_over
from alliance.stakeholders.models import Affiliation, Organization

MAX_PATH_DEPTH = 200
GONE = "status != 'visible'"
MARKED = "key_note IS NOT NULL"
PINNED = "pinned_at IS NOT NULL"
CONFIDED = "confided_at IS NOT NULL"
ALONE = "posts_count + 0 = 1"  # not "= 1", or the index of the most posts would be taken, and its rows sorted


class Discussion(Base):
    """A question put in a space, and all that is said in answer. Its text is its first post (number 1).

    `version` is raised by every change a reader could see, in the same transaction: pages and fragments are cached
    and compared by it. Counters are kept by the writer: `posts_count` counts visible posts. `stakeholder_type` is the
    opener's at the time, as with posts.
    """

    __tablename__ = "discussions"
    __table_args__ = (
        # Status is not among the columns: hidden ones are few, and moderators list both in one order.
        Index("ix_discussions_active", "space_id", "last_post_at", "id"),
        Index("ix_discussions_new", "space_id", "created_at", "id"),
        Index("ix_discussions_top", "space_id", "posts_count", "id"),
        Index("ix_discussions_all_active", "last_post_at", "id"),
        Index("ix_discussions_all_new", "created_at", "id"),
        Index("ix_discussions_all_top", "posts_count", "id"),
        Index("ix_discussions_language_active", "language", "last_post_at", "id"),
        Index("ix_discussions_language_new", "language", "created_at", "id"),
        Index("ix_discussions_type_active", "stakeholder_type", "last_post_at", "id"),
        Index("ix_discussions_type_new", "stakeholder_type", "created_at", "id"),
        Index("ix_discussions_unanswered", "space_id", "created_at", "id", sqlite_where=text(ALONE), postgresql_where=text(ALONE)),
        Index("ix_discussions_pinned", "space_id", "pinned_at", sqlite_where=text(PINNED), postgresql_where=text(PINNED)),
        Index("ix_discussions_closed", "space_id", "id", sqlite_where=text(CONFIDED), postgresql_where=text(CONFIDED)),
        Index(None, "pinned_until"),
        Index(None, "closes_at"),
        Index("ix_discussions_all_unanswered", "created_at", "id", sqlite_where=text(ALONE), postgresql_where=text(ALONE)),
    )

    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    title: Mapped[str] = mapped_column(Title(200))  # empty while withheld (see titles.py)
    withheld_title: Mapped[str | None] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(100))
    language: Mapped[str | None] = mapped_column(String(8))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)  # of its opening post, as there
    attribution: Mapped[str] = mapped_column(String(10), default="named")  # named | type (authors by stakeholder type only)
    confided_at: Mapped[datetime | None]  # closed with a public summary since then (see confiding.py)
    stakeholder_type: Mapped[str | None] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(10), default="visible")  # visible | hidden | merged (its posts are in another)
    moved_to_id: Mapped[int | None]  # where what was said here is now
    locked_at: Mapped[datetime | None]
    lock_reason: Mapped[str] = mapped_column(String(500), default="")
    closes_at: Mapped[datetime | None]  # takes no more replies from this moment on (a job locks it a little later)
    slow_minutes: Mapped[int] = mapped_column(default=0)  # one post a person in so many (0: as many as they like)
    pinned_at: Mapped[datetime | None]
    pinned_until: Mapped[datetime | None]
    answer_id: Mapped[int | None]  # the reply that answers it
    posts_count: Mapped[int] = mapped_column(default=0)
    next_number: Mapped[int] = mapped_column(default=1)
    turns: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the last type_rank of each stakeholder type ("" of none)
    voices: Mapped[dict[str, Any]] = mapped_column(default=dict)  # who has spoken (see voices.py)
    last_post_id: Mapped[int | None]
    last_post_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    imported: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    space: Mapped[Space] = relationship()
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    written_by: Mapped[Person | None] = relationship(foreign_keys=[written_by_id])

    @property
    def writer(self) -> Person:
        """Who opened it, named or not."""
        return self.written_by or self.author

    @property
    def writer_id(self) -> int:
        """The id of `writer`."""
        return self.written_by_id or self.author_id

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more replies: locked, or the moment has come that was announced."""
        return self.locked_at is not None or is_over(self.closes_at)


class Post(Base):
    """One contribution. `body` is Markdown as written; `html` is made of it once, by renderer `renderer_version`.

    The capacity it was made in is frozen here: `affiliation_id` and `organization_id` when made for an organization
    (None: personal), the author's `stakeholder_type` and `country` at the time. `number` counts within the discussion
    from 1 (the opening post). `status`: visible, held (waits for a moderator), hidden (by one), withdrawn (by its author). `replies_count`
    counts the visible posts that answer this one directly; an answer to the opening post stands at the top level.
    Where authors are not named, `author_id` is who stands for them (see masks.py), and `written_by_id` who they are.
    `type_rank` says that this is the n-th post of its stakeholder type in the discussion (see orders.py).
    `version` is raised by every change of what its fragment shows (`counters.touch`), `revision` only by a new text.
    """

    __tablename__ = "posts"
    __table_args__ = (
        Index("uq_posts_tree", "discussion_id", "path", unique=True),
        Index("uq_posts_number", "discussion_id", "number", unique=True),
        # What somebody contributed, altogether and in a space.
        Index("ix_posts_of_person", "author_id", "created_at", "id"),
        Index("ix_posts_of_person_in_space", "author_id", "space_id", "created_at", "id"),
        Index("ix_posts_written", "written_by_id", "created_at", "id"),
        Index("ix_posts_of_organization", "organization_id", "created_at", "id"),
        Index("ix_posts_of_organization_in_space", "organization_id", "space_id", "created_at", "id"),
        Index(None, "space_id", "created_at"),
        # A period; with what is counted of it.
        Index("ix_posts_period", "created_at", "status", "space_id", "stakeholder_type", "author_id"),
        Index(None, "parent_id"),
        # Orders of one discussion: by time; in turns.
        Index("ix_posts_time", "discussion_id", "created_at", "id"),
        Index("ix_posts_balanced", "discussion_id", "type_rank", "number"),
        # What was taken away: few, and asked for whenever unread posts are counted.
        Index("ix_posts_gone", "discussion_id", "number", sqlite_where=text(GONE), postgresql_where=text(GONE)),
        # Key contributions, which stand at the top of a discussion.
        Index("ix_posts_key", "discussion_id", "number", sqlite_where=text(MARKED), postgresql_where=text(MARKED)),
    )

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    parent_number: Mapped[int | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    number: Mapped[int]
    path: Mapped[str] = mapped_column(BinaryText)
    depth: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    renderer_version: Mapped[int]
    language: Mapped[str | None] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(10), default="visible")
    affiliation_id: Mapped[int | None] = mapped_column(ForeignKey("affiliations.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    stakeholder_type: Mapped[str | None] = mapped_column(String(30))
    country: Mapped[str | None] = mapped_column(String(2))
    type_rank: Mapped[int] = mapped_column(default=0)
    replies_count: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    imported: Mapped[bool] = mapped_column(default=False)
    key_note: Mapped[str | None] = mapped_column(String(200))  # why it is a key contribution ("" without a word; None: it is none)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]

    discussion: Mapped[Discussion] = relationship()
    space: Mapped[Space] = relationship()
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    written_by: Mapped[Person | None] = relationship(foreign_keys=[written_by_id])
    parent: Mapped[Post | None] = relationship(remote_side="Post.id")
    affiliation: Mapped[Affiliation | None] = relationship()
    organization: Mapped[Organization | None] = relationship()

    @property
    def writer(self) -> Person:
        """Who wrote it, named or not: for what is between the platform and them (rights, notifications), never to be shown."""
        return self.written_by or self.author

    @property
    def writer_id(self) -> int:
        """The id of `writer`."""
        return self.written_by_id or self.author_id


class DiscussionActivity(Base):
    """How lively a discussion was within the last week and month; only those with posts in it have a row (see activity.py).

    A score orders by how many different people spoke, then by how many posts there were: people × 1000 + posts (999 at most).
    """

    __tablename__ = "discussion_activity"
    __table_args__ = (
        UniqueConstraint("discussion_id"),
        Index(None, "week", "discussion_id"),
        Index(None, "month", "discussion_id"),
        Index(None, "space_id", "week", "discussion_id"),
        Index(None, "space_id", "month", "discussion_id"),
    )

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    week: Mapped[int]
    month: Mapped[int]
    refreshed_at: Mapped[datetime] = mapped_column(index=True)

    discussion: Mapped[Discussion] = relationship()
    space: Mapped[Space] = relationship()


class DiscussionVoice(Base):
    """Somebody spoke in a discussion as of this stakeholder type, from this region ("" where none was declared): so many visible posts."""

    __tablename__ = "discussion_voices"
    __table_args__ = (UniqueConstraint("discussion_id", "person_id", "stakeholder_type", "region", name="uq_discussion_voices"),)

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    stakeholder_type: Mapped[str] = mapped_column(String(30))
    region: Mapped[str] = mapped_column(String(30))
    posts: Mapped[int]


class PersonContribution(Base):
    """What a person contributed to a space: visible posts, and discussions opened among them."""

    __tablename__ = "person_contributions"
    __table_args__ = (UniqueConstraint("person_id", "space_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    posts: Mapped[int]
    discussions: Mapped[int]

    space: Mapped[Space] = relationship()


class OrganizationContribution(Base):
    """What was contributed to a space for an organization: visible posts, and discussions opened among them."""

    __tablename__ = "organization_contributions"
    __table_args__ = (UniqueConstraint("organization_id", "space_id"),)

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    posts: Mapped[int]
    discussions: Mapped[int]

    space: Mapped[Space] = relationship()


class PostRevision(Base):
    """What a post said before an edit: revision `number`, replaced at `replaced_at` by `editor`."""

    __tablename__ = "post_revisions"
    __table_args__ = (UniqueConstraint("post_id", "number"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    number: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    replaced_at: Mapped[datetime]
    editor_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    suppressed: Mapped[bool] = mapped_column(default=False)  # it was hidden, and written anew: nobody is to read it again

    post: Mapped[Post] = relationship()
    editor: Mapped[Person] = relationship()


class Quote(Base):
    """A post quotes characters [`start`, `end`) of the Markdown that another said in `revision` (what digests cite)."""

    __tablename__ = "quotes"
    __table_args__ = (UniqueConstraint("post_id", "quoted_post_id", "revision", "start", "end"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    quoted_post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    revision: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
