"""Logs: one form for the product's and the libraries' words, and no secret in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask

from alliance.core import logs


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    """Leave the loggers as they were found."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> str:
    """What went to standard error."""
    return capsys.readouterr().err


def fail_with_a_secret_at_hand() -> None:
    """Raise with a password in a local variable."""
    hidden_here = "very-secret-local"
    raise ValueError(f"cannot connect to postgresql://user:very-secret@db/x{hidden_here[:0]}")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "given",
    [
        {"password": "very-secret"},
        {"api_token": "very-secret"},
        {"Authorization": "Bearer very-secret"},
        {"path": "/reset-password/very-secret"},
        {"path": "/confirm/very-secret"},
        {"path": "/moderation/by-mail/very-secret"},
        {"url": "smtp://user:very-secret@mail.example.org"},
        {"header": "Bearer very-secret"},
        {"query": "a=1&token=very-secret"},
    ],
)
def test_a_secret_given_by_mistake_is_not_written(capsys: pytest.CaptureFixture[str], form: str, given: dict[str, str]) -> None:
    logs.configure(form)
    structlog.get_logger("test").info("something", **given)
    logging.getLogger("library").warning(
        "something %s", " ".join(f"{name}={value}" for name, value in given.items() if name != "api_token")
    )
    text = written(capsys)
    assert "something" in text
    assert "very-secret" not in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_trace_shows_neither_local_variables_nor_secrets(capsys: pytest.CaptureFixture[str], form: str) -> None:
    logs.configure(form)
    try:
        fail_with_a_secret_at_hand()
    except ValueError:
        structlog.get_logger("test").exception("failed")
    text = written(capsys)
    assert "ValueError" in text
    assert "fail_with_a_secret_at_hand" in text
    assert "very-secret" not in text.replace('hidden_here = "very-secret-local"', "")


def test_json_lines_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        structlog.get_logger("test").info("besucht", ort="Genève")
        logging.getLogger("library").warning("beware")
    lines = [json.loads(line) for line in written(capsys).splitlines()]
    assert [line["event"] for line in lines] == ["besucht", "beware"]
    assert {line["request_id"] for line in lines} == {"abc"}
    assert lines[0]["ort"] == "Genève"


def test_no_address_that_carries_a_secret_is_written(app: Flask) -> None:
    paths = [rule.rule.replace("<token>", "very-secret") for rule in app.url_map.iter_rules() if "token" in rule.arguments]
    assert "/reset-password/very-secret" in paths
    assert [path for path in paths if "very-secret" in logs._redact(None, "", {"path": path})["path"]] == []
