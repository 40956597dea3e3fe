"""What is new in what one watches or tracks: for the first page.

It costs what one follows oneself, not what there is: discussions by one's own rows, those of watched spaces by the
newest few of each space.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select, union_all
from sqlalchemy.orm import aliased

from alliance.accounts.models import Person
from alliance.core import db
from alliance.core.prepared import ANYBODY, Prepared, value
from alliance.discussions.listing import LIST_COLUMNS
from alliance.discussions.models import Discussion
from alliance.groups.models import Space
from alliance.policy import Actor, visible
from alliance.reading import queries as reading
from alliance.reading.models import ReadMark
from alliance.watching.models import FOLLOWED, SpaceWatch, Watch

LOOKED_AT = 30  # candidates, of all discussions followed, and of each space
MAX_SPACES = 60


def followed(actor: Actor, limit: int = 10) -> list[Row[Any]]:
    """Discussions one follows in which something is unread, that with the newest post first (three queries, one more when there are any)."""
    if actor.person_id is None:
        return []
    spaces = {f"space{n}": row[0] for n, row in enumerate(_SPACES.rows(None, actor.person_id))}
    ids = [row[0] for row in _FOUND.rows((actor.kind_of, len(spaces)), actor.person_id, **spaces)]
    states = reading.states(actor, ids)
    wanted = [one for one in ids if one in states and (not states[one].opened or states[one].unread)][:limit]
    if not wanted:
        return []
    query = select(*LIST_COLUMNS).join(Person, Person.id == Discussion.author_id).join(Space, Space.id == Discussion.space_id)
    rows = {row.id: row for row in db.session().execute(query.where(Discussion.id.in_(wanted)))}
    return [rows[one] for one in wanted if one in rows]


def _spaces(_kind: None) -> Select[Any]:
    query = select(SpaceWatch.space_id).where(SpaceWatch.person_id == ANYBODY, SpaceWatch.level.in_(FOLLOWED))
    return query.order_by(SpaceWatch.id).limit(MAX_SPACES)


def _found(kind: tuple[Actor, int]) -> Select[Any]:
    """Discussions with something perhaps unread: of one's own choice, and the newest of each space one follows (so many)."""
    actor, spaces = kind
    own = select(Discussion.id).join(Watch, and_(Watch.discussion_id == Discussion.id, Watch.person_id == ANYBODY))
    own = _with_news(own.where(Watch.level.in_(FOLLOWED)), actor, Watch.created_at)
    found = union_all(own, *(_of_space(actor, value(f"space{n}")) for n in range(spaces))).subquery()
    query = select(Discussion.id).join(found, found.c.id == Discussion.id)
    return query.order_by(Discussion.last_post_at.desc(), Discussion.id.desc()).limit(LOOKED_AT)


_SPACES, _FOUND = Prepared(_spaces), Prepared(_found)


def _of_space(actor: Actor, space_id: Any) -> Select[Any]:
    """The newest active discussions of a space, those left out for which one has chosen a level of their own."""
    since = select(SpaceWatch.created_at).where(SpaceWatch.person_id == ANYBODY, SpaceWatch.space_id == space_id).scalar_subquery()
    newest = select(Discussion.id).where(Discussion.space_id == space_id, Discussion.last_post_at > since)
    newest = newest.order_by(Discussion.last_post_at.desc(), Discussion.id.desc()).limit(LOOKED_AT)
    chosen = aliased(Watch)
    mine = select(chosen.id).where(chosen.person_id == ANYBODY, chosen.discussion_id == Discussion.id)
    query = select(Discussion.id).where(Discussion.id.in_(select(newest.subquery().c.id)), ~mine.exists())
    return _with_news(query, actor, None)


def _with_news(query: Select[Any], actor: Actor, since: Any) -> Select[Any]:
    """Of discussions, those with posts behind what one has read, or (never opened) behind the choice; the newest few."""
    mark = and_(ReadMark.discussion_id == Discussion.id, ReadMark.person_id == ANYBODY)
    behind = or_(Discussion.posts_count > ReadMark.read_count, Discussion.next_number > Discussion.posts_count + 1)
    unopened = ReadMark.id.is_(None)
    new = or_(and_(ReadMark.id.is_not(None), behind), unopened if since is None else and_(unopened, Discussion.last_post_at > since))
    query = query.outerjoin(ReadMark, mark).where(visible(actor, Discussion), new)
    newest = query.order_by(Discussion.last_post_at.desc(), Discussion.id.desc()).limit(LOOKED_AT).subquery()
    return select(func.coalesce(newest.c.id, 0).label("id"))
