"""One holder at a time, over threads and processes; gone with its process."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from typing import Any

from alliance.core import locks
from alliance.core.settings import Settings

HOLD = """
import sys, time
from alliance.core import db, locks, settings
given = settings.load()
settings.use(given)
db.connect(given.database)
with locks.exclusive("a") as mine:
    print("held" if mine else "taken", flush=True)
    time.sleep(60)
"""


def held(name: str) -> bool:
    """Whether another thread can have the lock just now."""
    answers: list[bool] = []

    def ask() -> None:
        with locks.exclusive(name) as mine:
            answers.append(mine)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return answers[0]


def test_one_at_a_time_by_name(db: Any) -> None:
    with locks.exclusive("a") as mine:
        assert mine
        assert not held("a")
        assert held("b")
    assert held("a")


def test_it_is_gone_with_the_process_that_was_killed(db: Any, settings: Settings) -> None:
    env = {"ALLIANCE_DATA_DIR": str(settings.data_dir), "ALLIANCE_DATABASE_URL": settings.database}
    holder = subprocess.Popen([sys.executable, "-c", HOLD], env=env, stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    assert not held("a")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    end = time.monotonic() + 5
    while not held("a"):
        assert time.monotonic() < end
        time.sleep(0.02)
