"""The rules of the house as tests: floors, files, doors, templates, styles, documents, migrations."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from alliance import app as application
from alliance.cli.permissions import page as permissions_page
from alliance.core import db as database
from alliance.core import own, schema
from alliance.core.settings import PREFIX, Settings
from alliance.discussions import services as discussions
from alliance.groups.models import Space
from tests import databases
from tests.doors import OPEN_POSTS, PUBLIC, WITHOUT_CSRF
from tests.people import People

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "alliance"
FLOORS = (
    ("cli",),
    ("app",),
    ("realtime",),
    ("privacy",),
    ("search", "notifications", "mailing"),
    ("digests",),
    ("curating",),
    ("moderation",),
    ("reading", "signals", "polls", "watching", "proceedings", "library"),
    ("discussions",),
    ("drafts", "attachments"),
    ("groups",),
    ("stakeholders",),
    ("accounts",),
    ("web",),
    ("policy", "events"),
    ("core",),
)
FLOOR_OF = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
ROOMS = tuple(room for rooms in FLOORS[2:14] for room in rooms)
WITHOUT_FLASK = ("core", "policy", "events")
MAX_FILE = 300
MAX_FUNCTION = 40
MAX_MEAN_FUNCTION = 8


def modules() -> list[Path]:
    """Every Python file of the product."""
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """The room (or sheet) a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Full names of what a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is without its signature and docstring."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1 if statements else 0


