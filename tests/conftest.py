"""What every test may ask for. ALLIANCE_TEST_DATABASE chooses the database: sqlite (the default) or postgresql."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as made_up
from playwright.sync_api import Browser, Page, sync_playwright

from alliance import app as application
from alliance.cli import main
from alliance.core import db as database
from alliance.core import i18n, jobs, outbox, wake
from alliance.core import settings as settings_module
from alliance.core.settings import Settings
from alliance.web import limits
from tests import databases, services
from tests.people import People
from tests.servers import LiveServer

SETTINGS_OF_THE_TESTS = {"ALLIANCE_TEST_DATABASE", "ALLIANCE_CORPORA"}
CHROMIUM = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The product's settings of whoever runs the tests must not reach them.
for _name in [name for name in os.environ if name.startswith("ALLIANCE_") and name not in SETTINGS_OF_THE_TESTS]:
    del os.environ[_name]

# Made-up input: a hundred cases a test in `make test`, ten thousand in `make soak`; never against the clock.
made_up.register_profile("short", deadline=None, max_examples=100)
made_up.register_profile("soak", deadline=None, max_examples=10_000)
made_up.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


@pytest.fixture(scope="session")
def database_kind() -> str:
    """Which database this run is about."""
    return os.environ.get("ALLIANCE_TEST_DATABASE", "sqlite")


@pytest.fixture(scope="session")
def workshop() -> Iterator[Path]:
    """A folder for the whole run, in memory where the machine can."""
    with tempfile.TemporaryDirectory(prefix="alliance-test-", dir=services.fast_folder()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def all_databases(database_kind: str, workshop: Path) -> Iterator[databases.Databases]:
    """Where migrated databases come from."""
    with databases.made(database_kind, workshop) as made:
        yield made


@pytest.fixture(scope="session")
def _shared(all_databases: databases.Databases) -> tuple[Settings, databases.Rows]:
    """The one database that tests in this process share, and what it holds when clean."""
    settings = Settings(
        database_url=all_databases.copy(),
        data_dir=all_databases.folder / "shared",
        base_url="http://localhost",
        secret_key="only for tests",
    )
    databases.use(settings)
    return settings, databases.snapshot()


@pytest.fixture(autouse=True)
def _language() -> None:
    """A request leaves its language in the thread that answered it; no test begins with that of the one before."""
    i18n.set_locale(i18n.SOURCE)


@pytest.fixture
def settings(_shared: tuple[Settings, databases.Rows], tmp_path: Path) -> Iterator[Settings]:
    """The settings in force: a clean database, a data directory of the test's own, limits not yet used."""
    shared, rows = _shared
    databases.restore(rows)
    mine = replace(shared, data_dir=tmp_path / "data")
    _use(mine)
    yield mine
    database.release()
    if not databases.connected_to(shared.database):
        databases.use(shared)


def _use(settings: Settings) -> None:
    """Everything `alliance.app.start` does except opening the database again."""
    ready = settings_module.prepare(settings)
    settings_module.use(ready)
    jobs.connect(ready)
    wake.connect(ready.redis_url)
    limits.connect(ready)


@pytest.fixture
def db(settings: Settings) -> Any:
    """The module `alliance.core.db` on a clean database."""
    return database


@pytest.fixture(scope="session")
def _app(_shared: tuple[Settings, databases.Rows]) -> Flask:
    made = application.create_app()
    made.testing = True
    made.config["WTF_CSRF_ENABLED"] = False  # tests/web/test_security.py switches it on
    return made


@pytest.fixture
def app(_app: Flask, db: Any) -> Flask:
    """The application on a clean database; CSRF is off unless the test switches it on."""
    return _app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, not signed in."""
    return app.test_client()


@pytest.fixture
def people(db: Any) -> People:
    """Makes people: `people.participant()`, `people.moderator(name="…")`; see tests/people.py."""
    return People()


@pytest.fixture
def actors(people: People) -> dict[str, Any]:
    """One actor of each kind by name; the person of each is `people.of(actor)`."""
    return people.one_of_each()


@pytest.fixture
def drain(db: Any) -> Callable[[], int]:
    """Let every listener of the outbox do its work now."""
    return outbox.drain_all


@pytest.fixture
def cli(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on the test's installation: `cli("user", "create", "a@example.org", …)`."""
    monkeypatch.setenv("ALLIANCE_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", settings.database)
    monkeypatch.setenv("ALLIANCE_BASE_URL", settings.base_url)

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        database.release()
        try:
            return CliRunner().invoke(main, arguments, input=stdin)
        finally:
            databases.use(settings)

    return run


@pytest.fixture(scope="session")
def _redis() -> Iterator[str]:
    with services.redis_server() as url:
        yield url


@pytest.fixture
def redis_url(_redis: str) -> str:
    """A real, empty Redis."""
    services.empty_redis(_redis)
    return _redis


@pytest.fixture(scope="session")
def servers(all_databases: databases.Databases, workshop: Path) -> Iterator[Callable[..., LiveServer]]:
    """Makes servers (not started) that live until the end of the run at most: `servers(redis_url=…).start()`."""
    made: list[LiveServer] = []

    def make(**options: str) -> LiveServer:
        folder = workshop / f"server-{len(made) + 1}"
        made.append(LiveServer(folder, **{"database_url": all_databases.copy_for(folder), "rate_limits": "off", **options}))
        return made[-1]

    yield make
    for server in made:
        server.kill()


@pytest.fixture
def live_server(servers: Callable[..., LiveServer]) -> Iterator[LiveServer]:
    """A running server of the test's own, on a migrated, empty database."""
    server = servers().start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new window with nothing remembered; what goes wrong in its console fails the test."""
    context = browser.new_context()
    window = context.new_page()
    errors: list[str] = []
    window.on("pageerror", lambda error: errors.append(str(error)))
    yield window
    context.close()
    assert not errors, errors


@pytest.fixture(scope="session")
def corpora() -> Path | None:
    """The folder of larger collections (ALLIANCE_CORPORA), None where there is none: samples in the tests always run."""
    given = os.environ.get("ALLIANCE_CORPORA")
    if given and not Path(given).is_dir():
        raise RuntimeError(f"ALLIANCE_CORPORA is not a folder: {given}")
    return Path(given) if given else None
