"""A long archive is prepared by several processes; what comes of it is the same, and none of them is left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from alliance.core import db as database
from alliance.discussions.models import Post
from alliance.mailing import importer, preparing
from alliance.mailing.preparing import Source
from alliance.mailing.threading_ import Placed, arrange
from tests.mailing import samples

HELPED = """
import sys
from pathlib import Path
from alliance.mailing import importer, preparing
from alliance.mailing.threading_ import arrange
preparing.MANY, preparing.BATCH = 1, 1
preparing.cores = lambda: 2
path = Path(sys.argv[1])
made = preparing.batches(preparing.Source(path, frozenset(), ""), arrange(importer.read_archive(path)))
next(made)
print(*(helper.pid for helper in preparing.multiprocessing.active_children()), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "list.mbox"
    file.write_bytes(samples.TREE)
    return file


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(preparing, "MANY", 1)
    monkeypatch.setattr(preparing, "BATCH", 2)
    monkeypatch.setattr(preparing, "cores", lambda: 2)
    yield
    assert not multiprocessing.active_children()


def placed(archive: Path) -> list[Placed]:
    return arrange(importer.read_archive(archive))


def test_helpers_make_the_same_in_the_same_order(archive: Path, helped: None, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(archive, frozenset({"jane@example.org"}), "")
    shared = list(preparing.batches(source, placed(archive)))
    monkeypatch.setattr(preparing, "cores", lambda: 1)
    assert shared == list(preparing.batches(source, placed(archive)))
    assert [len(batch) for batch in shared[:-1]] == [2] * (len(shared) - 1)
    assert [one.problem for batch in shared for one in batch if one.problem] == ["there is no text in it"]


def test_an_import_with_helpers(cli: Callable[..., Result], archive: Path, helped: None) -> None:
    result = cli("import", "mbox", str(archive), "--space", "c5")
    assert result.stdout.splitlines()[-1] == "imported 6, duplicates 1, skipped 1", result.output
    assert len(database.session().scalars(select(Post.id)).all()) == 6


def test_helpers_end_with_the_import_however_it_ends(archive: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HELPED, str(archive)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        helpers = [int(number) for number in asking.stdout.readline().split()]
        assert len(helpers) == 2
        asking.send_signal(signal.SIGKILL)
        asking.wait()
        deadline = time.monotonic() + 60
        while any(is_running(number) for number in helpers):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def is_running(number: int) -> bool:
    """Whether there is such a process that has not ended (one that nobody has buried yet has)."""
    try:
        os.kill(number, 0)
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
