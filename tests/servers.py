"""The product as its users run it: `alliance serve` in a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from tests import services

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 180  # a machine busy with others takes long to begin


class LiveServer:
    """A server on a free port with a data directory of its own; `start`, `stop`, `kill`, and start again."""

    def __init__(self, folder: Path, database_url: str = "", **settings: str) -> None:
        self.folder = folder
        self.python = sys.executable
        self.port = services.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        given = {"data_dir": str(folder), "base_url": self.url, "database_url": database_url, **settings}
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("ALLIANCE_")}
        self.env |= {f"ALLIANCE_{name.upper()}": value for name, value in given.items() if value}

    def start(self, *options: str, ready: int = 200) -> LiveServer:
        """Start it and wait until it can work (or, with 503, says that it cannot yet)."""
        command = [self.python, "-m", "alliance", "serve", "--port", str(self.port), *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder.parent, env=self.env, stdout=log, stderr=log, start_new_session=True)
        self._wait(ready)
        return self

    def _wait(self, ready: int) -> None:
        assert self.process
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}/readyz", timeout=5).status_code == ready:
                    return
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.05)
        text = self.log.read_text(encoding="utf-8", errors="replace")
        self.kill()
        raise RuntimeError(f"the server did not start: {text[-4000:]}")

    def stop(self, how: signal.Signals = signal.SIGTERM, timeout: float = 10) -> int:
        """Ask it to stop; returns its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(how)
        try:
            return self.process.wait(timeout)
        finally:
            self.kill()

    def kill(self) -> None:
        """End all its processes at once, as a power cut would."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """An `alliance` command on the same installation."""
        return subprocess.run(
            [self.python, "-m", "alliance", *arguments],
            cwd=self.folder.parent,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
