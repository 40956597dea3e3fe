"""What `alliance serve` and `alliance worker` say about settings not fit for several processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from alliance.cli import several
from alliance.core.settings import Settings
from tests.servers import LiveServer

Servers = Callable[..., LiveServer]


def test_which_settings_are_fit_for_several() -> None:
    postgresql = "postgresql+psycopg://a@b/c"
    assert several.problem(Settings()) == ""
    assert several.problem(Settings(database_url=postgresql)) == ""
    assert several.problem(Settings(database_url=postgresql, redis_url="redis://a")) == ""
    assert several.problem(Settings(redis_url="redis://a")) == several.SQLITE


def test_a_second_process_without_redis_is_warned(servers: Servers) -> None:
    first = servers().start()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "alliance", "worker"], env=first.env, cwd=first.folder.parent, stderr=subprocess.PIPE
        ) as second:
            assert second.stderr
            try:
                assert several.ALONE in second.stderr.readline().decode()
            finally:
                second.kill()
        assert several.ALONE not in first.log.read_text()
    finally:
        first.kill()
    again = first.start()
    time.sleep(0.1)
    assert several.ALONE not in again.log.read_text()
    again.kill()


def test_a_damaged_database_is_one_clear_line(servers: Servers, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database " * 1000)
    server = servers()
    server.env["ALLIANCE_DATABASE_URL"] = f"sqlite:///{broken}"
    done = server.run("serve", "--port", str(server.port))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "alliance: the database cannot be used (file is not a database); `alliance doctor` looks at everything"
    ]
