"""Archives: asked for, made once by whoever reads the event log, fetched by their owner alone, removed after a week."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select, update

from alliance import events
from alliance.accounts import history, passwords
from alliance.accounts.models import Person
from alliance.core import clock, db, jobs, locks, outbox, settings
from alliance.core.errors import Conflict, NotFound
from alliance.core.i18n import gettext as _
from alliance.core.tokens import random_secret
from alliance.policy import Actor, visible
from alliance.privacy import gathering
from alliance.privacy.models import KEPT, STUCK, Archive

EVERY = timedelta(days=1)
FORGOTTEN = timedelta(days=30)
_LOCK = "archives"


def folder() -> Path:
    """Where archives lie."""
    return settings.current().data_dir / "archives"


def path(archive: Archive) -> Path:
    """Where the file of an archive lies, or is to lie."""
    return folder() / f"{archive.key}.zip"


def ask(actor: Actor, person: Person, password: str) -> Archive:
    """Have an archive made of what is kept of oneself.

    Raises:
        Refused: it is somebody else's account.
        Invalid: at `password`.
        Conflict: one is being made, or was asked for within a day.
    """
    passwords.confirm(actor, person, password)
    with db.transaction() as session:
        session.get_one(Person, person.id, with_for_update=True, populate_existing=True)  # of two requests at once the second waits
        latest = session.scalar(select(Archive).where(Archive.person_id == person.id).order_by(Archive.id.desc()).limit(1))
        if latest is not None and latest.is_being_made:
            raise Conflict(_("Your archive is being made already. You are told by mail when it is ready."))
        if latest is not None and latest.status != "failed" and latest.asked_at > clock.now() - EVERY:
            raise Conflict(_("You had an archive made less than a day ago. One a day can be made."))
        made = Archive(person_id=person.id, key=random_secret()[:40], status="asked", asked_at=clock.now())
        session.add(made)
        session.flush()
        history.note(person.id, "archive_asked")
        outbox.publish(events.ArchiveAsked(made.id))
    return made


def make(archive_id: int) -> None:
    """Make an archive that was asked for. Killed half-way it is made again from the start; once it is ready, never."""
    archive = db.session().get(Archive, archive_id)
    if archive is None or archive.status != "asked":
        return
    person_id, target = archive.person_id, path(archive)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    arriving = target.with_suffix(".arriving")
    gathering.write(arriving, person_id)
    _settle(arriving, target)
    with db.transaction() as session:
        asked = update(Archive).where(Archive.id == archive_id, Archive.status == "asked")
        ready = asked.values(status="ready", ready_at=clock.now(), size=target.stat().st_size).returning(Archive.id)
        if session.scalar(ready) is not None:
            outbox.publish(events.AccountAltered(person_id, "archive"))


def _settle(arriving: Path, target: Path) -> None:
    """On the disk for certain, as a whole or not at all, and for nobody else on the machine."""
    arriving.chmod(0o600)
    handle = os.open(arriving, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    arriving.replace(target)


def latest(actor: Actor) -> Archive | None:
    """The archive one asked for last."""
    return db.session().scalar(select(Archive).where(visible(actor, Archive)).order_by(Archive.id.desc()).limit(1))


def get(actor: Actor, key: str) -> tuple[Archive, Path]:
    """One's own archive and where it lies, as long as it can be fetched.

    Raises:
        NotFound: there is none, it is somebody else's, or its time is over.
    """
    found = db.session().scalar(select(Archive).where(visible(actor, Archive), Archive.key == key))
    if found is None or not found.is_there or not path(found).is_file():
        raise NotFound
    return found, path(found)


@jobs.periodic("26 4 * * *")
def clean() -> None:
    """Once a night: files go after a week, what could not be made is given up, and files without a row are swept away."""
    now = clock.now()
    with db.transaction() as session:
        over = update(Archive).where(Archive.status == "ready", Archive.ready_at <= now - KEPT)
        session.execute(over.values(status="gone"))
        session.execute(update(Archive).where(Archive.status == "asked", Archive.asked_at <= now - STUCK).values(status="failed"))
        session.execute(delete(Archive).where(Archive.status.in_(("gone", "failed")), Archive.asked_at <= now - FORGOTTEN))
    with locks.exclusive(_LOCK) as mine:
        if mine:
            sweep()


def sweep() -> None:
    """Remove files that belong to no archive."""
    wanted = set(db.session().scalars(select(Archive.key).where(Archive.status.in_(("asked", "ready")))))
    for file in folder().glob("*"):
        if file.name.partition(".")[0] not in wanted:
            file.unlink(missing_ok=True)
