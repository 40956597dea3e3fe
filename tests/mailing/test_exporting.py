"""A space as files, and back again."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from alliance.attachments import naming, queries, store
from alliance.attachments import services as attachments
from alliance.attachments.models import Attachment
from alliance.core import db as database
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion, Post
from alliance.groups import queries as groups
from alliance.mailing import exporting
from alliance.policy import Actor
from tests.attachments.samples import picture
from tests.mailing import samples
from tests.people import People

BODIES = [
    "From the *first* line.\n\n> quoted\n\n- one\n- two",
    "> Yes\n\n-- \nnot a signature",
    "نعم\n\nFrom here on.",
    "Write to jane@example.org.",
    "😀 `code`",
]


def fill(people: People) -> None:
    """A small tree, with titles and texts that are easily spoilt."""
    amina, boris = people.participant(name="Amina Diallo"), people.participant(name='Борис "B" Петров')
    space = groups.get_space(amina, "c5")
    made = discussions.open_discussion(amina, space, "Re: [list] Who pays? Кто платит?", BODIES[0], language="en")
    first = database.session().scalars(select(Post)).one()
    second = discussions.publish_post(boris, made, BODIES[1], parent=first, language="en")
    third = discussions.publish_post(amina, made, BODIES[2], parent=second, language="ar")
    discussions.publish_post(boris, made, BODIES[3], parent=third, language="en")
    discussions.publish_post(amina, made, "Hidden words", parent=first, language="en")
    discussions.publish_post(boris, made, BODIES[4], language="en")
    with database.transaction() as session:
        session.execute(update(Post).where(Post.body == "Hidden words").values(status="hidden"))


def told(code: str) -> list[tuple[Any, ...]]:
    """All that an export must keep."""
    database.release()
    space = groups.get_space(Actor.system(via="cli"), code)
    query = select(Post).join(Discussion).where(Post.space_id == space.id, Post.status == "visible").order_by(Post.created_at, Post.id)
    return [
        (
            one.discussion.title,
            one.body,
            one.author.name,
            one.created_at.replace(microsecond=0),
            one.depth,
            one.parent.body if one.parent else BODIES[0],
        )
        for one in database.session().scalars(query)
    ]


def test_what_is_exported_and_imported_is_the_same(people: People, cli: Callable[..., Any], tmp_path: Path) -> None:
    fill(people)
    file = tmp_path / "c5.mbox"
    assert "5 posts written" in cli("export", str(file), "--space", "c5").output
    assert b"Hidden words" not in file.read_bytes()
    assert "imported 5, duplicates 0, skipped 0" in cli("import", "mbox", str(file), "--space", "c6").output
    before, after = told("c5"), told("c6")
    assert [row[:5] for row in before] == [row[:5] for row in after]
    assert [row[5] for row in before] == [row[5] for row in after]


def test_files_go_out_and_come_in_with_their_posts(people: People, cli: Callable[..., Any], tmp_path: Path) -> None:
    amina = people.participant(name="Amina Diallo")
    chart, paper = (
        attachments.receive(amina, "chart.png", io.BytesIO(picture())),
        attachments.receive(amina, "paper.txt", io.BytesIO(b"Who pays for fibre")),
    )
    body = f"See ![a chart]({naming.address(chart.key, chart.name)}) and [the paper]({naming.address(paper.key, paper.name)})."
    discussions.open_discussion(amina, groups.get_space(amina, "c5"), "Fibre", body)
    file = tmp_path / "c5.mbox"
    cli("export", str(file), "--space", "c5")
    assert "attachments: 2\nnothing was written" in cli("import", "mbox", str(file), "--space", "c6", "--dry-run").stderr
    assert "imported 1, duplicates 0, skipped 0" in cli("import", "mbox", str(file), "--space", "c6").output
    before, after = database.session().scalars(select(Post).order_by(Post.id)).all()
    sent, come = (queries.of_post(post.id) for post in (before, after))
    assert [(one.name, one.kind, one.media_type) for one in sent] == [(one.name, one.kind, one.media_type) for one in come]
    assert {one.key for one in sent}.isdisjoint(one.key for one in come)
    assert after.body == before.body.replace(sent[0].key, come[0].key).replace(sent[1].key, come[1].key)
    assert store.path(come[1].key).read_bytes() == b"Who pays for fibre"
    assert f"/attachments/{come[0].key}/thumbnail" in after.html
    assert "imported 0, duplicates 1, skipped 0" in cli("import", "mbox", str(file), "--space", "c6").output
    assert len(database.session().scalars(select(Attachment.id)).all()) == 4


def test_lines_of_json(people: People, cli: Callable[..., Any], tmp_path: Path) -> None:
    fill(people)
    file = tmp_path / "c5.jsonl"
    cli("export", str(file), "--space", "c5")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [row["body"] for row in rows] == BODIES
    assert rows[2]["parent_id"] == rows[1]["id"]
    assert "@example.org" not in json.dumps([row["author"] for row in rows])


def test_pages_read_without_a_server(people: People, cli: Callable[..., Any], tmp_path: Path) -> None:
    fill(people)
    file = tmp_path / "c5.zip"
    cli("export", str(file), "--space", "c5")
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        index = archive.read("index.html").decode()
        name = next(one for one in archive.namelist() if one.startswith("d/"))
        page = archive.read(name).decode()
    assert f'href="{name}"' in index
    assert "Hidden words" not in page
    assert 'dir="rtl"' in page
    assert "Re: [list] Who pays?" in page


def test_files_and_folders_of_every_kind_are_taken(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "box" / "cur").mkdir(parents=True)
    (tmp_path / "box" / "new").mkdir()
    raw = samples.simple(1).split(b"\n", 1)[1]
    (tmp_path / "box" / "cur" / "1:2,S").write_bytes(raw.replace(b"\n", b"\r\n"))
    (tmp_path / "box" / "new" / "2").write_bytes(samples.simple(2, answers="<1@example.org>").split(b"\n", 1)[1])
    assert "imported 2" in cli("import", "mbox", str(tmp_path / "box"), "--space", "c5").output
    packed = tmp_path / "list.mbox.gz"
    packed.write_bytes(gzip.compress(samples.simple(1) + samples.simple(3)))
    assert "imported 1, duplicates 1" in cli("import", "mbox", str(packed), "--space", "c5").output
    packed.write_bytes(packed.read_bytes()[:40])
    assert "cannot be read" in cli("import", "mbox", str(packed), "--space", "c5").output
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as made:
        made.writestr("Takeout/Groups/../../list/topics.mbox", samples.simple(4) + samples.simple(5))
        made.writestr("Takeout/archive_browser.html", "<p>nothing</p>")
        made.writestr("Takeout/2002-August.txt.gz", gzip.compress(samples.simple(6)))
    assert "imported 3, duplicates 0" in cli("import", "mbox", str(tmp_path / "takeout.zip"), "--space", "c5").output
    (tmp_path / "empty").mkdir()
    assert cli("import", "mbox", str(tmp_path / "empty"), "--space", "c5").exit_code == 1


def test_bad_requests_are_refused(cli: Callable[..., Any], tmp_path: Path) -> None:
    assert cli("export", str(tmp_path / "c5.pdf"), "--space", "c5").exit_code == 1
    assert cli("export", str(tmp_path / "c5.mbox"), "--space", "nowhere").exit_code == 1
    assert cli("export", str(tmp_path / "no" / "c5.mbox"), "--space", "c5").exit_code == 1
    assert set(exporting.FORMS) == {".mbox", ".jsonl", ".zip"}
