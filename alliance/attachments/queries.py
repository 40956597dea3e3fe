"""Finding files: what one may not see is not found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, false, func, or_, select

from alliance.attachments import images
from alliance.attachments.documents import LABELS
from alliance.attachments.models import Attachment
from alliance.attachments.naming import is_key
from alliance.core import db, text
from alliance.core.errors import NotFound
from alliance.policy import Actor, visible

_PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP"}


def get(actor: Actor, key: str) -> Attachment:
    """A file.

    Raises:
        NotFound: there is none under this key, or the actor may not see it.
    """
    found = None
    if is_key(key):
        found = db.session().scalar(select(Attachment).where(Attachment.key == key, visible(actor, Attachment)))
    if found is None:
        raise NotFound
    return found


def own(actor: Actor, keys: Sequence[str]) -> list[Attachment]:
    """The actor's own among some files, in the order of their keys."""
    if not keys or actor.person_id is None:
        return []
    query = select(Attachment).where(Attachment.key.in_(keys), Attachment.person_id == actor.person_id, visible(actor, Attachment))
    return sorted(db.session().scalars(query), key=lambda one: keys.index(one.key))


def same(writer_id: int, sha256: str, name: str) -> Attachment | None:
    """The very same file, sent by its writer before and not published yet."""
    free = Attachment.post_id.is_(None) & Attachment.space_id.is_(None)
    query = select(Attachment).where(Attachment.person_id == writer_id, free)
    return db.session().scalar(query.where(Attachment.sha256 == sha256, Attachment.name == name).limit(1))


def of_post(post_id: int) -> list[Attachment]:
    """The files of a post, for one who may read it."""
    return list(db.session().scalars(select(Attachment).where(Attachment.post_id == post_id).order_by(Attachment.id)))


def volume_since(actor: Actor, moment: datetime) -> int:
    """How many bytes the actor attached since then."""
    query = select(func.sum(Attachment.size)).where(Attachment.person_id == actor.person_id, Attachment.created_at > moment)
    return int(db.session().scalar(query) or 0)


def shown(keys: Sequence[str], *, writer_id: int | None, post_id: int | None) -> dict[str, text.Attached]:
    """What a text that refers to files shows of them: of those everybody may see, of its writer's, and of its own."""
    if not keys:
        return {}
    free = and_(Attachment.post_id.is_(None), Attachment.space_id.is_(None))
    writers = and_(free, Attachment.person_id == writer_id) if writer_id is not None else false()
    its_own = Attachment.post_id == post_id if post_id is not None else false()
    query = select(Attachment).where(Attachment.key.in_(keys), or_(visible(Actor.guest(), Attachment), writers, its_own))
    return {one.key: attached(one) for one in db.session().scalars(query)}


def attached(one: Attachment) -> text.Attached:
    """A file as a text shows it."""
    return text.Attached(facts(one), one.name, one.alternative, small_size(one))


def facts(one: Attachment) -> str:
    """Type and size, such as "PDF, 1.2 MB"."""
    label = _PICTURES.get(one.media_type) or LABELS.get(one.media_type, one.media_type)
    amount = one.size / 1_000_000
    return f"{label}, {amount:.1f} MB" if amount >= 1 else f"{label}, {max(1, round(one.size / 1000))} kB"


def small_size(one: Attachment) -> tuple[int, int] | None:
    """Width and height of the small picture; None for documents."""
    if not one.width or not one.height:
        return None
    share = min(1.0, images.THUMBNAIL[0] / one.width, images.THUMBNAIL[1] / one.height)
    return max(1, round(one.width * share)), max(1, round(one.height * share))
