"""Once a night: files nobody published go, and so does what lies on the disk without a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import delete, select

from alliance.attachments import store
from alliance.attachments.models import Attachment
from alliance.core import backups, clock, db, jobs, locks

UNPUBLISHED_DAYS = 7
STRAY_SECONDS = 24 * 3600
BATCH = 500
Wanting = Callable[[Mapping[str, int]], set[str]]
_wanting: list[Wanting] = []


def wanting(function: Wanting) -> Wanting:
    """Decorator: `function({key: person id}) -> keys` names files that are not published but still wanted (by drafts)."""
    if function not in _wanting:
        _wanting.append(function)
    return function


@jobs.periodic("41 3 * * *")
def clean() -> int:
    """Remove files that were not published for UNPUBLISHED_DAYS, and strays on the disk; returns how many.

    While a backup is made none goes: the next night is early enough.
    """
    with locks.exclusive(backups.FILES_LOCK) as mine:
        return _unpublished() + _strays() if mine else 0


def _unpublished() -> int:
    before = clock.now() - timedelta(days=UNPUBLISHED_DAYS)
    last = count = 0
    while True:
        query = select(Attachment.id, Attachment.key, Attachment.person_id).where(
            Attachment.post_id.is_(None), Attachment.space_id.is_(None), Attachment.created_at < before
        )
        rows = db.session().execute(query.where(Attachment.id > last).order_by(Attachment.id).limit(BATCH)).all()
        if not rows:
            return count
        last = rows[-1].id
        owners = {row.key: row.person_id for row in rows}
        wanted = set().union(*(function(owners) for function in _wanting))
        count += _remove([key for key in owners if key not in wanted])


def _remove(keys: list[str]) -> int:
    """Rows first: a file without a row is swept away, a row without a file would be a broken promise."""
    with db.transaction() as session:
        # Asked once more: it may have been published meanwhile.
        unclaimed = Attachment.key.in_(keys) & Attachment.post_id.is_(None) & Attachment.space_id.is_(None)
        gone = session.scalars(delete(Attachment).where(unclaimed).returning(Attachment.key)).all()
    for key in gone:
        store.remove(key)
    return len(gone)


def _strays() -> int:
    count = 0
    for files in store.older_than(STRAY_SECONDS):
        keys = {file.name.partition(".")[0] for file in files}
        known = set(db.session().scalars(select(Attachment.key).where(Attachment.key.in_(keys)))) if keys else set()
        for file in files:
            if file.name.partition(".")[0] not in known:
                file.unlink(missing_ok=True)
                count += 1
        db.release()
    return count
