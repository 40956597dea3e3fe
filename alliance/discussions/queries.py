"""Reading discussions: lists, one page of a tree, a post with its history. Columns are selected, not objects loaded."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from alliance.accounts.models import Person
from alliance.core import cursors, db
from alliance.core.errors import Moved, NotFound
from alliance.core.outbox import EventRow
from alliance.core.prepared import ANYBODY, Prepared, value
from alliance.core.stamps import SITE, Stamp
from alliance.discussions import cutting
from alliance.discussions.cutting import PAGE, SIZE
from alliance.discussions.models import Discussion, Post, PostRevision
from alliance.discussions.topic_models import DiscussionTopic
from alliance.groups.models import Membership, Space
from alliance.policy import Actor, visible
from alliance.policy.post import waiting_own, within_seen
from alliance.stakeholders.models import Affiliation, Organization
from alliance.web.asking import Source

_PATH = re.compile(r"[0-9a-z]{2,2000}")

# What guests' pages depend on: one discussion, or all of them (the newest event); and on names shown everywhere.
DISCUSSION = Source(
    "SELECT discussions.version, discussions.status, discussions.closes_at < CURRENT_TIMESTAMP AS closed, spaces.posting, spaces.visibility, "
    "spaces.attribution, spaces.closed_at, (SELECT version FROM stamps WHERE name = 'site') AS site "
    "FROM discussions JOIN spaces ON spaces.id = discussions.space_id WHERE discussions.id = :id"
)
ALL = Source("SELECT max(id) AS newest, (SELECT version FROM stamps WHERE name = 'site') AS site FROM events")

_parent = aliased(Post)
_parent_author = aliased(Person)

POST_COLUMNS = (
    Post.id, Post.discussion_id, Post.space_id, Post.parent_id, Post.parent_number, Post.number, Post.path, Post.depth, Post.body, Post.html,
    Post.language, Post.status, Post.stakeholder_type, Post.country, Post.replies_count, Post.revision, Post.imported, Post.created_at,
    Post.edited_at, Post.author_id, Post.version, Post.key_note,
    Person.handle, Person.name.label("author_name"), Person.claimed.label("author_claimed"),
    Organization.name.label("organization"), Organization.slug.label("organization_slug"),
    Affiliation.status.label("affiliation_status"),
    _parent_author.name.label("parent_author"),
)  # fmt: skip

# Where a post stands and which fragment shows it: all a page reads of a post that is kept rendered.
PLACES = (
    Post.id, Post.version, Post.number, Post.path, Post.depth, func.coalesce(Post.written_by_id, Post.author_id).label("author_id"), Post.status,
    Post.parent_id, Post.discussion_id, Post.replies_count,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PostPage:
    """One page of a discussion, in tree order. `earlier` and `later` are where the neighbouring pages begin."""

    posts: Sequence[Row[Any]]
    first: bool
    earlier: str | None
    later: str | None


def get_discussion(actor: Actor, discussion_id: int) -> Discussion:
    """A discussion with its space and author.

    Raises:
        NotFound: none such, or not one the actor may see.
    """
    found = db.session().scalar(_discussion_for(actor), {"which": discussion_id})
    if found is None:
        led = select(Discussion.moved_to_id).where(Discussion.id == discussion_id).scalar_subquery()
        new = db.session().scalar(select(Discussion.id).where(Discussion.id == led, visible(actor, Discussion)))
        raise Moved(discussion_id, new) if new is not None else NotFound
    return found


@functools.lru_cache(maxsize=256)
def _discussion_for(actor: Actor) -> Select[Discussion]:
    """Composed once: it begins every page of a discussion and every post in it."""
    loading = (joinedload(Discussion.space, innerjoin=True), joinedload(Discussion.author, innerjoin=True))
    return select(Discussion).options(*loading).where(Discussion.id == bindparam("which"), visible(actor, Discussion))


def stands_apart(actor: Actor, discussion_id: int) -> bool:
    """Whether rights in a discussion hang on more than the actor's own: it is closed, or in a group of theirs, or where not everybody posts."""
    return bool(_APART.rows(None, actor.person_id, discussion=discussion_id))


