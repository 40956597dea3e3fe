"""The production server: gunicorn with a thread per request, and the jobs in a process beside."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from alliance import app as application
from alliance.cli.jobs_process import Beside, JobsProcess
from alliance.core.settings import Settings
from alliance.realtime import sockets

# One per request; made when needed. Sockets take none (`realtime.engine`), but those that poll take one each, up to MAX_POLLING.
THREADS = 300
CONNECTIONS = 2000
# A stopping worker finishes what it answers, and waits this long at most.
WORKER_SECONDS = 2
# Then the master ends it.
MASTER_SECONDS = 3
# What a refused request still has to say is read and thrown away, within these bounds, before its connection is used again
# or closed: closing over unread bytes resets the connection, and the answer is lost on the way (a proxy says 502).
DRAINED_BYTES = 128 * 2**20
DRAINED_SECONDS = 20
# While stopping it looks that often whether all is done.
STOPPING_TICK = 0.1


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's words, from warnings up, go where the product's logs go; requests are logged by the product."""

    def setup(self, cfg: Any) -> None:
        """Use the product's handlers instead of handlers of its own."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.loglevel = logging.WARNING
        self.error_log.setLevel(logging.WARNING)
        self.error_log.propagate = True


class Worker(ThreadWorker):  # type: ignore[misc]
    """A process that answers requests."""

    def run(self) -> None:
        """Work until told to stop."""
        # The master keeps the longer time it was configured with.
        self.cfg.set("graceful_timeout", WORKER_SECONDS)
        server: Server = self.app
        if server.beside:
            server.beside.join()
        sockets.start()
        if self.age == 1:
            sys.stdout.write(f"Alliance is ready at {server.address}\n")
            sys.stdout.flush()
        super().run()
        sockets.stop()
        self._leave()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for requests; shorter when stopping, so that its time is not overrun."""
        super().wait_for_and_dispatch_events(timeout if self.alive else min(timeout, STOPPING_TICK))

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C reaches every process of the terminal: for us it means the same."""
        self.handle_exit(sig, frame)

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        # gunicorn itself gives up after 64 kB.
        drained = bool(conn.parser.finish_body(deadline=time.monotonic() + DRAINED_SECONDS, max_bytes=DRAINED_BYTES))
        return keepalive and drained

    @staticmethod
    def _leave() -> None:
        # Not sys.exit: it would wait for threads that answer a poll, which end only when there is news.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


class Master(Arbiter):  # type: ignore[misc]
    """Starts the processes, and starts anew those that end."""

    def spawn_worker(self) -> Any:
        """First all that answer, then the one that does the jobs; in the place of one that ended, another of its kind."""
        answering = sum(not isinstance(one, JobsProcess) for one in self.WORKERS.values())
        self.worker_class = Worker if answering < self.app.workers else JobsProcess
        return super().spawn_worker()

    def handle_hup(self) -> None:
        """Begin anew: all end, and others take their place."""
        self.kill_workers(signal.SIGTERM)

    def handle_ttin(self) -> None:
        """How many processes there are is said by `--workers`."""

    handle_ttou = handle_ttin


class Server(BaseApplication):  # type: ignore[misc]
    """The product under gunicorn.

    Args:
        settings: what every process of it starts with.
        address: shown when it is ready.
        listener: file descriptor of the bound socket.
        workers: how many processes answer.
        with_jobs: whether another one does the jobs.
    """

    def __init__(self, settings: Settings, address: str, listener: int, workers: int, with_jobs: bool) -> None:
        self.settings = settings
        self.address = address
        self.workers = workers
        self.beside = Beside(settings) if with_jobs else None
        self._options = {
            "bind": f"fd://{listener}",
            "workers": workers + with_jobs,
            "worker_class": Worker,
            "threads": THREADS,
            "worker_connections": CONNECTIONS,
            "graceful_timeout": MASTER_SECONDS,
            "timeout": 120,
            "keepalive": 15,
            "logger_class": QuietLogger,
            "control_socket_disable": True,
            # X-Forwarded-* are believed by ALLIANCE_TRUSTED_PROXIES alone.
            "forwarded_allow_ips": "",
            "proc_name": "alliance",
        }
        super().__init__()

    def run(self) -> None:
        """Serve until told to stop."""
        Master(self).run()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """In each worker process: open everything and make the application."""
        return application.create_app(self.settings)
