"""`alliance backup`, `restore` and `move-to`: nothing lost, nothing half there."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from click.testing import Result

from alliance import app as application
from alliance.attachments import services as attachments
from alliance.attachments import store
from alliance.core import backups, clock, dumping, schema
from alliance.core import db as database
from alliance.core import settings as settings_module
from alliance.core.settings import Settings
from alliance.discussions import queries as discussions
from tests import databases, discussing
from tests.attachments import samples
from tests.people import People

Cli = Callable[..., Result]
Place = Callable[[], Settings]
THREADS, POSTS = 4, 12


def digests() -> dict[str, str]:
    """What every table of the database of this process holds."""
    with dumping.still(database.engine()) as connection:
        return {shape.name: dumping.digest(connection, shape) for shape in dumping.shapes(connection)}


def content(settings: Settings) -> dict[str, str]:
    """What every table of another installation holds."""
    database.release()
    database.connect(settings.database)
    return digests()


@pytest.fixture
def filled(settings: Settings, people: People) -> Settings:
    """An installation with people, posts in several alphabets and a file."""
    author = people.participant()
    found = discussing.discussion(author, title="من يدفع؟", body="**谁来付？** \u2028 “quoted” \\ \U0001f30d")
    discussing.reply(author, found)
    attachments.receive(author, "a.pdf", io.BytesIO(samples.PDF))
    return settings


@pytest.fixture
def place(all_databases: databases.Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Place]:
    """Makes empty places; the commands after that are about them."""
    number = 0

    def make(url: str = "") -> Settings:
        nonlocal number
        number += 1
        folder = tmp_path / f"place-{number}"
        made = replace(settings, database_url=url or all_databases.empty(), data_dir=folder, secret_key="")
        monkeypatch.setenv("ALLIANCE_DATA_DIR", str(folder))
        monkeypatch.setenv("ALLIANCE_DATABASE_URL", made.database)
        return made

    yield make
    databases.use(settings)


@pytest.fixture
def archive(filled: Settings, cli: Cli, tmp_path: Path) -> Path:
    """A backup of it."""
    file = tmp_path / "all.zip"
    result = cli("backup", str(file))
    assert result.exit_code == 0, result.output
    assert "2 posts" in result.output
    return file


def bring(cli: Callable[..., Result], file: Path) -> Result:
    """Run restore."""
    return cli("restore", str(file))


class TestThereAndBack:
    def test_every_row_and_file_comes_back(self, archive: Path, cli: Cli, place: Place) -> None:
        before = digests()
        key = database.session().scalar(sa.text("SELECT key FROM attachments"))
        written = store.path(str(key)).read_bytes()
        there = place()
        result = bring(cli, archive)
        assert result.exit_code == 0, result.output
        assert "1 attached files" in result.output
        assert "every row compared" in result.output
        assert content(there) == before
        settings_module.use(there)
        assert store.path(str(key)).read_bytes() == written
        assert (there.data_dir / "secret_key").exists()

    def test_what_came_back_can_be_used_and_searched(self, archive: Path, cli: Cli, place: Place) -> None:
        place()
        bring(cli, archive)
        assert "0 differences" in cli("search", "check").output
        assert [line for line in cli("doctor").output.splitlines() if line.startswith("✗")] == []

    def test_ids_go_on_after_those_that_came_back(self, archive: Path, cli: Cli, place: Place) -> None:
        there = place()
        bring(cli, archive)
        application.start(there)
        newest = database.session().scalar(sa.text("SELECT max(id) FROM people"))
        assert People().person(handle="somebody-new", email="new@example.org").id == newest + 1

    def test_from_one_kind_of_database_to_the_other_and_back(self, archive: Path, cli: Cli, place: Place, tmp_path: Path) -> None:
        before = digests()
        other = place(f"sqlite:///{tmp_path / 'other.db'}")
        assert bring(cli, archive).exit_code == 0
        assert content(other) == before
        database.disconnect()
        assert cli("backup", str(tmp_path / "second.zip")).exit_code == 0
        back = place()
        assert bring(cli, tmp_path / "second.zip").exit_code == 0
        assert content(back) == before

    def test_keys_only_when_asked(self, filled: Settings, cli: Cli, place: Place, tmp_path: Path) -> None:
        (filled.data_dir / "secret_key").write_text("k" * 64)
        assert cli("backup", str(tmp_path / "without.zip")).exit_code == 0
        assert cli("backup", "--with-keys", str(tmp_path / "with.zip")).exit_code == 0
        assert not [name for name in zipfile.ZipFile(tmp_path / "without.zip").namelist() if name.startswith("keys")]
        assert (tmp_path / "with.zip").stat().st_mode & 0o077 == 0
        there = place()
        assert bring(cli, tmp_path / "with.zip").exit_code == 0
        assert (there.data_dir / "secret_key").read_text() == "k" * 64

    @pytest.mark.parametrize("steps", [1, 2])
    def test_a_backup_of_an_older_schema_is_brought_forward(
        self, steps: int, all_databases: databases.Databases, cli: Cli, place: Place, tmp_path: Path
    ) -> None:
        old = place(all_databases.copy())
        application.start(old)
        People().one_of_each()
        database.release()
        older = [script.revision for script in schema.scripts().walk_revisions()][steps]
        command.downgrade(schema.config(), older)
        assert cli("backup", str(tmp_path / "old.zip")).exit_code == 0
        database.connect(old.database)
        assert schema.revision() == older  # a backup changes nothing
        there = place()
        result = bring(cli, tmp_path / "old.zip")
        assert result.exit_code == 0, result.output
        database.connect(there.database)
        assert schema.revision() == schema.head()
        assert database.session().scalar(sa.text("SELECT count(*) FROM people")) == 6


class TestWhileOthersWrite:
    def test_it_is_of_one_moment(self, filled: Settings, people: People, cli: Cli, place: Place, tmp_path: Path) -> None:
        author, found = people.participant(), discussing.discussion(people.participant()).id
        begun, errors = threading.Barrier(THREADS + 1), []

        def write() -> None:
            begun.wait()
            try:
                for _n in range(POSTS):
                    discussing.reply(author, discussions.get_discussion(author, found))
            except BaseException as error:
                errors.append(error)
            finally:
                database.release()

        threads = [threading.Thread(target=write) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        begun.wait()
        made = [backups.write(tmp_path / f"{number}.zip") for number in range(3)]
        for thread in threads:
            thread.join()
        assert errors == []
        last = backups.write(tmp_path / "last.zip")
        assert {t.shape.name: t.rows for t in last.tables}["posts"] == 3 + THREADS * POSTS
        for number, _manifest in enumerate(made):
            there = place()
            assert bring(cli, tmp_path / f"{number}.zip").exit_code == 0
            database.connect(there.database)
            session = database.session()
            assert session.scalar(sa.text("SELECT posts_count FROM discussions ORDER BY id DESC LIMIT 1")) == session.scalar(
                sa.text("SELECT count(*) FROM posts WHERE discussion_id = (SELECT max(id) FROM discussions)")
            )
            published = session.scalar(sa.text("SELECT count(*) FROM events WHERE kind = 'PostPublished'"))
            assert published == session.scalar(sa.text("SELECT count(*) FROM posts"))
            assert [line for line in cli("doctor").output.splitlines() if line.startswith("✗ counters")] == []


class TestRefusals:
    def nothing_there(self, there: Settings) -> None:
        """Neither tables nor files nor keys were left behind."""
        left = [path for path in there.data_dir.rglob("*") if path.is_file()] if there.data_dir.exists() else []
        assert left == []
        url = sa.make_url(there.database)
        if url.get_backend_name() == "sqlite":
            assert not Path(url.database or "").exists()
            assert not Path(f"{url.database}.restoring").exists()
        else:
            engine = sa.create_engine(url)
            assert sa.inspect(engine).get_table_names() == []
            engine.dispose()

    def refused(self, result: Result, words: str) -> None:
        """One clear line."""
        assert result.exit_code == 1
        assert words in result.output
        assert len(result.output.splitlines()) == 1, result.output

    def test_a_backup_never_overwrites(self, archive: Path, cli: Cli) -> None:
        before = archive.read_bytes()
        self.refused(cli("backup", str(archive)), "is there already")
        assert archive.read_bytes() == before

    def test_no_such_folder(self, filled: Settings, cli: Cli, tmp_path: Path) -> None:
        self.refused(cli("backup", str(tmp_path / "no" / "x.zip")), "cannot be made: No such file or directory")

    def test_restore_into_a_place_that_is_not_empty(self, archive: Path, cli: Cli, filled: Settings) -> None:
        before = digests()
        self.refused(cli("restore", str(archive)), "the database is not empty")
        assert digests() == before

    def test_restore_beside_files(self, archive: Path, cli: Cli, place: Place) -> None:
        there = place()
        file = there.data_dir / "attachments" / "ab" / "abc.file"
        file.parent.mkdir(parents=True)
        file.write_text("mine")
        self.refused(bring(cli, archive), "holds files")
        assert file.read_text() == "mine"

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
    def test_a_truncated_file(self, share: float, archive: Path, cli: Cli, place: Place) -> None:
        there = place()
        whole = archive.read_bytes()
        archive.write_bytes(whole[: int(len(whole) * share)])
        self.refused(bring(cli, archive), "is not a whole backup")
        self.nothing_there(there)

    def test_a_file_that_is_not_there(self, cli: Cli, place: Place, tmp_path: Path) -> None:
        place()
        self.refused(bring(cli, tmp_path / "none.zip"), "cannot be read: No such file")

    @pytest.mark.parametrize("text", ["Hello", ""])
    def test_something_else(self, text: str, cli: Cli, place: Place, tmp_path: Path) -> None:
        there = place()
        (tmp_path / "x.zip").write_text(text)
        self.refused(bring(cli, tmp_path / "x.zip"), "is not a whole backup")
        self.nothing_there(there)

    def test_bytes_turned_in_the_middle(self, archive: Path, cli: Cli, place: Place) -> None:
        there = place()
        whole = bytearray(archive.read_bytes())
        whole[len(whole) // 3] ^= 0xFF
        archive.write_bytes(bytes(whole))
        result = bring(cli, archive)
        assert result.exit_code == 1
        assert len(result.output.splitlines()) == 1
        self.nothing_there(there)

    def change(self, archive: Path, name: str, edit: Callable[[Any], bytes]) -> None:
        """Write the archive anew with one member changed."""
        with zipfile.ZipFile(archive) as source:
            members = {one: source.read(one) for one in source.namelist()}
        members[name] = edit(members[name])
        with zipfile.ZipFile(archive, "w") as out:
            for one, text in members.items():
                out.writestr(one, text)

    def test_rows_that_are_not_those_of_the_manifest(self, archive: Path, cli: Cli, place: Place) -> None:
        there = place()
        self.change(archive, "tables/people.jsonl", lambda text: text.replace(b"Person 1", b"Person X"))
        self.refused(bring(cli, archive), "tables/people.jsonl is not what it was")
        self.nothing_there(there)

    def of_manifest(self, **more: Any) -> Callable[[bytes], bytes]:
        """Change the manifest."""
        return lambda text: json.dumps(json.loads(text) | more).encode()

    @pytest.mark.parametrize("more", [{"revision": "of_tomorrow"}, {"form": 99}])
    def test_a_newer_version(self, more: dict[str, Any], archive: Path, cli: Cli, place: Place) -> None:
        there = place()
        self.change(archive, "manifest.json", self.of_manifest(**more))
        self.refused(bring(cli, archive), "was made by a newer Alliance")
        self.nothing_there(there)

    @pytest.mark.parametrize("name", ["../../x", "/etc/x", "attachments/../x.file", "keys/other"])
    def test_names_that_lead_elsewhere(self, name: str, archive: Path, cli: Cli, place: Place) -> None:
        there = place()
        self.change(archive, "manifest.json", self.of_manifest(files={name: "0" * 64}))
        self.refused(bring(cli, archive), "is not a whole backup")
        self.nothing_there(there)

    def test_rows_the_database_does_not_take(self, archive: Path, cli: Cli, place: Place) -> None:
        there = place()
        twice = {}

        def double(text: bytes) -> bytes:
            twice["text"] = text + text
            return twice["text"]

        self.change(archive, "tables/people.jsonl", double)
        fitting = backups.hashlib.sha256(twice["text"]).hexdigest()

        def promise(text: bytes) -> bytes:
            found = json.loads(text)
            for table in found["tables"]:
                if table["shape"]["name"] == "people":
                    table["sha256"] = fitting
            return json.dumps(found).encode()

        self.change(archive, "manifest.json", promise)
        self.refused(bring(cli, archive), "the database does not take the rows")
        self.nothing_there(there)


class TestFullDisk:
    def limited(self, settings: Settings, size: int, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command that can write files up to a size only."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("ALLIANCE_")}
        env |= {"ALLIANCE_DATA_DIR": str(settings.data_dir), "ALLIANCE_DATABASE_URL": settings.database}
        return subprocess.run(
            [sys.executable, "-m", "alliance", *arguments],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        )

    def test_of_the_backup(self, filled: Settings, tmp_path: Path) -> None:
        folder = tmp_path / "there"
        folder.mkdir()
        attached = filled.data_dir / "attachments" / "ab" / "abc.file"
        attached.parent.mkdir(parents=True, exist_ok=True)
        attached.write_bytes(os.urandom(600_000))
        result = self.limited(filled, 400_000, "backup", str(folder / "x.zip"))
        assert result.returncode == 1
        assert "nothing was left behind" in result.stderr
        assert len(result.stderr.splitlines()) == 1, result.stderr
        assert list(folder.iterdir()) == []

    def test_of_the_place(self, archive: Path, place: Place) -> None:
        there = place(f"sqlite:///{archive.parent / 'there.db'}")
        result = self.limited(there, 100_000, "restore", str(archive))
        assert result.returncode == 1
        assert len(result.stderr.splitlines()) == 1, result.stderr
        TestRefusals().nothing_there(there)


class TestMoving:
    def test_to_another_database(self, filled: Settings, cli: Cli, all_databases: databases.Databases) -> None:
        before, target = digests(), all_databases.empty()
        result = cli("move-to", target)
        assert result.exit_code == 0, result.output
        assert "each compared" in result.output
        database.connect(target)
        assert digests() == before
        databases.use(filled)
        assert digests() == before

    def test_from_sqlite_to_this_kind(
        self, archive: Path, cli: Cli, place: Place, all_databases: databases.Databases, tmp_path: Path
    ) -> None:
        before = digests()
        place(f"sqlite:///{tmp_path / 'small.db'}")
        assert bring(cli, archive).exit_code == 0
        target = all_databases.empty()
        assert cli("move-to", target).exit_code == 0
        database.connect(target)
        assert digests() == before

    def test_refusals(self, filled: Settings, cli: Cli, all_databases: databases.Databases) -> None:
        for url, words in (
            (filled.database, "this is the database that is in use"),
            (all_databases.copy(), "the other database is not empty"),
            ("mysql://somewhere", "ALLIANCE_DATABASE_URL must begin with"),
            ("postgresql+psycopg://nobody@127.0.0.1:1/x", "the database cannot be used"),
        ):
            result = cli("move-to", url)
            assert result.exit_code == 1
            assert words in result.output
            assert len(result.output.splitlines()) == 1


class TestEveryNight:
    def test_the_oldest_go(self, filled: Settings, tmp_path: Path) -> None:
        folder = tmp_path / "nights"
        settings_module.use(replace(filled, backup_dir=folder, backup_keep=2))
        folder.mkdir()
        (folder / "alliance-mine.zip").write_text("not one of ours")
        began = clock.now()
        made = []
        for night in range(4):
            with clock.freeze(began + timedelta(days=night)):
                made.append(backups.scheduled.function())
        assert backups.kept(folder) == made[-2:]
        assert (folder / "alliance-mine.zip").exists()

    def test_none_where_none_is_wanted(self, filled: Settings) -> None:
        assert backups.scheduled.function() is None

    def test_the_doctor_says_when_the_last_one_is_old(self, filled: Settings, cli: Cli, tmp_path: Path, monkeypatch: Any) -> None:
        assert "✓ backups: none was made yet" in cli("doctor").output
        monkeypatch.setenv("ALLIANCE_BACKUP_DIR", str(tmp_path / "nights"))
        assert "✗ backups: none was made yet" in cli("doctor").output
        with clock.freeze(clock.now() - timedelta(days=3)):
            cli("backup", str(tmp_path / "old.zip"))
        assert "✗ backups: the last one is of" in cli("doctor").output
        cli("backup", str(tmp_path / "new.zip"))
        assert "✓ backups: the last one is of" in cli("doctor").output
