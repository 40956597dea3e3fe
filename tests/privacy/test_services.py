"""Archives: everything of a person and nothing of others, made once, fetched by their owner alone, gone after a week."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from alliance.accounts import passwords, tokens
from alliance.accounts.models import Person
from alliance.attachments import services as attachments
from alliance.core import clock, db, outbox
from alliance.core.errors import Conflict, Invalid, NotFound, Refused
from alliance.drafts.models import Draft
from alliance.mailing.models import OutgoingMail
from alliance.policy import Actor
from alliance.privacy import gathering, services
from alliance.privacy.models import Archive
from tests.discussing import discussion
from tests.people import PASSWORD, People


@pytest.fixture
def owner(people: People) -> Actor:
    """Somebody with a password."""
    return people.participant(name="Ada Lovelace", password_hash=passwords.make(PASSWORD))


def ask(owner: Actor) -> int:
    return services.ask(owner, People.of(owner), PASSWORD).id


def ready(drain: Callable[[], int], owner: Actor) -> tuple[Archive, zipfile.ZipFile]:
    """The archive of a person, asked for and made."""
    archive_id = ask(owner)
    drain()
    archive = db.session().get_one(Archive, archive_id)
    _found, path = services.get(owner, archive.key)
    return archive, zipfile.ZipFile(path)


def inside(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return json.loads(archive.read(f"{name}.json"))  # type: ignore[no-any-return]


def test_it_holds_what_is_ones_own(people: People, owner: Actor, drain: Callable[[], int]) -> None:
    mine = discussion(owner, body="What I said, “quoted” — and ünïcode \U0001f600").id
    other = people.participant(name="Somebody Else", email="else@example.org")
    discussion(other, body="What another said")
    attachments.receive(owner, "../notes: one.txt", io.BytesIO(b"my notes"), "")
    secret = tokens.create_token(People.of(owner), "read", "script")
    with db.transaction() as session:
        session.add(
            Draft(
                person_id=owner.person_id,
                place="new:c1",
                fields={"body": "half a thought"},
                nonce="n",
                created_at=clock.now(),
                updated_at=clock.now(),
            )
        )
    _archive, made = ready(drain, owner)
    assert made.testzip() is None
    assert inside(made, "profile")[0]["name"] == "Ada Lovelace"
    assert [one["id"] for one in inside(made, "discussions")] == [mine]
    assert ["ünïcode \U0001f600" in one["body"] for one in inside(made, "posts")] == [True]
    assert inside(made, "drafts")[0]["fields"] == {"body": "half a thought"}
    assert [one["name"] for one in inside(made, "tokens")] == ["script"]
    files = [name for name in made.namelist() if name.startswith("files/")]
    assert [made.read(name) for name in files] == [b"my notes"]
    assert all(re.fullmatch(r"files/[\w-]+[^/\\]*", name) for name in files), "nothing is unpacked anywhere else"
    everything = b"\n".join(made.read(name) for name in made.namelist()).decode()
    assert "Ada Lovelace" in made.read("README.txt").decode()
    for hidden in ("Somebody Else", "else@example.org", "What another said", secret, tokens.digest_of(secret), "argon2"):
        assert hidden not in everything


def test_rows_are_read_a_few_at_a_time(owner: Actor, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "BATCH", 3)
    other = people.participant()
    for _number in range(4):
        discussion(owner)
        discussion(other)
    assert len(list(gathering.rows("posts", int(owner.person_id or 0)))) == 4


def test_it_is_made_once_and_told_once(owner: Actor, drain: Callable[[], int]) -> None:
    archive_id = ask(owner)
    with pytest.raises(Conflict):
        ask(owner)
    drain()
    made = services.path(db.session().get_one(Archive, archive_id))
    before = made.stat().st_mtime_ns
    services.make(archive_id)
    drain()
    assert made.stat().st_mtime_ns == before
    told = select(func.count()).where(OutgoingMail.person_id == owner.person_id, OutgoingMail.kind == "new-archive")
    assert db.session().scalar(told) == 1
    with pytest.raises(Conflict):
        ask(owner)


def test_one_that_was_killed_half_way_is_made_again(owner: Actor, monkeypatch: pytest.MonkeyPatch, drain: Callable[[], int]) -> None:
    archive_id = ask(owner)

    def killed(target: Path, _person_id: int) -> None:
        target.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as half_way:
        half_way.setattr(gathering, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            services.make(archive_id)
    db.release()
    assert db.session().get_one(Archive, archive_id).status == "asked"
    drain()
    archive = db.session().get_one(Archive, archive_id)
    assert archive.is_there
    assert [file.name for file in services.folder().iterdir()] == [f"{archive.key}.zip"]
    assert services.path(archive).stat().st_mode & 0o077 == 0


def test_the_password_is_asked_for_and_it_must_be_ones_own_account(people: People, owner: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        services.ask(owner, People.of(owner), "wrong")
    assert list(refused.value.errors) == ["password"]
    with pytest.raises(Refused):
        services.ask(people.secretariat(), People.of(owner), PASSWORD)
    assert db.session().scalar(select(func.count()).select_from(Archive)) == 0


def test_nobody_else_fetches_it(people: People, owner: Actor, drain: Callable[[], int]) -> None:
    archive, _made = ready(drain, owner)
    for other in (people.participant(), people.secretariat(), Actor.guest()):
        with pytest.raises(NotFound):
            services.get(other, archive.key)


def test_after_a_week_it_is_gone(owner: Actor, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    archive, _made = ready(drain, owner)
    key, path, later = archive.key, services.path(archive), clock.now() + timedelta(days=7, minutes=1)
    stray = services.folder() / "stray.arriving"
    stray.write_bytes(b"")
    services.clean()
    assert path.is_file()
    assert not stray.exists()
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound):
        services.get(owner, key)
    services.clean()
    assert not path.exists()
    assert ask(owner), "another can be asked for"


def test_what_cannot_be_made_within_a_day_can_be_asked_for_again(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    first, later = ask(owner), clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    services.clean()
    assert db.session().get_one(Archive, first).status == "failed"
    assert ask(owner) != first
    assert outbox.head()
    assert db.session().get_one(Person, owner.person_id)
