"""Who follows what. The level of a discussion is what one chose for it, else for its space, else normal."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload

from alliance.accounts.models import Person
from alliance.core import cursors, db
from alliance.core.prepared import ANYBODY, Prepared, among, value
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.policy.post import readers
from alliance.watching.models import BY_DEFAULT, Bookmark, Preference, SpaceWatch, Watch

PAGE = 30


@dataclass(frozen=True, slots=True)
class Level:
    """How much somebody hears of a discussion: what was chosen for it, for its space, and what follows."""

    own: str | None = None
    automatic: bool = False
    space: str | None = None
    bookmark_id: int | None = None

    @property
    def effective(self) -> str:
        """The level that counts."""
        return self.own or self.space or "normal"


def level(actor: Actor, discussion: Any) -> Level:
    """How much the actor hears of a discussion, and their bookmark of it; one query."""
    if actor.person_id is None:
        return Level()
    rows = _LEVEL.rows(None, actor.person_id, discussion=discussion.id, space=discussion.space_id)
    return Level(rows[0][0], bool(rows[0][1]), rows[0][2], rows[0][3]) if rows else Level()


def _level(_kind: None) -> Select[*tuple[Any, ...]]:
    query = select(Watch.level, Watch.automatic, SpaceWatch.level, Bookmark.id).select_from(Person)
    query = query.outerjoin(Watch, and_(Watch.person_id == Person.id, Watch.discussion_id == value("discussion")))
    query = query.outerjoin(SpaceWatch, and_(SpaceWatch.person_id == Person.id, SpaceWatch.space_id == value("space")))
    query = query.outerjoin(Bookmark, and_(Bookmark.person_id == Person.id, Bookmark.discussion_id == value("discussion")))
    return query.where(Person.id == ANYBODY)


_LEVEL = Prepared(_level)


_SPACE_LEVELS = select(SpaceWatch.person_id, SpaceWatch.level).where(
    SpaceWatch.space_id == bindparam("where"), SpaceWatch.person_id.in_(bindparam("people", expanding=True))
)
_OWN_LEVELS = select(Watch.person_id, Watch.level).where(
    Watch.discussion_id == bindparam("where"), Watch.person_id.in_(bindparam("people", expanding=True))
)


def levels(person_ids: Collection[int], discussion: Any) -> dict[int, str]:
    """The levels that count for a discussion, of some people."""
    asked = ((_SPACE_LEVELS, discussion.space_id), (_OWN_LEVELS, discussion.id))
    found: dict[int, str] = {}
    for query, where in asked:
        rows: Any = db.session().connection().execute(query, {"where": where, "people": list(person_ids)})
        found.update((person_id, level) for person_id, level in rows)
    return dict.fromkeys(person_ids, "normal") | found


def space_level(actor: Actor, space_id: int) -> str | None:
    """What the actor has chosen for a space."""
    rows = _SPACE_LEVEL.rows(None, actor.person_id, space=space_id)
    return rows[0][0] if rows else None


_SPACE_LEVEL = Prepared(
    lambda _kind: select(SpaceWatch.level).where(SpaceWatch.person_id == ANYBODY, SpaceWatch.space_id == value("space"))
)


def watchers(post: Post, kind: str, channel: str, after: int, limit: int, *, wanting: bool = False) -> list[tuple[int, bool]]:
    """(person, whether they want `kind` by `channel`) of those who watch where a post stands and may read it, in the order of ids.

    Who began to watch after the post was published is not told of it. The author is not among them, nor who cannot be told (suspended, not confirmed, unclaimed).
    `wanting`: only those who want it.
    """
    stands = {"post": post.id, "discussion": post.discussion_id, "space": post.space_id, "author": post.writer_id, "said": post.created_at}
    rows: Any = db.session().connection().execute(_watchers(kind, channel, wanting), {**stands, "after": after, "most": limit})
    return [(person_id, bool(yes)) for person_id, yes in rows]


@functools.cache
def _watchers(kind: str, channel: str, wanting: bool) -> Select[Any]:
    """Composed once: it is asked of every post."""
    chosen: Any = aliased(Watch)
    after, discussion, space = (bindparam(name, type_=Post.id.type) for name in ("after", "discussion", "space"))
    said = bindparam("said", type_=Watch.created_at.type)
    unchosen = ~select(chosen.id).where(chosen.person_id == SpaceWatch.person_id, chosen.discussion_id == discussion).exists()
    ids = union_all(
        select(Watch.person_id).where(
            Watch.discussion_id == discussion, Watch.level == "watch", Watch.person_id > after, Watch.created_at <= said
        ),
        select(SpaceWatch.person_id).where(
            SpaceWatch.space_id == space, SpaceWatch.level == "watch", SpaceWatch.person_id > after, unchosen, SpaceWatch.created_at <= said
        ),
    ).subquery()
    mine = and_(Preference.person_id == Person.id, Preference.kind == kind, Preference.channel == channel)
    wanted = func.coalesce(Preference.wanted, literal((kind, channel) in BY_DEFAULT))
    told: Any = select(Person.id, wanted)
    query: Select[Any] = told.join(ids, ids.c.person_id == Person.id).outerjoin(Preference, mine)
    query = query.join(Post, Post.id == bindparam("post")).where(readers(Post, Person), Person.id != bindparam("author"))
    query = query.where(Person.confirmed_at.is_not(None), Person.suspended_at.is_(None), *((wanted,) if wanting else ()))
    return query.order_by(Person.id).limit(bindparam("most"))


_PREFERENCES = select(Preference.person_id, Preference.kind, Preference.channel, Preference.wanted).where(
    Preference.person_id.in_(bindparam("people", expanding=True))
)


def wanted_by(person_ids: Collection[int]) -> dict[int, frozenset[tuple[str, str]]]:
    """What some people want to be told: (kind, channel), by person."""
    found: dict[int, set[tuple[str, str]]] = {person_id: set(BY_DEFAULT) for person_id in person_ids}
    for row in db.session().connection().execute(_PREFERENCES, {"people": list(person_ids)}):
        (found[row.person_id].add if row.wanted else found[row.person_id].discard)((row.kind, row.channel))
    return {person_id: frozenset(wanted) for person_id, wanted in found.items()}


def wanted(person_id: int) -> frozenset[tuple[str, str]]:
    """What a person wants to be told: (kind, channel)."""
    return wanted_by([person_id])[person_id]


def watched(actor: Actor, after: str | None = None, limit: int = PAGE) -> tuple[list[Watch], str | None]:
    """The discussions for which one has a level of one's own and which one may still read, newest choice first."""
    query = select(Watch).join(Watch.discussion).join(Discussion.space)
    query = query.options(joinedload(Watch.discussion).joinedload(Discussion.space))
    query = query.where(visible(actor, Watch), visible(actor, Discussion))
    if after:
        (last,) = cursors.decode(after, (int,))
        query = query.where(Watch.id < last)
    rows = list(db.session().scalars(query.order_by(Watch.id.desc()).limit(limit + 1)))
    return rows[:limit], cursors.encode(rows[limit - 1].id) if len(rows) > limit else None


