"""Attached documents are read once, by a job; what was read is kept, and the index told of it."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from alliance import events
from alliance.attachments import store
from alliance.attachments.models import Attachment
from alliance.core import clock, db, jobs, locks, outbox
from alliance.search import extracting
from alliance.search.extracting import READABLE, Unreadable
from alliance.search.models import AttachmentText

log = structlog.get_logger(__name__)
LOCK = "search-files"
AT_ONCE = 20


@jobs.task()
def read_files() -> None:
    """Read the documents that were attached and not read yet."""
    with locks.exclusive(LOCK) as mine:
        while mine and (waiting := _waiting()):
            for attachment_id, key, media_type, post_id in waiting:
                _read(attachment_id, key, media_type, post_id)


def _waiting() -> list[tuple[int, str, str, int]]:
    known = select(AttachmentText.id).where(AttachmentText.attachment_id == Attachment.id).exists()
    placed = Attachment.post_id.is_not(None) | Attachment.space_id.is_not(None)
    query = select(Attachment.id, Attachment.key, Attachment.media_type, Attachment.post_id)
    query = query.where(placed, Attachment.media_type.in_(READABLE), ~known)
    found = [(row[0], row[1], row[2], row[3] or 0) for row in db.session().execute(query.order_by(Attachment.id).limit(AT_ONCE))]
    db.release()  # a file may take a while, and no transaction with it
    return found


def _read(attachment_id: int, key: str, media_type: str, post_id: int) -> None:
    text, outcome = "", "failed"
    try:
        text = extracting.text_of(store.path(key), media_type)
        outcome = "read" if text.strip() else "empty"
    except Unreadable as error:
        log.warning("search.file_unreadable", attachment=attachment_id, reason=str(error))
    with db.transaction() as session:
        if session.get(Attachment, attachment_id) is None:  # swept away meanwhile
            return
        session.add(AttachmentText(attachment_id=attachment_id, text=text, outcome=outcome, read_at=clock.now()))
        outbox.publish(events.AttachmentRead(attachment_id, post_id))
