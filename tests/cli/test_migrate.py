"""`alliance migrate`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from alliance.core import schema
from tests import services

Cli = Callable[..., Result]


@pytest.fixture
def empty(all_databases: Any, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands on a database without any table."""
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", all_databases.empty())
    return cli


def test_up_down_and_up_again(empty: Cli) -> None:
    assert empty("migrate").output == f"the database is at revision {schema.head()}\n"
    assert empty("migrate", "--to", "base").output == "the database is at revision nothing\n"
    assert empty("migrate", "--to", schema.head()).output == f"the database is at revision {schema.head()}\n"
    assert empty("migrate").exit_code == 0


def test_an_unknown_revision_is_one_clear_line(empty: Cli) -> None:
    result = empty("migrate", "--to", "of-tomorrow")
    assert result.exit_code == 1
    assert "of-tomorrow is not a revision of this version" in result.output
    assert len(result.output.splitlines()) == 1


def test_a_database_that_does_not_answer_is_one_clear_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", f"postgresql+psycopg://someone:very-secret@127.0.0.1:{services.free_port()}/none")
    result = cli("migrate")
    assert result.exit_code == 1
    assert result.output.startswith("alliance: the database cannot be used (")
    assert len(result.output.splitlines()) == 1
    assert "very-secret" not in result.output
