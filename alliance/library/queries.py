"""Finding documents and links of groups: what one may not see is not found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from alliance.attachments.models import Attachment
from alliance.core import db
from alliance.core.errors import NotFound
from alliance.groups.models import Space
from alliance.library.models import LibraryItem, LibraryVersion
from alliance.policy import Actor, visible

MOST = 300


def get(actor: Actor, space: Space, item_id: int, *, fresh: bool = False) -> LibraryItem:
    """A document or link of a group.

    Raises:
        NotFound: none such in it, or not one the actor may see.
    """
    query = select(LibraryItem).where(LibraryItem.id == item_id, LibraryItem.space_id == space.id, visible(actor, LibraryItem))
    found = db.session().scalar(query.options(joinedload(LibraryItem.space)).execution_options(populate_existing=fresh))
    if found is None:
        raise NotFound
    return found


def items(actor: Actor, space: Space, *, retired: bool = False) -> Sequence[LibraryItem]:
    """What a group has at hand, in its order; or what it had, the last retired first."""
    query = select(LibraryItem).where(LibraryItem.space_id == space.id, visible(actor, LibraryItem)).options(joinedload(LibraryItem.space))
    if retired:
        query = query.where(LibraryItem.retired_at.is_not(None)).order_by(LibraryItem.retired_at.desc(), LibraryItem.id.desc())
    else:
        query = query.where(LibraryItem.retired_at.is_(None)).order_by(LibraryItem.position, LibraryItem.id)
    return db.session().scalars(query.limit(MOST)).all()


def newest(actor: Actor, space: Space, limit: int) -> Sequence[LibraryItem]:
    """What was added or changed last."""
    query = select(LibraryItem).where(LibraryItem.space_id == space.id, LibraryItem.retired_at.is_(None), visible(actor, LibraryItem))
    query = query.options(joinedload(LibraryItem.space)).order_by(LibraryItem.changed_at.desc(), LibraryItem.id.desc())
    return db.session().scalars(query.limit(limit)).all()


def has_retired(actor: Actor, space: Space) -> bool:
    """Whether something is retired."""
    query = select(LibraryItem.id).where(LibraryItem.space_id == space.id, LibraryItem.retired_at.is_not(None), visible(actor, LibraryItem))
    return db.session().scalar(query.limit(1)) is not None


def count(space_id: int) -> int:
    """How many documents and links a group has at hand."""
    query = select(func.count(LibraryItem.id)).where(LibraryItem.space_id == space_id, LibraryItem.retired_at.is_(None))
    return db.session().scalar(query) or 0


def last_position(space_id: int) -> int:
    """The place of what stands last."""
    return db.session().scalar(select(func.max(LibraryItem.position)).where(LibraryItem.space_id == space_id)) or 0


def neighbour(item: LibraryItem, *, before: bool) -> LibraryItem | None:
    """What stands next to an item, before or behind it."""
    query = select(LibraryItem).where(LibraryItem.space_id == item.space_id, LibraryItem.retired_at.is_(None))
    if before:
        query = query.where(LibraryItem.position < item.position).order_by(LibraryItem.position.desc())
    else:
        query = query.where(LibraryItem.position > item.position).order_by(LibraryItem.position)
    return db.session().scalar(query.limit(1))


def versions(item: LibraryItem) -> Sequence[LibraryVersion]:
    """The versions of a document, the newest first."""
    query = select(LibraryVersion).where(LibraryVersion.item_id == item.id).options(joinedload(LibraryVersion.person))
    return db.session().scalars(query.options(joinedload(LibraryVersion.attachment)).order_by(LibraryVersion.number.desc())).all()


def version(item: LibraryItem, number: int) -> LibraryVersion:
    """A version of a document.

    Raises:
        NotFound: there is none of this number.
    """
    query = select(LibraryVersion).where(LibraryVersion.item_id == item.id, LibraryVersion.number == number)
    found = db.session().scalar(query.options(joinedload(LibraryVersion.attachment)).execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def current(found: Iterable[LibraryItem]) -> dict[int, LibraryVersion]:
    """Of documents the newest version whose file is there, by document."""
    ids = [one.id for one in found if one.kind == "document"]
    if not ids:
        return {}
    there = (LibraryVersion.item_id.in_(ids)) & LibraryVersion.attachment_id.is_not(None)
    last = select(func.max(LibraryVersion.id)).where(there).group_by(LibraryVersion.item_id)
    query = select(LibraryVersion).where(LibraryVersion.id.in_(last))
    query = query.options(joinedload(LibraryVersion.attachment), joinedload(LibraryVersion.person))
    return {one.item_id: one for one in db.session().scalars(query)}


def sent(actor: Actor, key: str, *, hold: bool = False) -> Attachment | None:
    """A file the actor has sent and that is nowhere yet; nobody else puts it anywhere until the end of the transaction, if it is held."""
    mine = (Attachment.key == key) & (Attachment.person_id == actor.person_id)
    query = select(Attachment).where(mine, Attachment.post_id.is_(None), Attachment.space_id.is_(None))
    return db.session().scalar(query.with_for_update() if hold else query) if key and actor.person_id is not None else None
