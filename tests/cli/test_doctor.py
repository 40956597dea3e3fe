"""`alliance doctor` on healthy and on broken installations."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result

from alliance import events
from alliance.attachments import services as attachments
from alliance.attachments import store
from alliance.core import clock, outbox
from alliance.core.settings import Settings
from alliance.mailing.models import IncomingMail, OutgoingMail
from tests import issuers, services
from tests.attachments import samples
from tests.people import People

Cli = Callable[..., Result]


def wrong(result: Result) -> list[str]:
    """The lines that say something is wrong."""
    return [line for line in result.output.splitlines() if line.startswith("✗")]


def test_a_healthy_installation(cli: Cli, drain: Callable[[], int]) -> None:
    result = cli("doctor")
    assert wrong(result) == []
    assert result.exit_code == 0
    assert "✓ database:" in result.output
    assert "✓ deliveries: none failed" in result.output
    assert "✓ figures: /metrics answers nobody" in result.output


@pytest.mark.parametrize(
    ("whom", "words"), [("loopback", "answers this machine"), ("on", "have the proxy in front keep it from the public")]
)
def test_whom_figures_are_told(cli: Cli, monkeypatch: pytest.MonkeyPatch, whom: str, words: str) -> None:
    monkeypatch.setenv("ALLIANCE_METRICS", whom)
    assert words in cli("doctor").output


def test_it_changes_nothing(cli: Cli, settings: Settings) -> None:
    before = sorted(path.name for path in settings.data_dir.iterdir())
    cli("doctor")
    assert [name for name in sorted(path.name for path in settings.data_dir.iterdir()) if name not in before and name != "secret_key"] == []


def test_a_database_that_was_not_migrated(cli: Cli, all_databases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", all_databases.empty())
    result = cli("doctor")
    assert result.exit_code == 1
    assert len(wrong(result)) == 1
    assert "alliance migrate" in wrong(result)[0]


def test_a_database_that_does_not_answer(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", f"postgresql+psycopg://someone:very-secret@127.0.0.1:{services.free_port()}/none")
    result = cli("doctor")
    assert result.exit_code == 1
    assert "✗ database: does not answer" in result.output
    assert "very-secret" not in result.output


def test_redis_that_answers_and_redis_that_does_not(cli: Cli, monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    monkeypatch.setenv("ALLIANCE_REDIS_URL", redis_url)
    assert "✓ Redis: answers" in cli("doctor").output
    monkeypatch.setenv("ALLIANCE_REDIS_URL", f"redis://127.0.0.1:{services.free_port()}/0")
    result = cli("doctor")
    assert result.exit_code == 1
    assert "✗ Redis: does not answer" in result.output


def test_a_mail_server_that_is_not_there(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_SMTP_URL", f"smtp://someone:very-secret@127.0.0.1:{services.free_port()}")
    result = cli("doctor")
    assert result.exit_code == 1
    assert "✗ mail: " in result.output
    assert "very-secret" not in result.output


def test_a_short_secret(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_SECRET_KEY", "short")
    result = cli("doctor")
    assert result.exit_code == 1
    assert "✗ secret key: ALLIANCE_SECRET_KEY is shorter than 32 characters" in result.output


def test_a_secret_others_can_read(cli: Cli, settings: Settings) -> None:
    file = settings.data_dir / "secret_key"
    file.write_text("0" * 64)
    file.chmod(0o644)
    result = cli("doctor")
    assert result.exit_code == 1
    assert f"chmod 600 {file}" in result.output


def test_what_was_given_up(cli: Cli, db: Any) -> None:
    with db.transaction() as session:
        session.add(
            outbox.FailedDelivery(
                listener="search", event_id=7, attempts=outbox.MAX_ATTEMPTS, next_at=None, error="Broken: index", created_at=clock.now()
            )
        )
    result = cli("doctor")
    assert result.exit_code == 1
    assert "✗ deliveries: 1 given up after 5 attempts; the last: search, event 7: Broken: index" in result.output


def test_an_index_that_is_not_there(cli: Cli, db: Any) -> None:
    with db.transaction():
        outbox.publish(events.PostPublished(post_id=1, discussion_id=1, space_id=1))
    assert "✗ search index: lacking" in cli("doctor").output


def test_events_nobody_passes_on(cli: Cli, db: Any) -> None:
    with clock.freeze(clock.now() - timedelta(hours=1)), db.transaction():
        outbox.publish(events.PostPublished(post_id=1, discussion_id=1, space_id=1))
    result = cli("doctor")
    assert result.exit_code == 1
    assert "✗ event log: what happened at" in result.output


@pytest.mark.parametrize(
    ("status", "age", "said"),
    [
        ("failed", timedelta(), "✗ outgoing mail: 1 could not be delivered; the last: 550 no such user"),
        ("waiting", timedelta(hours=2), "✗ outgoing mail: 1 waiting for more than an hour; the last: 550 no such user"),
        ("waiting", timedelta(), "✓ outgoing mail: none stuck"),
    ],
)
def test_mail_that_does_not_leave(cli: Cli, db: Any, people: People, status: str, age: timedelta, said: str) -> None:
    with db.transaction() as session:
        row = OutgoingMail(
            person_id=people.participant().person_id,
            key="event:1",
            kind="reply",
            status=status,
            error="550 no such user",
            created_at=clock.now() - age,
        )
        session.add(row)
    assert said in cli("doctor").output


def test_a_mistyped_setting(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_DATABSE_URL", "sqlite:///x.db")
    result = cli("doctor")
    assert result.exit_code == 1
    assert result.output == "✗ settings: ALLIANCE_DATABSE_URL is not a setting of Alliance; `alliance settings` lists them all\n"


def test_the_database_is_left_as_it_was(cli: Cli, db: Any) -> None:
    with db.engine().connect() as connection:
        before = connection.scalar(sa.text("SELECT count(*) FROM listeners"))
    cli("doctor")
    with db.engine().connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM listeners")) == before


def test_attached_files_that_are_gone(cli: Cli, people: People) -> None:
    key = attachments.receive(people.participant(), "a.pdf", io.BytesIO(samples.PDF)).key
    assert "✓ attachments: 1 files" in cli("doctor").output
    store.path(key).unlink()
    result = cli("doctor")
    assert result.exit_code == 1
    assert "✗ attachments: 1 of 1 files are missing" in result.output


def test_a_database_of_a_newer_version(cli: Cli, all_databases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url = all_databases.copy()
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))
    engine.dispose()
    result = cli("doctor")
    assert result.exit_code == 1
    assert "✗ database: at revision of_tomorrow, which belongs to a newer Alliance: install that version again" in result.output
    assert "alliance migrate" not in result.output


def test_many_processes_on_one_sqlite_file(cli: Cli, monkeypatch: pytest.MonkeyPatch, redis_url: str, tmp_path: Any) -> None:
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", f"sqlite:///{tmp_path}/one.db")
    assert "✓ processes: one; more need ALLIANCE_REDIS_URL" in cli("doctor").output
    monkeypatch.setenv("ALLIANCE_REDIS_URL", redis_url)
    result = cli("doctor")
    assert result.exit_code == 1
    assert "✗ processes: several processes write to one SQLite file" in result.output


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (("", False, ""), "✓ mail in: none came within a month"),
        (("", True, ""), "✗ mail in: comes in, and its From is believed"),
        (("imaps://a:b@mail.example.org/INBOX", False, ""), "✗ mail in: comes in, and its From is believed"),
        (("", True, "mx.example.org"), "✓ mail in: believed as mx.example.org finds it"),
    ],
)
def test_mail_that_comes_in_unchecked(cli: Cli, db: Any, monkeypatch: pytest.MonkeyPatch, case: tuple[str, bool, str], said: str) -> None:
    imap, came, border = case
    monkeypatch.setenv("ALLIANCE_MAIL_IMAP_URL", imap)
    monkeypatch.setenv("ALLIANCE_MAIL_BORDER", border)
    if came:
        with db.transaction() as session:
            session.add(IncomingMail(key="1@example.org", status="refused", created_at=clock.now()))
    result = cli("doctor")
    assert said in result.output
    assert "a:b" not in result.output


def test_an_issuer_that_answers_and_one_that_does_not(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_OIDC_CLIENT_ID", issuers.CLIENT)
    with issuers.liar() as issuer:
        monkeypatch.setenv("ALLIANCE_OIDC_ISSUER", issuer.url)
        assert f"✓ account elsewhere: {issuer.url} answers" in cli("doctor").output
        issuer.document = {"issuer": "https://elsewhere.example"}
        result = cli("doctor")
    assert result.exit_code == 1
    assert f"✗ account elsewhere: {issuer.url} does not answer as it must (the issuer calls itself something else)" in result.output
