from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, select

from alliance.accounts.models import Person
from alliance.attachments.models import Attachment
from alliance.core import db as database
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.mailing.models import OutgoingMail
from alliance.notifications.models import Notification
from tests.mailing import samples

Cli = Callable[..., Result]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "list.mbox"
    file.write_bytes(samples.TREE)
    return file


def last(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()[-1]


def test_an_archive_becomes_discussions_and_importing_it_again_adds_nothing(cli: Cli, archive: Path, drain: Callable[[], int]) -> None:
    result = cli("import", "mbox", str(archive), "--space", "c5")
    assert last(result) == "imported 6, duplicates 1, skipped 1"
    assert "message 8 <pic@example.org> skipped: there is no text in it" in result.stderr
    # The message without an id is known by its content.
    assert last(cli("import", "mbox", str(archive), "--space", "c5")) == "imported 0, duplicates 7, skipped 1"
    assert last(cli("import", "mbox", str(archive), "--space", "c6")) == "imported 6, duplicates 1, skipped 1"
    titles = (
        database.session()
        .scalars(select(Discussion.title).join(Discussion.space).where(Discussion.space.has(code="c5")).order_by(Discussion.id))
        .all()
    )
    assert titles == ["Fibre to schools", "Another subject", "No id"]
    first = database.session().scalars(select(Discussion).order_by(Discussion.id)).first()
    assert first is not None
    posts = database.session().scalars(select(Post).where(Post.discussion_id == first.id).order_by(Post.number)).all()
    assert [(post.number, post.parent_number) for post in posts] == [(1, None), (2, 1), (3, 2), (4, 1)]
    assert posts[0].created_at.isoformat() == "2002-08-22T10:01:00+00:00"
    assert all(post.imported for post in posts)
    assert posts[2].body == "On Thu, Amadou Ba wrote:\n\n> Text of message 2.\n\nI agree, write to j…@example.org"
    drain()
    assert database.session().scalar(select(func.count(OutgoingMail.id))) == 0
    assert database.session().scalar(select(func.count(Notification.id))) == 0


def test_authors_are_unclaimed_people_and_their_addresses_are_on_no_page(cli: Cli, archive: Path, client: Any) -> None:
    cli("import", "mbox", str(archive), "--space", "c5")
    authors = database.session().scalars(select(Person).order_by(Person.id)).all()
    assert [person.name for person in authors] == ["Jane Doe", "Amadou Ba", "Li, Wei", "No Body"]
    assert all(not person.claimed and person.email is None and person.password_hash is None for person in authors)
    assert authors[0].archive_email == "jane@example.org"
    pages = ["/action-lines/c5", "/latest", *(f"/people/{person.handle}" for person in authors), "/api/v1/spaces/c5/discussions"]
    pages += [f"/p/{post}" for post in database.session().scalars(select(Post.id)).all()]
    for page in pages:
        answer = client.get(page, follow_redirects=True)
        assert answer.status_code == 200, page
        for address in ("jane@example.org", "amadou@example.net", "wei@example.cn", "nobody@example.org"):
            assert address not in answer.text, page


def test_a_later_archive_joins_the_discussions_of_an_earlier_one(cli: Cli, tmp_path: Path) -> None:
    january, february = tmp_path / "1.mbox", tmp_path / "2.mbox"
    january.write_bytes(samples.simple(1))
    february.write_bytes(samples.simple(2, subject="other words", answers="<1@example.org>"))
    cli("import", "mbox", str(january), "--space", "c5")
    assert last(cli("import", "mbox", str(february), "--space", "c5")) == "imported 1, duplicates 0, skipped 0"
    assert database.session().scalar(select(func.count(Discussion.id))) == 1


def test_answers_to_what_was_skipped_go_one_higher(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "x.mbox"
    file.write_bytes(
        samples.simple(1) + samples.simple(2, answers="<1@example.org>", body="\x00\n") + samples.simple(3, answers="<2@example.org>")
    )
    assert last(cli("import", "mbox", str(file), "--space", "c5")) == "imported 2, duplicates 0, skipped 1"
    assert [post.parent_number for post in database.session().scalars(select(Post).order_by(Post.number))] == [None, 1]


def test_a_dry_run_writes_nothing(cli: Cli, archive: Path) -> None:
    assert last(cli("import", "mbox", str(archive), "--space", "c5", "--dry-run")) == "imported 6, duplicates 1, skipped 1"
    assert database.session().scalar(select(func.count(Post.id))) == 0


def test_bad_input_is_one_line(cli: Cli, archive: Path, tmp_path: Path) -> None:
    empty, notes, false = (tmp_path / name for name in ("empty", "notes", "false"))
    for folder in (empty, notes, false):
        folder.mkdir()
    for text in (tmp_path / "text", notes / "readme.txt", false / "list.mbox"):
        text.write_text("no mail at all\n")
    (tmp_path / "damaged.mbox.gz").write_bytes(gzip.compress(samples.TREE)[:-20])
    with gzip.open(tmp_path / "text.gz", "wb") as packed:
        packed.write(b"no mail at all\n")
    for file in (tmp_path / "missing", tmp_path / "text", empty, notes, false, tmp_path / "damaged.mbox.gz", tmp_path / "text.gz"):
        result = cli("import", "mbox", str(file), "--space", "c5")
        assert str(file) in told(result)
    assert "nowhere" in told(cli("import", "mbox", str(archive), "--space", "nowhere"))
    assert database.session().scalar(select(func.count(Post.id))) == 0


def told(result: Result) -> str:
    """The one line of a refusal."""
    assert result.exit_code != 0, result.output
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert "Traceback" not in result.output
    return result.stderr


def test_folders_are_archives(cli: Cli, archive: Path, tmp_path: Path) -> None:
    assert last(cli("import", "mbox", str(archive.parent), "--space", "c5")) == "imported 6, duplicates 1, skipped 1"
    maildir, letters = tmp_path / "Maildir", tmp_path / "letters"
    for number, folder in enumerate((maildir / "cur", maildir / "new", letters), start=1):
        folder.mkdir(parents=True)
        (folder / "1.eml").write_bytes(samples.simple(number).split(b"\n", 1)[1])
    assert last(cli("import", "mbox", str(maildir), "--space", "c6")) == "imported 2, duplicates 0, skipped 0"
    assert last(cli("import", "mbox", str(letters), "--space", "c6")) == "imported 1, duplicates 0, skipped 0"
    letters.rename(maildir / "attachments")  # a name anybody may give a folder
    assert last(cli("import", "mbox", str(maildir), "--space", "c6")) == "imported 0, duplicates 3, skipped 0"


def test_each_file_of_a_folder_is_a_message_of_its_own(cli: Cli, tmp_path: Path) -> None:
    whole = samples.simple(1).split(b"\n", 1)[1]
    (tmp_path / "1.eml").write_bytes(whole)
    (tmp_path / "2.eml").write_bytes(b"// no header, but somebody wrote it\nand went on\n")
    (tmp_path / "3.mbox").write_bytes(samples.simple(3).split(b"\n", 1)[1])
    assert last(cli("import", "mbox", str(tmp_path), "--space", "c5")) == "imported 3, duplicates 0, skipped 0"


PIPERMAIL = b"""From jane at example.org  Thu Aug 22 12:36:23 2002
From: jane at example.org (Jane Doe)
Date: Thu, 22 Aug 2002 12:01:00 +0200
Subject: [list] Fibre to schools
Message-ID: <1@example.org>

Text of message 1.
-------------- next part --------------
A non-text attachment was scrubbed...
Name: plan.pdf
URL: <https://lists.example.org/pipermail/list/attachments/20020822/1/plan.pdf>

From amadou at example.net  Fri Aug 23 08:00:00 2002
From: amadou at example.net (=?utf-8?q?Amadou_B=C3=A2?=)
Date: Fri, 23 Aug 2002 08:00:00 +0200
Subject: [list] Fibre to schools
In-Reply-To: <1@example.org>
References: <1@example.org>
Message-ID: <2@example.org>

I agree, said the one
>From Dakar.

"""
HYPERKITTY = b"""From jane@example.org Thu Aug 22 10:01:00 2002
From: Jane Doe <jane@example.org>
To: list@lists.example.org
Subject: =?utf-8?q?Fibre_to_schools?=
Date: Thu, 22 Aug 2002 10:01:00 +0000
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="===============1=="

--===============1==
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

Text of message 1, with \xc3\xa9.

--===============1==
Content-Type: text/csv
MIME-Version: 1.0
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="figures.csv"

YSxiCjEsMgo=

--===============1==--

From amadou@example.net Fri Aug 23 06:00:00 2002
From: Amadou =?utf-8?b?QsOi?= <amadou@example.net>
To: list@lists.example.org
Subject: Re: Fibre to schools
Date: Fri, 23 Aug 2002 06:00:00 +0000
Message-ID: <2@example.org>
In-Reply-To: <1@example.org>
Content-Type: text/plain; charset="utf-8"

I agree.

"""


def tree_of(code: str) -> list[tuple[str, int, int | None]]:
    """(author, number, what it answers) of what is in a space."""
    database.release()
    query = select(Person.name, Post.number, Post.parent_number).join(Post, Post.author_id == Person.id).join(Post.space)
    return [tuple(row) for row in database.session().execute(query.where(Space.code == code).order_by(Post.id))]


def test_the_months_pipermail_gives(cli: Cli, tmp_path: Path) -> None:
    site = tmp_path / "list"
    (site / "attachments/20020822/1").mkdir(parents=True)
    (site / "attachments/20020822/1/attachment.eml").write_bytes(samples.simple(77).split(b"\n", 1)[1])
    (site / "2002-August.txt.gz").write_bytes(gzip.compress(PIPERMAIL))
    (site / "2002-August.txt").write_bytes(PIPERMAIL)
    (site / "2002-September.txt").write_bytes(samples.simple(3, answers="<2@example.org>"))
    (site / "robots.txt").write_text("User-agent: *\n")
    tree = [("Jane Doe", 1, None), ("Amadou Bâ", 2, 1), ("Jane Doe", 3, 2)]
    assert last(cli("import", "mbox", str(site / "2002-August.txt.gz"), "--space", "c4")) == "imported 2, duplicates 0, skipped 0"
    assert last(cli("import", "mbox", str(site), "--space", "c5")) == "imported 3, duplicates 0, skipped 0"
    assert tree_of("c5") == tree
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as packed:
        for name in ("2002-August.txt", "2002-August.txt.gz", "2002-September.txt", "robots.txt", "attachments/20020822/1/attachment.eml"):
            packed.write(site / name, f"pipermail/list/{name}")
    assert last(cli("import", "mbox", str(tmp_path / "site.zip"), "--space", "c6")) == "imported 3, duplicates 0, skipped 0"
    assert tree_of("c6") == tree
    bodies = list(database.session().scalars(select(Post.body).where(Post.number == 2, Post.imported)))
    assert all("\nFrom Dakar." in body for body in bodies)


def test_mailman_2s_own_folder(cli: Cli, tmp_path: Path) -> None:
    private = tmp_path / "private"
    (private / "list.mbox").mkdir(parents=True)
    (private / "list").mkdir()
    (private / "list.mbox" / "list.mbox").write_bytes(samples.TREE)
    (private / "list" / "2002-August.txt.gz").write_bytes(gzip.compress(samples.TREE))
    assert last(cli("import", "mbox", str(private / "list.mbox" / "list.mbox"), "--space", "c4")) == "imported 6, duplicates 1, skipped 1"
    assert last(cli("import", "mbox", str(private / "list.mbox"), "--space", "c5")) == "imported 6, duplicates 1, skipped 1"
    assert last(cli("import", "mbox", str(private), "--space", "c6")) == "imported 6, duplicates 9, skipped 1"


def test_what_hyperkitty_gives_to_download_and_what_it_reads(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "list@lists.example.org-2002-08.mbox.gz"
    file.write_bytes(gzip.compress(HYPERKITTY[:700]) + gzip.compress(HYPERKITTY[700:]))
    (tmp_path / "plain.mbox").write_bytes(HYPERKITTY)
    assert last(cli("import", "mbox", str(file), "--space", "c5")) == "imported 2, duplicates 0, skipped 0"
    assert last(cli("import", "mbox", str(tmp_path / "plain.mbox"), "--space", "c5")) == "imported 0, duplicates 2, skipped 0"
    assert tree_of("c5") == [("Jane Doe", 1, None), ("Amadou Bâ", 2, 1)]
    assert database.session().scalars(select(Attachment.name)).one() == "figures.csv"
    assert "with é." in str(database.session().scalars(select(Post.body).where(Post.number == 1)).one())


def test_real_archives(cli: Cli, corpora: Path | None) -> None:
    for name in (
        ("mail_fixtures/hyperkitty/non-ascii-headers.txt", "mail_fixtures/bigbang/tests/data/3GPP_mbox/3GPP_TSG_RAN_WG4_NR-MIMO-OTA.mbox")
        if corpora
        else ()
    ):
        result = cli("import", "mbox", str(Path(str(corpora), name)), "--space", "c2")
        numbers = [int(word.strip(",")) for word in last(result).split()[1::2]]
        assert sum(numbers) == {"t": 6, "x": 59}[name[-1]]


def test_an_archive_of_which_nothing_could_be_taken_is_a_failure(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "empty.mbox"
    file.write_bytes(
        b"From a@example.org Mon Jan  1 00:00:00 2024\nFrom: a@example.org\nMessage-ID: <x@example.org>\nSubject: Nothing\n\n\n"
    )
    done = cli("import", "mbox", str(file), "--space", "c5")
    assert done.exit_code == 1
    assert "imported 0, duplicates 0, skipped 1" in done.output
    assert "alliance: none of its messages could be taken" in done.stderr


def test_files_of_messages_come_in_and_what_is_not_taken_is_told(cli: Cli, tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "Jane <jane@example.org>", "With files", "<files@example.org>"
    mail["Date"] = "Thu, 22 Aug 2002 12:00:00 +0000"
    mail.set_content("See the files.")
    mail.add_attachment(b"Who pays for fibre", maintype="text", subtype="plain", filename="paper.txt")
    mail.add_attachment(b"MZ\x90\x00program", maintype="application", subtype="octet-stream", filename="run.exe")
    file = tmp_path / "x.mbox"
    file.write_bytes(b"From jane@example.org Thu Aug 22 12:00:00 2002\n" + mail.as_bytes() + b"\n\n")
    result = cli("import", "mbox", str(file), "--space", "c5")
    assert last(result) == "imported 1, duplicates 0, skipped 0"
    assert "message 1 <files@example.org>, a file left out: \u2068run.exe\u2069: A file of this type is not taken." in result.stderr
    assert "attachments: 1" in result.stderr
    post, kept = database.session().scalars(select(Post)).one(), database.session().scalars(select(Attachment)).one()
    assert post.body == f"See the files.\n\n[paper.txt](/attachments/{kept.key}/paper.txt)"
    assert (kept.post_id, kept.person_id, kept.name) == (post.id, post.author_id, "paper.txt")
    assert "(TXT, " in post.html
