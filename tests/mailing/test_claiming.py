"""Authors of archives become the people who prove their addresses, and nobody else; it can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, select

from alliance.accounts import passwords, queries, services
from alliance.accounts.models import Person, SecurityEvent
from alliance.accounts.services import Profile
from alliance.attachments.models import Attachment
from alliance.core import db as database
from alliance.discussions import recounting
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.mailing import claiming
from alliance.privacy import closing
from tests.mailing import samples
from tests.people import PASSWORD, People

Cli = Callable[..., Result]
Drain = Callable[[], int]
JANE = "jane@example.org"


@pytest.fixture
def imported(cli: Cli, tmp_path: Path, drain: Drain) -> Path:
    """The archive in which Jane wrote three messages and others three, with an attached file of hers."""
    file = tmp_path / "list.mbox"
    file.write_bytes(samples.TREE + WITH_FILE)
    assert cli("import", "mbox", str(file), "--space", "c5").exit_code == 0
    drain()
    return file


WITH_FILE = samples.message(
    "From: Jane Doe <jane@example.org>\nSubject: A table\nMessage-ID: <table@example.org>\nDate: Thu, 22 Aug 2002 14:00:00 +0200\nMIME-Version: 1.0\n"
    'Content-Type: multipart/mixed; boundary="x"',
    "--x\nContent-Type: text/plain\n\nThe figures are attached.\n--x\nContent-Type: text/csv; name=f.csv\nContent-Disposition: attachment; filename=f.csv\n\na,b\n1,2\n--x--\n",
)


def register(address: str = JANE) -> Person:
    services.register(address, PASSWORD, Profile(name="Jane D. Doe", stakeholder_type="academia_technical"))
    found = queries.by_email(address)
    assert found is not None
    return found


def confirm(address: str = JANE) -> Person:
    link = services.confirmation_link(register(address))
    return services.confirm(link.rpartition("/")[2], PASSWORD)


def authors() -> dict[str, int]:
    """How many posts are whose, by the name they are shown under."""
    database.release()
    rows = database.session().execute(
        select(Person.name, func.count(Post.id)).join(Post, Post.author_id == Person.id).group_by(Person.name)
    )
    return {row[0]: row[1] for row in rows}


def test_who_proves_an_address_has_what_was_written_from_it(imported: Path, client: Any, drain: Drain) -> None:
    before = authors()
    old = database.session().scalars(select(Person.handle).where(Person.archive_email == JANE)).one()
    handle = confirm().handle
    drain()
    now = authors()
    assert now == {**{name: n for name, n in before.items() if name != "Jane Doe"}, "Jane D. Doe": before["Jane Doe"]}
    jane = queries.by_email(JANE)
    assert jane is not None
    assert jane.posts_count == before["Jane Doe"]
    assert len(recounting.check()) == 0
    assert set(database.session().scalars(select(Discussion.author_id).where(Discussion.title == "Fibre to schools"))) == {jane.id}
    assert set(database.session().scalars(select(Attachment.person_id))) == {jane.id}
    page = client.get(f"/people/{handle}")
    assert page.status_code == 200
    assert (answer := client.get(f"/people/{old}")).status_code == 302
    assert answer.location.endswith(f"/people/{handle}")
    post = client.get("/p/1", follow_redirects=True)
    assert "Jane D. Doe" in post.text
    assert "Jane Doe" not in post.text
    assert "Jane Doe" not in client.get("/people").text
    assert "archive_claimed" in set(database.session().scalars(select(SecurityEvent.kind).where(SecurityEvent.person_id == jane.id)))


def test_search_finds_them_under_the_person(imported: Path, client: Any, drain: Drain) -> None:
    handle = confirm().handle
    drain()
    found = client.get("/api/v1/search", query_string={"q": f"author:{handle}"}).json["items"]
    assert {one["author"]["name"] for one in found if "author" in one} == {"Jane D. Doe"}
    assert len(found) >= 4


def test_asking_for_an_account_is_no_proof(imported: Path, drain: Drain, people: People) -> None:
    before = authors()
    register()
    drain()
    assert authors() == before
    people.participant(email="amadou@example.net")  # made and confirmed by hand
    for person in database.session().scalars(select(Person).where(Person.email.is_not(None))).all():
        assert claiming.claim(person.id) == 0
    assert authors() == before


def test_a_new_password_by_link_is_proof_of_an_account_made_by_hand(imported: Path, drain: Drain, people: People) -> None:
    amadou = People.of(people.participant(email="amadou@example.net", name="Amadou B.", password_hash=passwords.make(PASSWORD)))
    services.reset_password(services.reset_link(amadou).rpartition("/")[2], "another correct horse")
    drain()
    assert authors()["Amadou B."] == 1


def test_what_is_imported_later_is_theirs_at_once(imported: Path, cli: Cli, tmp_path: Path, drain: Drain) -> None:
    confirm()
    confirm("wei2@example.cn")
    drain()
    later = tmp_path / "later.mbox"
    later.write_bytes(
        samples.simple(21, subject="News")
        + samples.simple(22, subject="More news", sender="Wei <wei2@example.cn>")
        + samples.simple(23, subject="Other news", sender="Jane <JANE@Example.org>")
    )
    before = authors()["Jane D. Doe"]
    assert cli("import", "mbox", str(later), "--space", "c6").exit_code == 0
    assert authors()["Jane D. Doe"] == before + 3
    assert "Jane" not in authors()


def test_it_is_done_once_and_goes_on_after_it_was_killed(imported: Path, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    jane = confirm().id
    real, left = recounting.recount_discussion, [2]

    def die(discussion_id: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        real(discussion_id)

    with monkeypatch.context() as patch:
        patch.setattr(recounting, "recount_discussion", die)
        with pytest.raises(KeyboardInterrupt):
            claiming.claim(jane)
    database.release()
    assert claiming.claim(jane) > 0
    assert claiming.claim(jane) == 0
    drain()
    assert authors()["Jane D. Doe"] == 4
    assert len(recounting.check()) == 0
    told = select(func.count(SecurityEvent.id)).where(SecurityEvent.kind == "archive_claimed")
    assert database.session().scalar(told) == 1


def test_the_secretariat_takes_it_back_for_good(imported: Path, cli: Cli, drain: Drain, people: People) -> None:
    before = authors()
    confirm()
    drain()
    assert cli("user", "unclaim", "amadou@example.net").exit_code != 0
    answer = cli("user", "unclaim", JANE)
    assert answer.exit_code == 0, answer.output
    drain()
    assert authors() == before
    assert len(recounting.check()) == 0
    jane = queries.by_email(JANE)
    assert jane is not None
    assert jane.posts_count == 0
    services.reset_password(services.reset_link(jane).rpartition("/")[2], "another correct horse")
    drain()
    assert authors() == before
    assert cli("import", "mbox", str(imported), "--space", "c6").exit_code == 0
    assert "Jane D. Doe" not in authors()


def test_where_authors_are_not_named_they_stay_so(cli: Cli, tmp_path: Path, drain: Drain) -> None:
    with database.transaction() as session:
        session.scalars(select(Space).where(Space.code == "c5")).one().attribution = "type"
    file = tmp_path / "list.mbox"
    file.write_bytes(samples.TREE)
    assert cli("import", "mbox", str(file), "--space", "c5").exit_code == 0
    before = authors()
    assert "Jane Doe" not in before
    jane = confirm().id
    drain()
    assert authors() == before
    assert database.session().scalar(select(func.count(Post.id)).where(Post.written_by_id == jane)) == 3
    assert len(recounting.check()) == 0
    assert cli("user", "unclaim", JANE).exit_code == 0
    assert database.session().scalar(select(func.count(Post.id)).where(Post.written_by_id == jane)) == 0
    assert authors() == before
    assert len(recounting.check()) == 0


def test_closing_the_account_leaves_no_name_of_the_author_either(imported: Path, drain: Drain) -> None:
    jane = confirm().id
    drain()
    assert closing.close(jane, at_once=True)
    drain()
    database.release()
    assert not [name for name in database.session().scalars(select(Person.name)) if "Jane" in name]
    assert database.session().scalar(select(func.count(Person.id)).where(Person.archive_email == JANE)) == 0