def muted(actor: Actor, limit: int = 100) -> list[Discussion]:
    """The discussions one has muted (the newest hundred), as far as one may read them."""
    query = select(Discussion).join(Watch, Watch.discussion_id == Discussion.id)
    query = query.where(visible(actor, Watch), Watch.level == "mute", visible(actor, Discussion))
    return list(db.session().scalars(query.order_by(Watch.id.desc()).limit(limit)))


def watched_spaces(actor: Actor) -> list[SpaceWatch]:
    """The spaces for which one has chosen a level."""
    query = select(SpaceWatch).join(SpaceWatch.space).options(joinedload(SpaceWatch.space))
    return list(db.session().scalars(query.where(visible(actor, SpaceWatch), visible(actor, Space)).order_by(Space.position, Space.id)))


BOOKMARK_COLUMNS = (
    Bookmark.id, Bookmark.note, Bookmark.created_at, Bookmark.post_id, Discussion.id.label("discussion_id"), Discussion.title,
    Discussion.slug, Discussion.language.label("title_language"), Space.code, Post.number, Post.html, Post.language,
    Person.name.label("author"), Post.stakeholder_type,
)  # fmt: skip


def bookmarks(actor: Actor, after: str | None = None, limit: int = PAGE) -> tuple[list[Row[Any]], str | None]:
    """One's bookmarks of what one may still read, newest first."""
    query: Any = select(*BOOKMARK_COLUMNS).select_from(Bookmark).outerjoin(Post, Post.id == Bookmark.post_id)
    query = query.join(Discussion, Discussion.id == func.coalesce(Bookmark.discussion_id, Post.discussion_id))
    query = query.join(Space, Space.id == Discussion.space_id).outerjoin(Person, Person.id == Post.author_id)
    readable = or_(Bookmark.post_id.is_(None), visible(actor, Post))
    query = query.where(visible(actor, Bookmark), visible(actor, Discussion), readable)
    if after:
        (last,) = cursors.decode(after, (int,))
        query = query.where(Bookmark.id < last)
    rows = list(db.session().execute(query.order_by(Bookmark.id.desc()).limit(limit + 1)))
    return rows[:limit], cursors.encode(rows[limit - 1].id) if len(rows) > limit else None


def bookmarked(actor: Actor, post_ids: Collection[int]) -> frozenset[int]:
    """Which of some posts one has bookmarked."""
    return frozenset(row[0] for row in _BOOKMARKED.rows(None, actor.person_id, posts=post_ids))


_BOOKMARKED = Prepared(lambda _kind: select(Bookmark.post_id).where(Bookmark.person_id == ANYBODY, among(Bookmark.post_id, "posts")))
