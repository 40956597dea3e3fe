"""The server as a process: starts, refuses to start, stops."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import socketio
import sqlalchemy as sa

from tests.servers import LiveServer

Servers = Callable[..., LiveServer]


def serve(env: dict[str, str], cwd: Path, *options: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
    """Run `alliance serve`, expecting it to end by itself."""
    command = [sys.executable, "-m", "alliance", "serve", *options]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False)


def test_says_when_it_is_ready_and_answers_several_at_once(live_server: LiveServer) -> None:
    assert f"Alliance is ready at {live_server.url}" in live_server.log.read_text()
    assert requests.get(f"{live_server.url}/healthz", timeout=5).json() == {"status": "ok"}
    answer = requests.get(f"{live_server.url}/readyz", timeout=5)
    assert answer.json() == {"status": "ok", "problems": []}
    assert answer.headers["X-Request-ID"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stops_cleanly_with_open_sockets(live_server: LiveServer, how: signal.Signals) -> None:
    # An open page, a connection that is kept alive, one that says nothing, one that is in the middle of a request.
    page = socketio.Client(reconnection=False)
    page.connect(live_server.url, transports=["websocket"], wait_timeout=10)
    kept = requests.Session()
    kept.get(f"{live_server.url}/healthz", timeout=5)
    silent = socket.create_connection(("127.0.0.1", live_server.port))
    half = socket.create_connection(("127.0.0.1", live_server.port))
    half.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
    # Three seconds at most on an idle machine; how long a busy one takes is not for a test to judge.
    assert live_server.stop(how, timeout=20) == 0
    silent.close()
    half.close()
    page.disconnect()


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_refuses_a_large_body_without_cutting_its_sender_off(live_server: LiveServer, connection: str) -> None:
    head = f"POST /api/v1/discussions HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\nContent-Length: {5 * 2**20}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", live_server.port), timeout=20) as sender:
        sender.sendall(head.encode())
        # Like a proxy, which reads nothing before it has said everything; the answer is there long before.
        for _ in range(5 * 16):
            sender.sendall(b"x" * 2**16)
        assert sender.recv(2**16).startswith((b"HTTP/1.1 401 ", b"HTTP/1.1 413 "))


def test_started_again_it_keeps_its_secret_and_its_database(servers: Servers) -> None:
    server = servers().start()
    secret = (server.folder / "secret_key").read_text()
    assert server.stop() == 0
    server.start()
    assert (server.folder / "secret_key").read_text() == secret
    assert (server.folder / "secret_key").stat().st_mode & 0o077 == 0
    assert server.stop() == 0


def test_a_port_in_use_is_one_clear_line(servers: Servers) -> None:
    server = servers()
    shutil.rmtree(server.folder, ignore_errors=True)
    with socket.create_server(("127.0.0.1", server.port)):
        done = serve(server.env, server.folder.parent, "--port", str(server.port))
    assert done.returncode != 0
    assert done.stderr.splitlines() == [f"alliance: port {server.port} is in use; choose another with --port (make run PORT=…)"]
    assert not server.folder.exists()  # nothing was touched


def test_a_data_directory_that_cannot_be_written_is_one_clear_line(servers: Servers, tmp_path: Path) -> None:
    # A file where the directory should be stops root as well.
    (tmp_path / "file").write_text("in the way")
    server = servers(data_dir=str(tmp_path / "file" / "data"))
    done = serve(server.env, tmp_path, "--port", str(server.port))
    assert done.returncode != 0
    assert done.stderr.startswith(f"alliance: the data directory {tmp_path}/file/data cannot be written")
    assert len(done.stderr.splitlines()) == 1


def test_a_newer_database_is_one_clear_line_and_left_alone(servers: Servers) -> None:
    server = servers().start()
    assert server.stop() == 0
    url = server.env.get("ALLIANCE_DATABASE_URL") or f"sqlite:///{server.folder / 'alliance.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'of-tomorrow'"))
    done = serve(server.env, server.folder.parent, "--port", str(server.port))
    assert done.returncode != 0
    assert "of-tomorrow" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "of-tomorrow"
    engine.dispose()


def test_several_processes_need_redis(servers: Servers) -> None:
    server = servers()
    done = serve(server.env, server.folder.parent, "--port", str(server.port), "--workers", "2")
    assert done.returncode != 0
    assert "ALLIANCE_REDIS_URL" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_several_processes_with_redis(servers: Servers, redis_url: str) -> None:
    server = servers(redis_url=redis_url).start("--workers", "2", "--no-jobs")
    assert requests.get(f"{server.url}/readyz", timeout=5).status_code == 200
    assert server.stop() == 0


def processes_of(server: LiveServer) -> list[int]:
    """The numbers of those that answer and, last, of the one that does the jobs."""
    assert server.process
    said = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return sorted(map(int, said.split()))


def until(true: Callable[[], bool]) -> None:
    """Wait for something that is to come."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def jobs_done(server: LiveServer) -> dict[str, float]:
    """How many jobs each process that lives has done, by its number, as /metrics tells it."""
    told = requests.get(f"{server.url}/metrics", timeout=5).text
    found = re.findall(r'alliance_job_seconds_count\{.*process="(\d+)"\} (\d+)', told)
    return {number: sum(float(count) for one, count in found if one == number) for number, _ in found}


