"""alliance digest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.digests.conftest import Forum, forum

__all__ = ["forum"]


def test_compile_list_render(cli: Callable[..., Result], forum: Forum, tmp_path: Path) -> None:
    forum.six_languages()
    made = cli("digest", "compile", "--from", "2026-06-01", "--to", "2026-06-30")
    assert made.exit_code == 0, made.output
    number, symbol = made.output.split()[:2]
    assert symbol.rstrip(":") in cli("digest", "list").output
    for form, begin in (("pdf", b"%PDF"), ("html", b"<!"), ("json", b"{"), ("txt", b"ALLIANCE/")):
        file = tmp_path / f"digest.{form}"
        done = cli("digest", "render", number, "--format", form, "-o", str(file))
        assert done.exit_code == 0, done.output
        assert file.read_bytes().lstrip().startswith(begin)


@pytest.mark.parametrize(
    "arguments",
    [
        ("compile", "--from", "2026-06-30", "--to", "2026-06-01"),
        ("compile", "--from", "yesterday", "--to", "2026-06-01"),
        ("compile", "--from", "2026-06-01", "--to", "2026-06-02", "--space", "nowhere"),
        ("render", "999", "-o", "digest.pdf"),
    ],
)
def test_bad_input_is_one_clear_line(cli: Callable[..., Result], db: Any, arguments: tuple[str, ...]) -> None:
    done = cli("digest", *arguments)
    assert done.exit_code != 0
    assert "Traceback" not in done.output
    assert done.output.strip().splitlines()[-1].startswith("alliance: ")


def test_evaluate(cli: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "threads.jsonl"
    message = {"id": "1", "author": "a", "text": "The fund should pay for the lines of the schools."}
    file.write_text(json.dumps({"id": "t", "messages": [message], "n_points": 1}) + "\n", "utf-8")
    done = cli("digest", "evaluate", str(file))
    assert json.loads(done.output.splitlines()[0])["sentences"][0]["text"] == message["text"]
    file.write_text("not json\n", "utf-8")
    assert cli("digest", "evaluate", str(file)).exit_code != 0


@pytest.mark.parametrize("number", ["99999999999999999999999999", "2147483648", "0"])
def test_a_number_no_database_knows_is_one_clear_line(cli: Callable[..., Result], db: Any, tmp_path: Path, number: str) -> None:
    done = cli("digest", "render", number, "-o", str(tmp_path / "digest.pdf"))
    assert done.exit_code == 1
    assert done.output == f"alliance: there is no digest {number}\n"


def test_threads_in_a_binary_file_are_one_clear_line(cli: Callable[..., Result], db: Any, tmp_path: Path) -> None:
    file = tmp_path / "threads.jsonl"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    done = cli("digest", "evaluate", str(file))
    assert done.exit_code == 1
    assert done.output == f"alliance: {file} is not text in UTF-8\n"
