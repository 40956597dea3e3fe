"""Taking files, and joining them to the posts that refer to them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import or_, select, update

from alliance.attachments import documents, images, naming, queries, store
from alliance.attachments.models import Attachment
from alliance.core import clock, db, outbox, settings, text
from alliance.core.attached import keys_in
from alliance.core.errors import Invalid, TooLarge
from alliance.core.i18n import gettext as _
from alliance.events import AttachmentDropped
from alliance.policy import Actor, require

MOST_PER_POST = 10
DAILY = 10  # times the size one file may have
MAX_ALTERNATIVE = 500
CHUNK = 2**16


@dataclass(frozen=True, slots=True)
class Found:
    """What a file was found to be."""

    kind: str
    media_type: str
    suffix: str
    picture: images.Picture | None = None


def receive(actor: Actor, name: str, stream: IO[bytes], alternative: str = "") -> Attachment:
    """Take a file. It is on the disk, and only its uploader sees it, until a post refers to it.

    Args:
        actor: whose it is.
        name: as the device calls it; nothing but the name shown is made of it.
        stream: its content, from which its type is known.
        alternative: what a picture shows, in words.

    Raises:
        TooLarge, Invalid, Refused: nothing is kept.
    """
    require(actor, "attachment.upload")
    with store.arriving() as arrived:
        _copy(stream, arrived)
        found = _examined(arrived, name)
        _check_volume(actor, _size(arrived, found))
        return _kept(
            actor.person_id or 0, naming.cleaned(name, found.suffix), arrived, found, text.clean_line(alternative)[:MAX_ALTERNATIVE]
        )


def bring(writer_id: int, name: str, stream: IO[bytes]) -> Attachment:
    """Take a file that came with a text from elsewhere, whose writer nobody here has to be; otherwise as `receive`.

    Raises:
        TooLarge, Invalid: nothing is kept.
    """
    with store.arriving() as arrived:
        _copy(stream, arrived)
        found = _examined(arrived, name)
        return _kept(writer_id, naming.cleaned(name, found.suffix), arrived, found, "")


def _copy(stream: IO[bytes], target: Path) -> None:
    most = settings.current().upload_megabytes
    size = 0
    with target.open("wb") as out:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most * 2**20:
                raise TooLarge.field("files", _("The file is larger than %(most)s MB.", most=most))
            out.write(chunk)
    if not size:
        raise Invalid.field("files", _("The file is empty."))


def _examined(arrived: Path, name: str) -> Found:
    with arrived.open("rb") as file:
        head = file.read(16)
    if images.format_of(head) is not None:
        picture = images.remake(arrived)
        return Found("image", images.MEDIA_TYPES[picture.format], images.SUFFIXES[picture.format], picture)
    document = documents.type_of(arrived, name)
    if document is None:
        raise Invalid.field(
            "files",
            _(
                "A file of this type is not taken. Pictures may be JPEG, PNG, WebP or GIF; documents PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, TXT or CSV."
            ),
        )
    return Found("document", document.media_type, document.suffix)


def _size(arrived: Path, found: Found) -> int:
    return len(found.picture.data) if found.picture else arrived.stat().st_size


def _kept(writer_id: int, name: str, arrived: Path, found: Found, alternative: str) -> Attachment:
    picture = found.picture
    sha256 = hashlib.sha256(picture.data).hexdigest() if picture else _digest(arrived)
    size = _size(arrived, found)
    key = secrets.token_hex(16)
    if (before := _sent_again(writer_id, sha256, name, alternative)) is not None:
        return before
    if picture:
        store.keep(key, picture.data)
        store.keep(key, picture.thumbnail, store.THUMBNAIL)
    else:
        store.keep_arrived(key, arrived)
    with db.transaction() as session:
        made = Attachment(key=key, person_id=writer_id, name=name, kind=found.kind, media_type=found.media_type, size=size)
        made.sha256, made.alternative, made.created_at = sha256, alternative, clock.now()
        made.width, made.height = (picture.width, picture.height) if picture else (None, None)
        session.add(made)
        session.flush()
        return made


def _sent_again(writer_id: int, sha256: str, name: str, alternative: str) -> Attachment | None:
    """A file that was sent before (a retry on a bad link) is the one that is there."""
    if queries.same(writer_id, sha256, name) is None:
        return None
    with db.transaction():
        before = queries.same(writer_id, sha256, name)
        if before is not None:
            before.created_at, before.alternative = clock.now(), alternative or before.alternative
        return before


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _check_volume(actor: Actor, size: int) -> None:
    most = DAILY * settings.current().upload_megabytes
    if queries.volume_since(actor, clock.now() - timedelta(days=1)) + size > most * 2**20:
        raise Invalid.field("files", _("You have attached %(most)s MB within a day, which is the most. Try again tomorrow.", most=most))


def claim(person_id: int, post_id: int, body: str) -> None:
    """Inside the transaction that publishes a text: the files it refers to are those of the post from here on.

    Those of others, and those that belong to another post, are left as they are.

    Raises:
        Invalid: there are more than MOST_PER_POST.
    """
    keys = keys_in(body)
    if not keys:
        return
    session = db.session()
    free = (Attachment.person_id == person_id) & Attachment.post_id.is_(None) & Attachment.space_id.is_(None)
    query = select(Attachment).where(Attachment.key.in_(keys), or_(free, Attachment.post_id == post_id))
    found = session.scalars(query.order_by(Attachment.id).with_for_update()).all()
    if len(found) > MOST_PER_POST:
        raise Invalid.field("body", _("A post may have at most %(most)s attached files.", most=MOST_PER_POST))
    for one in found:
        one.post_id = post_id
        if one.kind == "image":
            one.alternative = text.clean_line(naming.alternative_in(body, one.key) or one.alternative)[:MAX_ALTERNATIVE]
    session.flush()


def claim_again(person_id: int, post_id: int, body: str) -> None:
    """Inside the transaction that changes a text: as `claim`; files it refers to no more are their uploader's alone again."""
    gone = (Attachment.post_id == post_id) & Attachment.key.not_in(keys_in(body))
    session = db.session()
    for dropped in session.scalars(select(Attachment.id).where(gone).order_by(Attachment.id)).all():
        session.execute(update(Attachment).where(Attachment.id == dropped).values(post_id=None, created_at=clock.now()))
        outbox.publish(AttachmentDropped(dropped))
    claim(person_id, post_id, body)
