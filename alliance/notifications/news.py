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
    """Discussions one follows in which something is unread, that with the newest post first (two queries, and one for spaces)."""
    if actor.person_id is None:
        return []
    found = union_all(*_candidates(actor, actor.person_id)).subquery()
    query = select(*LIST_COLUMNS).join(found, found.c.id == Discussion.id)
    query = query.join(Person, Person.id == Discussion.author_id).join(Space, Space.id == Discussion.space_id)
    rows = db.session().execute(query.order_by(Discussion.last_post_at.desc(), Discussion.id.desc()).limit(LOOKED_AT)).all()
    states = reading.states(actor, [row.id for row in rows])
    return [row for row in rows if not states[row.id].opened or states[row.id].unread][:limit]


def _candidates(actor: Actor, person_id: int) -> list[Select[Any]]:
    """Discussions with something perhaps unread: of one's own choice, and the newest of each space one follows."""
    own = select(Discussion.id).join(Watch, and_(Watch.discussion_id == Discussion.id, Watch.person_id == person_id))
    own = _with_news(own.where(Watch.level.in_(FOLLOWED)), actor, person_id, Watch.created_at)
    spaces = select(SpaceWatch.space_id, SpaceWatch.created_at).where(SpaceWatch.person_id == person_id, SpaceWatch.level.in_(FOLLOWED))
    return [own, *(_of_space(actor, person_id, *row) for row in db.session().execute(spaces.order_by(SpaceWatch.id).limit(MAX_SPACES)))]


def _of_space(actor: Actor, person_id: int, space_id: int, since: Any) -> Select[Any]:
    """The newest active discussions of a space, those left out for which one has chosen a level of their own."""
    newest = select(Discussion.id).where(Discussion.space_id == space_id, Discussion.last_post_at > since)
    newest = newest.order_by(Discussion.last_post_at.desc(), Discussion.id.desc()).limit(LOOKED_AT)
    chosen = aliased(Watch)
    mine = select(chosen.id).where(chosen.person_id == person_id, chosen.discussion_id == Discussion.id)
    query = select(Discussion.id).where(Discussion.id.in_(select(newest.subquery().c.id)), ~mine.exists())
    return _with_news(query, actor, person_id, None)


def _with_news(query: Select[Any], actor: Actor, person_id: int, since: Any) -> Select[Any]:
    """Of discussions, those with posts behind what one has read, or (never opened) behind the choice; the newest few."""
    mark = and_(ReadMark.discussion_id == Discussion.id, ReadMark.person_id == person_id)
    behind = or_(Discussion.posts_count > ReadMark.read_count, Discussion.next_number > Discussion.posts_count + 1)
    unopened = ReadMark.id.is_(None)
    new = or_(and_(ReadMark.id.is_not(None), behind), unopened if since is None else and_(unopened, Discussion.last_post_at > since))
    query = query.outerjoin(ReadMark, mark).where(visible(actor, Discussion), new)
    newest = query.order_by(Discussion.last_post_at.desc(), Discussion.id.desc()).limit(LOOKED_AT).subquery()
    return select(func.coalesce(newest.c.id, 0).label("id"))