def _apart(_kind: None) -> Select[*tuple[Any, ...]]:
    mine = select(Membership.id).where(Membership.space_id == Discussion.space_id, Membership.person_id == ANYBODY).exists()
    query = select(Discussion.id).join(Space, Space.id == Discussion.space_id)
    return query.where(
        Discussion.id == value("discussion"),
        or_(Space.posting != "everyone", Space.visibility != "public", Discussion.confided_at.is_not(None), mine),
    )


_APART = Prepared(_apart)


def get_post(actor: Actor, post_id: int) -> Post:
    """A post whose text the actor may read.

    Raises:
        NotFound: none such.
    """
    found = db.session().scalar(select(Post).options(joinedload(Post.discussion)).where(Post.id == post_id, visible(actor, Post)))
    if found is None:
        raise NotFound
    return found


def _posts() -> Select[*tuple[Any, ...]]:
    query = select(*POST_COLUMNS).join(Person, Person.id == Post.author_id)
    query = query.outerjoin(Affiliation, Affiliation.id == Post.affiliation_id).outerjoin(
        Organization, Organization.id == Post.organization_id
    )
    return query.outerjoin(_parent, _parent.id == Post.parent_id).outerjoin(_parent_author, _parent_author.id == _parent.author_id)


def _shown(actor: Actor, discussion_id: int) -> Any:
    """What stands on the page of a discussion the actor sees: readable posts, and the places of others that are answered
    (that of the opening post always).
    """
    place = or_(within_seen(actor, Post), Post.replies_count > 0, Post.number == 1)
    return and_(Post.discussion_id == discussion_id, place)


def post_page(actor: Actor, discussion_id: int, start: str | None = None, limit: int = PAGE) -> PostPage:
    """Places of a discussion the actor sees, in tree order, from the path `start` on (made up: from the beginning)."""
    if start is not None and not _PATH.fullmatch(start):
        start = None
    shown = _shown(actor, discussion_id)
    query = select(*PLACES, SIZE).where(shown).order_by(Post.path).limit(limit + 1)
    rows: list[Row[Any]] = list(db.session().execute(query.where(Post.path >= start) if start else query))
    before = _before(shown, start, limit) if start else []
    held = cutting.fitting(rows, limit)
    earlier = before[cutting.fitting(before, limit) - 1].path if before else None
    return PostPage(rows[:held], not before, earlier, rows[held].path if len(rows) > held else None)


def _before(shown: Any, path: str, limit: int) -> list[Row[Any]]:
    """Up to `limit` posts before one, nearest first."""
    query = select(Post.path, SIZE).where(shown, Post.path < path).order_by(Post.path.desc()).limit(limit)
    return list(db.session().execute(query))


def start_of(actor: Actor, post: Row[Any] | Post) -> str | None:
    """Where the page begins on which a permalink shows a post; None is the first page."""
    shown = _shown(actor, post.discussion_id)
    place = db.session().execute(select(Post.path, SIZE).where(Post.id == post.id)).one()
    first = cutting.start(_before(shown, place.path, PAGE), place)
    return None if first is None else first.path


def locate(actor: Actor, post_id: int) -> Row[*tuple[Any, ...]]:
    """A post's place (also that of a hidden or withdrawn one that is still shown as a place).

    Raises:
        NotFound: it is not shown to this actor.
    """
    query = select(Post.id, Post.discussion_id, Post.number, Post.path, Discussion.slug).join(
        Discussion, Discussion.id == Post.discussion_id
    )
    query = query.where(Post.id == post_id, visible(actor, Discussion), or_(visible(actor, Post), Post.replies_count > 0, Post.number == 1))
    row = db.session().execute(query).first()
    if row is None:
        raise NotFound
    return row


def post_rows(post_ids: Sequence[int]) -> list[Row[Any]]:
    """Posts as pages show them, whoever reads (the fragment then leaves out what is not for everybody)."""
    return list(db.session().execute(_posts().where(Post.id.in_(post_ids))))


