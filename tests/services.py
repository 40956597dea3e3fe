"""The real servers the tests need, each private, on a free port, gone afterwards: PostgreSQL and Redis."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

READY_SECONDS = 30
PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fast_folder() -> str | None:
    """Memory for files that live as long as the tests, where the machine has it."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL server; yields the URL of its maintenance database. `durable`: on a disk it waits for, as in earnest."""
    user = _unprivileged()
    with _folder(user, tempfile.gettempdir() if durable else fast_folder()) as folder:
        data = folder / "data"
        _run([_postgres("initdb"), "-D", str(data), "-U", "alliance", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], user)
        port = free_port()
        hasty = () if durable else ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
        options = (*hasty, "max_connections=200", "listen_addresses=127.0.0.1", "shared_buffers=64MB")
        command = [_postgres("postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), *(f"--{option}" for option in options)]
        dsn = f"postgresql://alliance@127.0.0.1:{port}/postgres"
        # SIGINT: PostgreSQL's "fast" shutdown, which does not wait for clients.
        with _server(command, folder, user, signal.SIGINT, lambda: psycopg.connect(dsn, connect_timeout=2).close()):
            yield dsn.replace("postgresql://", "postgresql+psycopg://")


@contextmanager
def redis_server(port: int | None = None) -> Iterator[str]:
    """A Redis server (on a port of one's own choice: one that comes back); yields its URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("the tests need redis-server: make system")
    with _folder(None, fast_folder()) as folder:
        port = port or free_port()
        url = f"redis://127.0.0.1:{port}/0"
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
        with _server(command, folder, None, signal.SIGTERM, lambda: redis.Redis.from_url(url).ping()):
            yield url


def empty_redis(url: str) -> None:
    """Remove all a Redis holds."""
    with redis.Redis.from_url(url) as client:
        client.flushall()


def _postgres(program: str) -> str:
    """The newest PostgreSQL's program: Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: float(path.parts[-3]))
    name = str(found[-1]) if found else shutil.which(program)
    if name is None:
        raise RuntimeError("the tests need PostgreSQL: make system")
    return name


def _unprivileged() -> str | None:
    """Whom to run PostgreSQL as: it refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextmanager
def _folder(user: str | None, below: str | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="alliance-test-", dir=below))
    try:
        if user:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as(user: str | None) -> dict[str, object]:
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _run(command: list[str], user: str | None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **_as(user))  # type: ignore[call-overload]
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


def _die_with_parent() -> None:
    """In the child: when the tests are killed, their servers go too."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def _server(command: list[str], folder: Path, user: str | None, stop: signal.Signals, ready: Callable[[], object]) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # type: ignore[call-overload]
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it takes no lock
            **_as(user),
        )
    try:
        _wait(process, ready, folder / "log")
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], object], log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while True:
        try:
            ready()
        except (psycopg.OperationalError, redis.ConnectionError) as error:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{process.args!r} did not start: {log.read_text()}") from error
            time.sleep(0.05)
        else:
            return
