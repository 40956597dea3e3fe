"""What nobody published goes after a week; what is published, or still in a draft, stays."""

from __future__ import annotations

import io
import os
import time
from datetime import timedelta

from sqlalchemy import select, update

from alliance.attachments import cleaning, services, store
from alliance.attachments.models import Attachment
from alliance.core import clock
from alliance.core import db as database
from alliance.discussions import services as discussions
from alliance.drafts import services as drafts
from alliance.policy import Actor
from tests import discussing
from tests.attachments import samples
from tests.people import People


def take(actor: Actor, data: bytes = samples.PDF) -> str:
    return services.receive(actor, "a.pdf", io.BytesIO(data)).key


def age(days: float) -> None:
    with database.transaction() as session:
        session.execute(update(Attachment).values(created_at=clock.now() - timedelta(days=days)))


def keys() -> set[str]:
    return set(database.session().scalars(select(Attachment.key)))


def test_only_old_files_nobody_wants_go(people: People) -> None:
    author = people.participant()
    published, drafted, lost = (take(author, samples.PDF + bytes([65 + n])) for n in range(3))
    picture = take(author, samples.picture())
    found = discussing.discussion(author, body=f"[a](/attachments/{published}/a.pdf)")
    drafts.save(author, f"d:{found.id}", {"body": f"[a](/attachments/{drafted}/a.pdf)"}, revision=0)
    age(6.9)
    assert cleaning.clean() == 0
    age(7.1)
    fresh = take(author, samples.PDF + b"F")
    assert cleaning.clean() == 2
    assert keys() == {published, drafted, fresh}
    for key in (lost, picture):
        assert not store.path(key).exists()
        assert not store.path(key, store.THUMBNAIL).exists()
    assert store.path(published).exists()
    assert cleaning.clean() == 0


def test_taken_out_of_a_post_it_has_a_week_from_then(people: People) -> None:
    author = people.participant()
    key = take(author)
    post = discussing.opening(discussing.discussion(author, body=f"[a](/attachments/{key}/a.pdf)"))
    age(100)
    discussions.edit_post(author, post, "Nothing.", expected_revision=1)
    assert cleaning.clean() == 0
    age(8)
    assert cleaning.clean() == 1


def test_strays_on_the_disk_are_swept_away(people: People) -> None:
    key = take(people.participant())
    strays = [store.path("ab" + "0" * 30), store.folder() / "arriving" / "tmp1"]
    young = store.path("cd" + "0" * 30)
    for file in (*strays, young):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"x")
    before = time.time() - 25 * 3600
    for file in (*strays, store.path(key)):
        os.utime(file, (before, before))
    cleaning.clean()
    assert [file.exists() for file in strays] == [False, False]
    assert young.exists()
    assert store.path(key).exists()


def test_nothing_to_clean(people: People) -> None:
    people.participant()
    assert cleaning.clean() == 0