def places(*, answered: bool = False) -> Select[*tuple[Any, ...]]:
    """A query of places; `answered`: with the post that each one answers, as `parent_number`, `parent_author`, `parent_status`."""
    query: Select[*tuple[Any, ...]] = select(*PLACES)
    if not answered:
        return query
    query = query.add_columns(Post.parent_number, _parent_author.name.label("parent_author"), _parent.status.label("parent_status"))
    return query.outerjoin(_parent, _parent.id == Post.parent_id).outerjoin(_parent_author, _parent_author.id == _parent.author_id)


def place_of(post_id: int) -> Row[*tuple[Any, ...]] | None:
    """Where a post stands, whoever reads."""
    return db.session().execute(places().where(Post.id == post_id)).first()


def now() -> tuple[int, int]:
    """The newest event of the log, and the stamp of the site."""
    row = (
        db.session()
        .execute(select(select(func.max(EventRow.id)).scalar_subquery(), select(Stamp.version).where(Stamp.name == SITE).scalar_subquery()))
        .one()
    )
    return row[0] or 0, row[1]


def post_out(actor: Actor, post_id: int) -> Row[*tuple[Any, ...]]:
    """One readable post, or one of one's own that waits, as a row.

    Raises:
        NotFound: none such.
    """
    row = db.session().execute(_posts().where(Post.id == post_id, or_(visible(actor, Post), waiting_own(actor, Post)))).first()
    if row is None:
        raise NotFound
    return row


def is_waiting_own(actor: Actor, post_id: int) -> bool:
    """Whether a post is the actor's own and waits, or was hidden: they are told so where others find nothing."""
    return db.session().scalar(select(Post.id).where(Post.id == post_id, waiting_own(actor, Post))) is not None


def flat_posts(actor: Actor, discussion_id: int, after: str | None, limit: int) -> tuple[list[Row[Any]], str | None]:
    """Readable posts in tree order by cursor (API)."""
    query = _posts().where(Post.discussion_id == discussion_id, visible(actor, Post))
    if after:
        (path,) = cursors.decode(after, (str,))
        query = query.where(Post.path > path)
    rows = list(db.session().execute(query.order_by(Post.path).limit(limit + 1)))
    return rows[:limit], cursors.encode(rows[limit - 1].path) if len(rows) > limit else None


def revisions(actor: Actor, post: Post, limit: int = 100) -> list[PostRevision]:
    """What a post said before, newest first."""
    query = select(PostRevision).options(joinedload(PostRevision.editor)).where(PostRevision.post_id == post.id, ~PostRevision.suppressed)
    return list(db.session().scalars(query.order_by(PostRevision.number.desc()).limit(limit)))


def newest_posts(
    actor: Actor,
    *,
    space: Space | None = None,
    discussion: Discussion | None = None,
    ids: Sequence[int] | None = None,
    topic_id: int | None = None,
    limit: int = 30,
) -> list[Row[Any]]:
    """The newest posts of a space or a discussion, or of some found otherwise (feeds). Hidden ones are in no feed, whoever asks."""
    query = _posts().add_columns(Discussion.title, Discussion.language.label("title_language"))
    query = query.join(Discussion, Discussion.id == Post.discussion_id).where(visible(actor, Post), Post.status == "visible")
    if space is not None:
        query = query.where(Post.space_id == space.id)
    if discussion is not None:
        query = query.where(Post.discussion_id == discussion.id)
    if topic_id is not None:
        query = query.where(Post.discussion_id.in_(select(DiscussionTopic.discussion_id).where(DiscussionTopic.topic_id == topic_id)))
    if ids is not None:
        query = query.where(Post.id.in_(ids))
    return list(db.session().execute(query.order_by(Post.created_at.desc(), Post.id.desc()).limit(limit)))


def addresses(limit: int = 50_000) -> list[Row[Any]]:
    """Every public discussion, for the map of the site."""
    query = select(Discussion.id, Discussion.slug, Discussion.last_post_at).where(visible(Actor.guest(), Discussion))
    return list(db.session().execute(query.order_by(Discussion.id).limit(limit)))


def still_open(actor: Actor, discussion_id: int) -> bool:
    """Whether the actor (still) sees a discussion."""
    return db.session().scalar(select(Discussion.id).where(Discussion.id == discussion_id, visible(actor, Discussion))) is not None