class TestFloors:
    def test_import_linter_holds_the_floors(self) -> None:
        done = subprocess.run(
            [Path(sys.executable).parent / "lint-imports", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout

    def test_its_contract_names_the_floors_of_this_file(self) -> None:
        text = (ROOT / "pyproject.toml").read_text()
        assert "exhaustive = true" in text
        positions = [text.index(f'    "{" | ".join(rooms)}",') for rooms in FLOORS]
        assert positions == sorted(positions)

    @pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
    def test_a_room_imports_from_lower_floors_only(self, path: Path) -> None:
        here = room_of(path)
        if here in {"__init__", "__main__"}:
            return
        for name in imported(path):
            there = name.split(".")[1] if name.startswith("alliance.") else ""
            if there and there in FLOOR_OF and there != here:
                assert FLOOR_OF[there] > FLOOR_OF[here], f"{here} imports {name}"

    @pytest.mark.parametrize("room", WITHOUT_FLASK)
    def test_core_policy_and_events_do_not_know_flask(self, room: str) -> None:
        for path in modules():
            if room_of(path) == room:
                assert not [name for name in imported(path) if re.match(r"(flask|werkzeug)", name)], path

    def test_nothing_is_imported_inside_a_function(self) -> None:
        inside = [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for path in modules()
            for function in functions(path)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert inside == []


class TestFiles:
    @pytest.mark.parametrize("room", ROOMS)
    def test_a_room_is_a_package_with_a_sentence_at_its_door(self, room: str) -> None:
        assert ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8")))

    @pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
    def test_a_file_can_be_read_at_one_sitting(self, path: Path) -> None:
        assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_FILE

    def test_functions_are_short(self) -> None:
        lengths = {f"{path.relative_to(ROOT)}:{f.name}": body_lines(f) for path in modules() for f in functions(path)}
        assert {name: n for name, n in lengths.items() if n > MAX_FUNCTION} == {}
        assert sum(lengths.values()) / len(lengths) < MAX_MEAN_FUNCTION

    def test_only_services_and_machinery_commit(self) -> None:
        quiet = {"views.py", "api.py", "queries.py", "models.py", "forms.py"}
        loud = [
            p
            for p in modules()
            if p.name in quiet and room_of(p) != "web" and re.search(r"\.commit\(|\btransaction\(", p.read_text(encoding="utf-8"))
        ]
        assert loud == []

    def test_views_never_look_at_roles(self) -> None:
        asking = [
            p
            for p in modules()
            if p.name in {"views.py", "api.py"}
            and re.search(r"(?:actor|me|person)\b(?:\(\))?\.role\b|is_moderator|is_secretariat", p.read_text(encoding="utf-8"))
        ]
        assert asking == []

    def test_nothing_is_left_to_do(self) -> None:
        marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|pytest\.mark\.(skip|xfail)|pytest\.skip\(")
        own = Path(__file__).resolve()
        files = [*modules(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "templates").rglob("*.*")]
        left = [str(p.relative_to(ROOT)) for p in files if p.resolve() != own and marks.search(p.read_text(encoding="utf-8"))]
        assert left == []

    def test_tests_mirror_the_package(self) -> None:
        extra = {"flows", "browser", "samples"}
        for path in (ROOT / "tests").glob("*/test_*.py"):
            folder = path.parent.name
            assert folder in extra | FLOOR_OF.keys(), path
            if folder not in extra:
                # test_demo.py and test_demo_content.py both test demo.py.
                words = path.stem.removeprefix("test_").split("_")
                if path.stem == f"test_{folder}":
                    continue  # the room as a whole
                names = ["_".join(words[:n]) for n in range(1, len(words) + 1)]
                assert any((PACKAGE / folder / f"{name}{end}.py").exists() for name in names for end in ("", "_")), (
                    f"{path} tests no module of that name"
                )


def with_includes(path: Path) -> str:
    """A template with what it includes in place, and what that includes."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"{%-?\s*include\s+\"([^\"]+)\".*?%}", lambda found: with_includes(ROOT / "templates" / found.group(1)), text)


class TestTemplates:
    @staticmethod
    def pages() -> list[Path]:
        """Every template of a page or of a part of one."""
        mails = set(TestTemplates.mails())
        return [path for path in sorted((ROOT / "templates").rglob("*.html")) if path not in mails]

    @staticmethod
    def mails() -> list[Path]:
        """The HTML parts of mails: mail programs know no style sheets, so the letter carries its styles."""
        written = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates" / "mailing").glob("*.html"))}
        return [
            path
            for path, text in written.items()
            if path.name in {"letter.html", "weekly.html", "_frame.html"} or re.search(r"{% extends \"mailing/", text)
        ]

    def test_every_mail_has_a_text_part(self) -> None:
        assert [path.name for path in self.mails() if path.name[0] != "_" and not path.with_suffix(".txt").exists()] == []

    def test_each_lies_in_the_folder_of_its_room(self) -> None:
        folders = {path.relative_to(ROOT / "templates").parts[0] for path in self.pages()}
        assert folders <= {*ROOMS, "web", "errors", "components", "layout", "base.html"}, folders

    def test_each_that_is_rendered_exists_and_each_that_exists_is_used(self) -> None:
        code = "\n".join(path.read_text(encoding="utf-8") for path in [*modules(), *self.pages(), *self.mails()])
        named = set(re.findall(r"[\"']([a-z_]+(?:/[\w-]+)+\.(?:html|txt|xml|atom))[\"']", code))
        there = {str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.*")}
        assert {name for name in named if name.split("/")[0] in {*ROOMS, "web", "errors", "components"}} <= there
        mails = {f"mailing/{path.name}" for path in self.mails()}
        assert {name for name in there if name.endswith(".html")} - named - mails - {"base.html"} == set()

    def test_a_component_is_one_macro(self) -> None:
        for path in (ROOT / "templates" / "components").glob("*.html"):
            macros = re.findall(r"{%-?\s*macro\s+(\w+)", path.read_text(encoding="utf-8"))
            assert len([name for name in macros if not name.startswith("_")]) == 1, path

    def test_no_style_and_no_script_is_written_into_a_page(self) -> None:
        inline = re.compile(
            r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json\")", re.IGNORECASE
        )
        assert [str(p) for p in self.pages() if inline.search(p.read_text(encoding="utf-8"))] == []

    def test_whatever_is_marked_safe_is_rendered_markdown(self) -> None:
        for path in self.pages():
            for marked in re.findall(r"{{[^}]*\|\s*safe", path.read_text(encoding="utf-8")):
                assert re.search(r"\bhtml\b|_html\b|\bexcerpt\b|\bpreview\b", marked), f"{path}: {marked}"

    def test_every_form_that_changes_something_carries_a_token(self) -> None:
        for path in self.pages():
            if path.name == "unsubscribe.html":
                continue  # sent by mail programs too: what proves it is in the address (see doors.WITHOUT_CSRF)
            for form in re.findall(r"<form\b.*?</form>", with_includes(path), re.DOTALL | re.IGNORECASE):
                if re.search(r"method=\"post\"", form, re.IGNORECASE) and not re.search(r'action="/settings/(theme|live|offline)"', form):
                    assert "csrf" in form or "hidden_tag" in form, f"{path}: {form[:120]}"


class TestStyles:
    @staticmethod
    def sheets() -> list[Path]:
        return sorted((ROOT / "static" / "css").rglob("*.css"))

    def test_there_are_some(self) -> None:
        assert self.sheets()

    def test_one_sheet_serves_both_directions(self) -> None:
        physical = re.compile(
            r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)(?:-\w+)*|(?:left|right)|text-align\s*:\s*(?:left|right)|float\s*:\s*(?:left|right))\s*[:;]"
        )
        found = [
            f"{p.name}: {m.group(0)}"
            for p in self.sheets()
            for m in physical.finditer(re.sub(r"/\*.*?\*/", "", p.read_text(encoding="utf-8"), flags=re.DOTALL))
        ]
        assert found == []

    def test_every_sheet_is_in_a_layer(self) -> None:
        assert [p.name for p in self.sheets() if "@layer" not in p.read_text(encoding="utf-8")] == []

    def test_nothing_comes_from_elsewhere(self) -> None:
        files = [*self.sheets(), *(p for p in (ROOT / "static" / "js").rglob("*.js")), *TestTemplates.pages()]
        outside = re.compile(r"(?:src|href)\s*=\s*[\"']https?://|@import\s+(?:url\()?[\"']?https?:|url\(\s*[\"']?https?:", re.IGNORECASE)
        assert [
            str(p)
            for p in files
            if outside.search(p.read_text(encoding="utf-8")) and '<link rel="license"' not in p.read_text(encoding="utf-8")
        ] == []


class TestDoors:
    """Every route is walked as a guest and compared with the declared list of public doors."""

    @staticmethod
    def routes(app: Flask) -> set[tuple[str, str]]:
        return {(method, rule.rule) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}

    @staticmethod
    def path(rule: str) -> str:
        """An address of what `inhabited` made."""
        rule = re.sub(r"<code>", "c1", rule)
        return re.sub(
            r"<(?:int|float):\w+>", "1", re.sub(r"<(?:string:|path:)?\w+>", "x", re.sub(r"<any\(([^,)]+)[^)]*\):\w+>", r"\1", rule))
        )

    @pytest.fixture
    def inhabited(self, app: Flask, people: People) -> Flask:
        """Something behind every door: else "not found" would pass for "refused"."""
        author = people.participant(handle="x")
        space = database.session().scalars(sa.select(Space).where(Space.code == "c1")).one()
        post_id = discussions.open_discussion(author, space, "A question", "What do we do about it?").id
        assert post_id == 1
        return app

    def test_every_public_door_exists(self, app: Flask) -> None:
        assert PUBLIC - {rule for method, rule in self.routes(app) if method == "GET"} == set()
        assert OPEN_POSTS - self.routes(app) == set()

    def test_a_guest_comes_in_at_public_doors_only(self, inhabited: Flask) -> None:
        open_to_all = []
        for method, rule in sorted(self.routes(inhabited)):
            if method == "GET" and rule in PUBLIC:
                continue
            if (method, rule) in OPEN_POSTS:
                continue
            answer = inhabited.test_client().open(
                self.path(rule), method=method, json={} if rule.startswith("/api/") and method != "GET" else None
            )
            sent_to_sign_in = answer.status_code in {302, 303} and "/sign-in" in answer.headers["Location"]
            if not sent_to_sign_in and answer.status_code not in {401, 403, 404}:
                open_to_all.append((method, rule, answer.status_code))
        assert open_to_all == []

    def test_public_doors_never_break(self, inhabited: Flask) -> None:
        for rule in sorted(PUBLIC):
            assert inhabited.test_client().get(self.path(rule)).status_code < 500, rule

    def test_a_post_without_a_token_is_refused(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        for method, rule in sorted(self.routes(app)):
            if method != "GET" and not rule.startswith("/api/") and (method, rule) not in WITHOUT_CSRF:
                answer = app.test_client().open(self.path(rule), method=method)
                assert answer.status_code in {400, 403, 405}, (method, rule, answer.status_code)


class TestDocuments:
    def test_the_sheet_of_permissions_is_up_to_date(self) -> None:
        assert (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8") == permissions_page()

    def test_every_rule_has_its_sentence(self) -> None:
        assert re.findall(r"^\| `[^`]+` \|\s+\|$", permissions_page(), re.MULTILINE) == []

    def test_every_setting_is_documented(self) -> None:
        text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
        for name, _, sentence in Settings().shown():
            assert f"`{name}`" in text
            assert len(sentence) > 10

    def test_settings_are_read_in_one_place(self) -> None:
        readers = [p for p in modules() if re.search(r"os\.environ|getenv", p.read_text(encoding="utf-8"))]
        assert [str(p.relative_to(PACKAGE)) for p in readers] == ["core/settings.py"]
        assert PREFIX == "ALLIANCE_"

    def test_every_decision_says_context_decision_and_consequences(self) -> None:
        pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
        assert [int(p.name[:4]) for p in pages] == list(range(1, len(pages) + 1))
        for path in pages:
            text = path.read_text(encoding="utf-8")
            assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences")), path

    def test_the_project_names_no_place_of_its_makers(self) -> None:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
        private = re.compile("|".join((r"(?<![\w.])/wo" + r"rk/", r"/tmp/" + "plan", "pypi" + r"\.org", "files.python" + "hosted")))
        texts = [
            ROOT / name
            for name in listed
            if Path(name).suffix in {".py", ".md", ".toml", ".sh", ".html", ".js", ".css", ".txt", ".lock", ".cfg", ""}
        ]
        assert [str(p) for p in texts if p.is_file() and private.search(p.read_text(encoding="utf-8", errors="ignore"))] == []


def _named_tests() -> list[tuple[str, str, str]]:
    """(document, file, last name) of every test a document names."""
    return [
        (file.name, *named.groups())
        for file in sorted((ROOT / "docs").glob("*.md"))
        for named in re.finditer(r"`(tests/[\w/]+\.py)::(?:\w+::)?(\w+)`", file.read_text(encoding="utf-8"))
    ]


def test_tests_that_documents_name_exist() -> None:
    named = _named_tests()
    assert len({one for one in named if one[0] == "security-tests.md"}) >= 60
    missing = [one for one in named if not re.search(rf"def {one[2]}\(", (ROOT / one[1]).read_text(encoding="utf-8"))]
    assert not missing


class TestMigrations:
    @pytest.fixture
    def fresh(self, all_databases: databases.Databases, settings: Settings, tmp_path: Path) -> Iterator[sa.Engine]:
        """A migrated database of this test's own."""
        application.start(Settings(database_url=all_databases.empty(), data_dir=tmp_path / "fresh", secret_key="only for tests"))
        application.migrate()
        yield database.engine()
        database.disconnect()

    def test_they_make_what_the_models_say(self, fresh: sa.Engine) -> None:
        with fresh.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": database.Base.metadata})
            assert compare_metadata(context, database.Base.metadata) == []

    def test_there_is_one_line_of_them(self) -> None:
        assert len(schema.scripts().get_heads()) == 1

    def test_down_and_up_again_on_a_populated_database(self, fresh: sa.Engine) -> None:
        People().one_of_each()
        database.release()
        command.downgrade(schema.config(), "base")
        assert set(sa.inspect(fresh).get_table_names()) <= {"alembic_version"}
        application.migrate()
        assert schema.revision() == schema.head()

    def test_each_step_back_and_forth_keeps_the_people(self, fresh: sa.Engine) -> None:
        People().one_of_each()
        database.release()
        revisions = [script.revision for script in schema.scripts().walk_revisions()]
        for revision in revisions[1:]:
            command.downgrade(schema.config(), revision)
            command.upgrade(schema.config(), "head")
            with fresh.connect() as connection:
                assert connection.scalar(sa.text("SELECT count(*) FROM people")) == 6

    def test_migrating_twice_changes_nothing(self, fresh: sa.Engine) -> None:
        before = databases.snapshot()
        application.migrate()
        assert databases.snapshot() == before


def test_commands_explain_themselves() -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    done: Any = subprocess.run([sys.executable, "-m", "alliance", "--help"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    for name in ("serve", "worker", "demo", "doctor", "settings", "permissions", "migrate", "user", "token"):
        assert re.search(rf"^  {name}\s+\S", done.stdout, re.MULTILINE), f"{name} has no line of its own"


def test_every_table_says_how_kept_pages_hang_on_it() -> None:
    """A new table: read the comments in core/own.py, and put it where it belongs."""
    tables = database.Base.metadata.tables
    listed = [*own.TABLES, *own.APART, *own.COMMON, *own.UNSEEN, "people"]
    assert sorted(listed) == sorted(tables)
    of_people = {name for name, table in tables.items() if "person_id" in table.c}
    assert of_people == set(own.TABLES) | set(own.APART)
