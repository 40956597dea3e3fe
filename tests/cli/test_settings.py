"""`alliance settings`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result

from alliance.core.settings import Settings

Cli = Callable[..., Result]


def test_it_prints_every_setting_with_its_sentence(cli: Cli) -> None:
    output = cli("settings").output
    for name, _, sentence in Settings().shown():
        assert name in output
        assert sentence in output


def test_no_secret_is_printed(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_SECRET_KEY", "very-secret-key-of-thirty-two-characters")
    monkeypatch.setenv("ALLIANCE_SMTP_URL", "smtp://user:very-secret@mail.example.org:587")
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", "postgresql+psycopg://user:very-secret@db.example.org/alliance")
    monkeypatch.setenv("ALLIANCE_REDIS_URL", "redis://:very-secret@redis.example.org:6379/0")
    output = cli("settings").output
    assert "very-secret" not in output
    assert "mail.example.org" in output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLIANCE_LOG_FORMAT", "xml"),
        ("ALLIANCE_BASE_URL", "forum.example.org"),
        ("ALLIANCE_TRUSTED_PROXIES", "many"),
        ("ALLIANCE_RATE_LIMITS", "yes"),
        ("ALLIANCE_REDIS_URL", "http://redis"),
        ("ALLIANCE_SMTP_URL", "mail.example.org"),
        ("ALLIANCE_DATABASE_URL", "mysql://somewhere"),
        ("ALLIANCE_PORT", "80"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line_that_names_it(cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    result = cli("settings")
    assert result.exit_code == 1
    assert name in result.output
    assert len(result.output.splitlines()) == 1
