"""The process of `alliance serve` that does the jobs and keeps the schedule, so that they take no time from whoever waits for an answer.

Python does one thing at a time in a process. Those that answer and this one tell each other that there is news, through a
pair of sockets or through Redis; what the news is stands in the database.
"""

from __future__ import annotations

import os
import select
import socket
import tempfile
from contextlib import suppress
from types import FrameType

from gunicorn.workers.base import Worker

from alliance import app as application
from alliance.core import jobs, meters, wake
from alliance.core.settings import Settings

STOP_SECONDS = 2
TICK = 1.0  # seconds between two signs of life


class Beside:
    """What the processes that answer and the one that does the jobs share; made before they are forked."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # Through Redis all processes hear of each other; without it there are these two.
        self._ends = () if settings.redis_url else socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._figures = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the program runs)

    def join(self, *, at_jobs: bool = False) -> None:
        """Take one's place in this process."""
        if self._ends:
            wake.pair(self._ends[at_jobs])
        if not at_jobs:
            meters.tell_too(self._figures.fileno())

    def leave_figures(self) -> None:
        """Nobody can ask this process for its figures: they are told by those that answer."""
        if self.settings.metrics != "off":
            with suppress(OSError):  # the disk is full: the jobs go on
                meters.leave(self._figures.fileno())


class JobsProcess(Worker):  # type: ignore[misc]
    """Answers nobody."""

    def load_wsgi(self) -> None:
        """Open what the jobs need."""
        self._beside: Beside = self.app.beside
        application.start(self._beside.settings)
        self._beside.join(at_jobs=True)

    def run(self) -> None:
        """Work until told to stop, or until the master is gone."""
        runner = jobs.Runner(self._beside.settings)
        runner.start()
        while self.alive and self.ppid == os.getppid():
            self.notify()
            self._beside.leave_figures()
            if select.select([self.PIPE[0]], [], [], TICK)[0]:  # a signal ends the waiting
                os.read(self.PIPE[0], 64)
        runner.stop(STOP_SECONDS)
        os._exit(0)  # what is in hand is done again by the next

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C reaches every process of the terminal: for us it means the same."""
        self.handle_exit(sig, frame)
