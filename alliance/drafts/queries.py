"""Finding drafts: one's own, nobody else's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, func, or_, select, tuple_

from alliance.core import cursors, db, ids
from alliance.core.errors import NotFound
from alliance.core.prepared import Prepared, value
from alliance.core.tokens import digest_of
from alliance.drafts.models import Draft, KeptText
from alliance.policy import Actor, visible

PAGE = 30


def find(actor: Actor, place: str, *, lock: bool = False) -> Draft | None:
    """What the actor is writing at a place."""
    if actor.person_id is None:
        return None
    query = select(Draft).where(visible(actor, Draft), Draft.place == place)
    return db.session().scalar(query.with_for_update() if lock else query)


def exists(actor: Actor, place: str) -> bool:
    """Whether the actor is writing something at a place."""
    return bool(_EXISTS.rows(actor.kind_of, actor.person_id, place=place))


_EXISTS = Prepared(lambda actor: select(Draft.id).where(visible(actor, Draft), Draft.place == value("place", String())))


def get(actor: Actor, place: str) -> Draft:
    """A draft.

    Raises:
        NotFound: there is none at this place.
    """
    found = find(actor, place)
    if found is None:
        raise NotFound
    return found


def numbered(actor: Actor, number: str) -> Draft:
    """A draft by its number.

    Raises:
        NotFound: one has none of this number.
    """
    query = select(Draft).where(visible(actor, Draft), Draft.id == ids.given(number))
    found = db.session().scalar(query)
    if found is None:
        raise NotFound
    return found


def mine(actor: Actor, after: str | None = None, limit: int = PAGE) -> tuple[list[Draft], str | None]:
    """One's drafts, the latest first, and the cursor of the rest."""
    query = select(Draft).where(visible(actor, Draft))
    if after:
        moment, last = cursors.decode(after, (datetime, int))
        query = query.where(or_(Draft.updated_at < moment, tuple_(Draft.updated_at, Draft.id) < tuple_(moment, last)))
    rows = list(db.session().scalars(query.order_by(Draft.updated_at.desc(), Draft.id.desc()).limit(limit + 1)))
    following = cursors.encode(rows[limit - 1].updated_at, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


def count(actor: Actor) -> int:
    """How many drafts one has."""
    return int(db.session().scalar(select(func.count(Draft.id)).where(visible(actor, Draft))) or 0)


def kept(token: str) -> KeptText | None:
    """The text behind a secret."""
    return db.session().scalar(select(KeptText).where(KeptText.token_hash == digest_of(token)))