def test_jobs_are_done_beside_and_a_process_that_is_killed_gets_a_successor_of_its_kind(servers: Servers) -> None:
    server = servers(metrics="loopback").start()
    until(lambda: len(processes_of(server)) == 2)
    answering, working = processes_of(server)
    until(lambda: list(jobs_done(server)) == [str(working)])
    os.kill(working, signal.SIGKILL)
    until(lambda: len(processes_of(server)) == 2 and working not in processes_of(server))
    assert answering in processes_of(server)
    successor = max(processes_of(server))
    until(lambda: list(jobs_done(server)) == [str(successor)])
    os.kill(answering, signal.SIGKILL)
    until(lambda: len(processes_of(server)) == 2 and answering not in processes_of(server))
    assert successor in processes_of(server)
    assert requests.get(f"{server.url}/readyz", timeout=20).status_code == 200
    assert server.stop() == 0


def test_without_jobs_nothing_runs_beside(servers: Servers) -> None:
    server = servers().start("--no-jobs")
    assert len(processes_of(server)) == 1
    assert server.stop() == 0


def test_hung_up_on_all_processes_begin_anew(live_server: LiveServer) -> None:
    until(lambda: len(processes_of(live_server)) == 2)
    before = set(processes_of(live_server))
    assert live_server.process
    live_server.process.send_signal(signal.SIGHUP)
    until(lambda: len(processes_of(live_server)) == 2 and not before & set(processes_of(live_server)))
    assert requests.get(f"{live_server.url}/readyz", timeout=20).status_code == 200


def test_a_worker_stops_when_told(servers: Servers) -> None:
    server = servers()
    worker = subprocess.Popen(
        [sys.executable, "-m", "alliance", "worker"], env=server.env, cwd=server.folder.parent, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout
    assert worker.stdout.readline() == "Alliance's worker is ready\n"
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(8) == 0
    worker.stdout.close()


def test_a_mistyped_setting_is_one_clear_line(servers: Servers) -> None:
    server = servers(log_formt="json")
    done = serve(server.env, server.folder.parent, "--port", str(server.port))
    assert done.returncode != 0
    assert done.stderr == "alliance: ALLIANCE_LOG_FORMT is not a setting of Alliance; `alliance settings` lists them all\n"


def test_logs_are_json_lines_with_the_id_of_the_request_and_no_secret(servers: Servers) -> None:
    server = servers(log_format="json", secret_key="a-secret-of-more-than-32-characters").start()
    answer = requests.get(f"{server.url}/healthz?token=very-secret", headers={"Authorization": "Bearer very-secret"}, timeout=5)
    assert server.stop() == 0
    log = server.log.read_text()
    assert f'"request_id": "{answer.headers["X-Request-ID"]}"' in log
    assert "very-secret" not in log
    assert "a-secret-of-more-than-32-characters" not in log


def test_works_from_any_directory(live_server: LiveServer) -> None:
    assert os.path.commonpath([live_server.folder, Path.cwd()]) == "/"
