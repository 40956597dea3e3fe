"""The configuration of deploy/: nginx with those very files in front of three web processes and two workers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml  # type: ignore[import-untyped]

from bench.kill_rounds import PATIENCE, Poster, Subscriber, eventually, everybody, listed, open_discussion, texts
from tests import services
from tests.servers import ROOT, LiveServer

DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
AROUND = """
{user}
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {product}
}}
"""


def configured(folder: Path, product: str) -> list[str]:
    """nginx's command line for a configuration of the product in a folder."""
    folder.mkdir()
    shutil.copytree(DEPLOY / "nginx/snippets", folder / "snippets")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(user=user, folder=folder, product=product))
    return [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def without_tls(ports: list[int], front: int) -> str:
    """deploy/nginx/alliance.conf on other ports; the server that speaks TLS speaks plainly."""
    text = (DEPLOY / "nginx/alliance.conf").read_text()
    for number, port in enumerate(ports, start=8001):
        text = text.replace(f"127.0.0.1:{number}", f"127.0.0.1:{port}")
    text = re.sub(r"listen \[::\].*\n", "", text).replace("listen 443 ssl http2", f"listen 127.0.0.1:{front}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{services.free_port()};")
    return re.sub(r"^ +ssl_.*\n", "", text, flags=re.MULTILINE)


class Many:
    """Three web processes, two workers and nginx, which is what `server` of a client means here."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        front = services.free_port()
        self.url = f"http://127.0.0.1:{front}"
        given = {"redis_url": redis_url, "base_url": self.url, "trusted_proxies": "1", "rate_limits": "off", "secret_key": "k" * 40}
        given["metrics"] = "loopback"
        self.webs = [LiveServer(folder / "data", database_url, **given) for _ in range(3)]
        self.run = self.webs[0].run
        self.workers: list[subprocess.Popen[bytes]] = []
        self._command = configured(folder / "nginx", without_tls([web.port for web in self.webs], front))
        self._nginx: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        for web in self.webs:
            web.start("--no-jobs")
        self.workers += [self.work() for _ in range(2)]
        self._nginx = subprocess.Popen([*self._command, "-g", "daemon off;"])
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                assert requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
                return
            except requests.ConnectionError:
                time.sleep(0.05)
        raise RuntimeError("nginx did not start")

    def work(self) -> subprocess.Popen[bytes]:
        web = self.webs[0]
        return subprocess.Popen([sys.executable, "-m", "alliance", "worker"], cwd=web.folder.parent, env=web.env, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        if self._nginx:
            self._nginx.send_signal(signal.SIGTERM)
            self._nginx.wait(10)
        for worker in self.workers:
            worker.kill()
            worker.wait()
        for web in self.webs:
            web.kill()


@pytest.fixture(scope="module")
def postgresql_url(database_kind: str, all_databases: Any) -> Iterator[str]:
    """Many processes mean PostgreSQL, whichever database this run is about."""
    if all_databases.server:
        yield all_databases.copy()
        return
    with services.postgresql() as url:
        yield url


@pytest.fixture
def many(postgresql_url: str, redis_url: str, tmp_path: Path) -> Iterator[Many]:
    made = Many(tmp_path, postgresql_url, redis_url)
    try:
        made.start()
        yield made
    finally:
        made.stop()


class Reader(Subscriber):
    """Comes back with its cursor whenever its connection ends."""

    def follow(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.connected:
                self.connect()
            time.sleep(0.05)


def persist(poster: Poster, discussion: int, numbered: Iterator[str], stop: threading.Event) -> None:
    """Post, and repeat with the same key what was not answered."""
    while not stop.is_set():
        text = next(numbered)
        while text not in poster.answered:
            poster.post(discussion, text)


def test_through_any_process_to_all_and_killing_one_of_each_loses_nothing(many: Many) -> None:
    posters = everybody(many, 4)  # type: ignore[arg-type]
    discussion = open_discussion(posters[0], 1)
    for web in many.webs:
        posters.append(Poster(web, posters[0].token))
    direct = [Reader(web, discussion) for web in many.webs[1:]]
    readers = [*direct, *(Reader(many, discussion) for _ in range(6))]  # type: ignore[arg-type]
    for reader in readers:
        reader.connect()
    through_each = {text for n, poster in enumerate(posters[4:]) if poster.post(discussion, text := f"through process{n}")}
    assert len(through_each) == 3
    told_of = {post for poster in posters for post in poster.answered.values()}
    for reader in readers:
        assert eventually(lambda reader=reader: reader.told, told_of) == Counter(told_of)

    stop = threading.Event()
    busy = [threading.Thread(target=persist, args=(p, discussion, texts(1, n), stop)) for n, p in enumerate(posters[:4])]
    following = [threading.Thread(target=reader.follow, args=(stop,)) for reader in readers]
    for thread in (*busy, *following):
        thread.start()
    time.sleep(1.5)
    many.webs[0].kill()
    many.workers[0].kill()
    time.sleep(3)
    before = len(posters[0].answered)
    time.sleep(1)
    assert len(posters[0].answered) > before
    many.webs[0].start("--no-jobs")
    stop.set()
    for thread in (*busy, *following):
        thread.join(60)

    said = {text: post for poster in posters for text, post in poster.answered.items()}
    assert len(set(said.values())) == len(said)
    wanted = set(said.values())
    stored = listed(f"{many.url}/api/v1/discussions/{discussion}/posts", {})
    assert Counter(item["body"] for item in stored[1:]) == Counter(said.keys())
    for reader in readers:
        if not reader.connected:
            reader.connect()
        assert eventually(lambda reader=reader: reader.told, wanted) == Counter(wanted)
        reader.disconnect()
    numbered = {post for text, post in said.items() if text.startswith("killround1")}

    def found() -> Counter[int]:
        return Counter(hit["id"] for hit in listed(f"{many.url}/api/v1/search", {"q": "killround1"}))

    assert eventually(found, numbered) == Counter(numbered)


def test_the_proxy_says_who_asks_and_lets_nobody_claim_to_be_another(many: Many) -> None:
    claims = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4"}
    page = requests.get(f"{many.url}/", headers=claims, timeout=20)
    assert page.status_code == 200
    assert "evil.example" not in page.text
    assert page.headers["Server"] == "nginx"
    packed = requests.get(f"{many.url}/", headers={"Accept-Encoding": "br"}, timeout=20)
    assert packed.headers["Content-Encoding"] == "br"
    big = requests.post(f"{many.url}/api/v1/discussions", data=b"x" * (5 * 2**20), timeout=20)
    assert big.status_code in {401, 413}
    assert "nginx" not in big.text


def figure(web: LiveServer, name: str) -> float:
    """The sum of a figure of one process, asked at its own port."""
    answer = requests.get(f"{web.url}/metrics", timeout=20)
    assert answer.status_code == 200
    return sum(float(line.rpartition(" ")[2]) for line in answer.text.splitlines() if re.match(rf"{name}[ {{]", line))


def test_figures_are_told_by_each_process_to_this_machine_and_never_through_the_front(many: Many) -> None:
    (poster,) = everybody(many, 1, "reader")  # type: ignore[arg-type]
    discussion = open_discussion(poster, 1)
    readers = [Reader(web, discussion) for web in many.webs] + [Reader(many, discussion)]  # type: ignore[arg-type]
    for reader in readers:
        reader.connect()
    assert sum(figure(web, "alliance_sockets_open") for web in many.webs) == len(readers)
    end = time.monotonic() + PATIENCE
    while figure(many.webs[0], "alliance_listener_behind_events") and time.monotonic() < end:
        time.sleep(0.2)
    assert figure(many.webs[0], "alliance_listener_behind_events") == 0
    processes = {
        found for web in many.webs for found in re.findall(r'process="(\d+)"', requests.get(f"{web.url}/metrics", timeout=20).text)
    }
    assert len(processes) == 3
    assert all(figure(web, "alliance_request_seconds_count") >= 1 for web in many.webs)
    for claims in ({}, {"X-Forwarded-For": "127.0.0.1"}, {"Host": "127.0.0.1"}):
        assert requests.get(f"{many.url}/metrics", headers=claims, timeout=20).status_code == 404
    for reader in readers:
        reader.disconnect()


def test_nginx_takes_the_whole_configuration_with_tls(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=forum.example.org"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    live = "/etc/letsencrypt/live/forum.example.org"
    text = (DEPLOY / "nginx/alliance.conf").read_text().replace(f"{live}/fullchain.pem", str(certificate))
    text = text.replace(f"{live}/privkey.pem", str(key))
    for name, product in (("debian", text), ("compose", (DEPLOY / "nginx/compose.conf").read_text().replace("web:8000", "127.0.0.1:8000"))):
        done = subprocess.run([*configured(tmp_path / name, product), "-t"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "[warn]" not in done.stderr


@pytest.mark.parametrize("name", ["alliance-web@.service", "alliance-worker@.service", "alliance-migrate.service"])
def test_every_unit_has_what_systemd_needs_and_is_hardened(name: str) -> None:
    text = (DEPLOY / "systemd" / name).read_text()
    settings = {line.partition("=")[0]: line.partition("=")[2] for line in text.splitlines() if "=" in line and not line.startswith("#")}
    assert settings["User"] == "alliance"
    assert settings["UMask"] == "0077"
    assert settings["ProtectSystem"] == "strict"
    assert settings["NoNewPrivileges"] == "yes"
    assert settings["CapabilityBoundingSet"] == ""
    assert settings["ExecStart"].startswith("/opt/alliance/venv/bin/alliance ")


def test_the_compose_file_names_what_there_is() -> None:
    made = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert set(made) == {"name", "x-alliance", "x-after", "services", "volumes"}
    known = {
        "image",
        "build",
        "init",
        "read_only",
        "tmpfs",
        "cap_drop",
        "security_opt",
        "restart",
        "stop_grace_period",
        "ulimits",
        "volumes",
    }
    known |= {"environment", "command", "healthcheck", "depends_on", "deploy", "ports"}
    for service in made["services"].values():
        assert set(service) <= known
        assert set(service.get("depends_on", {})) <= set(made["services"])
        assert "/" not in service["image"]
        assert re.search(r":[\w.-]+$", service["image"])
        assert not service["image"].endswith(":latest")
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in made["volumes"]
    assert (ROOT / "deploy/Containerfile").read_text().count("\nUSER 10001:10001\n") == 1


def test_the_example_of_the_settings_can_be_used(tmp_path: Path) -> None:
    lines = (DEPLOY / "alliance.env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    env = {name: value for name, value in os.environ.items() if not name.startswith("ALLIANCE_")}
    command = [sys.executable, "-m", "alliance", "settings"]
    done = subprocess.run(command, env=env | given, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert given["ALLIANCE_TRUSTED_PROXIES"] == "1"
