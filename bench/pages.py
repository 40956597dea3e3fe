"""How many pages a second one process gives, beside a bare Flask under the same server: `python -m bench.pages`.

Fills a forum of its own (`bench.fill`) in a temporary folder, serves it and the reference on this machine, and asks for
the same pages with `wrk` (Debian's package) from the same processors. Each line is told as a share of the reference,
which is measured anew before each: on a shared machine only the shares can be compared.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import brotli
import requests

from alliance.cli.server import THREADS
from tests import services
from tests.servers import LiveServer

PASSWORD = "bench-bench-bench"


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests per second, and milliseconds at the 50th and 99th percentile."""

    each_second: float
    p50: float
    p99: float


def rate(url: str, seconds: int, headers: dict[str, str]) -> Rate:
    """Ask for a page with eight clients for some seconds."""
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", "-c8", f"-d{seconds}s", "--latency", *given, url]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in found and "If-None-Match" not in headers:
        raise SystemExit(f"{url} was refused:\n{found}")
    number = re.search(r"Requests/sec:\s+([\d.]+)", found)
    return Rate(float(number[1]) if number else 0.0, _percentile(found, "50"), _percentile(found, "99"))


def _percentile(found: str, name: str) -> float:
    value = re.search(rf"^\s+{name}%\s+([\d.]+)(us|ms|s)$", found, re.MULTILINE)
    return float(value[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[value[2]] if value else 0.0


@contextlib.contextmanager
def bare() -> Iterator[str]:
    """The reference, served like the product."""
    port = services.free_port()
    options = ["-w", "1", "-k", "gthread", "--threads", str(THREADS), "--keep-alive", "15", "-b", f"127.0.0.1:{port}"]
    command = [sys.executable, "-m", "gunicorn", *options, "bench.reference:application"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    for _try in range(100):
        with contextlib.suppress(requests.ConnectionError):
            requests.get(url, timeout=5)
            return
        time.sleep(0.1)
    raise SystemExit(f"nothing answers at {url}")


def cookie(base: str) -> str:
    """The session of a person who signed in."""
    session = requests.Session()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', session.get(f"{base}/sign-in", timeout=30).text)
    sent = {"email": "person1@example.org", "password": PASSWORD, "csrf_token": token[1] if token else ""}
    session.post(f"{base}/sign-in", data=sent, timeout=30)
    return "; ".join(f"{one.name}={one.value}" for one in session.cookies)


def sizes(url: str, headers: dict[str, str]) -> str:
    """Bytes of a page: as it is, and as a browser gets it once it has been asked for a few times."""
    page = requests.get(url, headers=headers | {"Accept-Encoding": "identity"}, timeout=30)
    for _time in range(8):
        requests.get(url, headers=headers | {"Accept-Encoding": "br"}, timeout=30)
    time.sleep(1)
    packed = requests.get(url, headers=headers | {"Accept-Encoding": "br"}, stream=True, timeout=30).raw.read(decode_content=False)
    assert brotli.decompress(packed)
    return f"{len(page.content):,} / {len(packed):,}"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--texts", type=Path, help="see bench.fill")
    parser.add_argument(
        "--large", type=int, help="measure the same pages with so many posts as well (1000000 takes minutes to fill), and compare"
    )
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: install the Debian package `wrk`")
    with bare() as reference_url:
        shares = measured(asked.posts, asked.texts, reference_url, asked.seconds)
        if asked.large:
            large = measured(asked.large, asked.texts, reference_url, asked.seconds)
            print(f"\n{'page':24} time at {asked.large:,} posts / at {asked.posts:,}")
            for name, share in shares.items():
                print(f"{name:24} {share / large[name]:.2f}")


def measured(posts: int, texts: Path | None, reference_url: str, seconds: int) -> dict[str, float]:
    """Fill a forum, serve it, and measure; the shares of the reference by page."""
    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder) / "data", rate_limits="off")
        filling = ["--posts", str(posts), "--discussions", str(max(100, posts // 20))]
        filling += ["--texts", str(texts)] if texts else []
        command = [sys.executable, "-m", "bench.fill", *filling]
        subprocess.run(command, check=True, env=server.env)
        try:
            return table(server.start().url, reference_url, seconds)
        finally:
            server.stop()


def table(base: str, reference_url: str, seconds: int) -> dict[str, float]:
    """Measure each page, and the reference before it; the shares of the reference by page."""
    discussion = requests.get(f"{base}/d/2", timeout=30).url
    signed = {"Cookie": cookie(base)}
    known = {"If-None-Match": requests.get(discussion, timeout=30).headers.get("ETag", "")}
    space = f"{base}/action-lines/c1"
    lines = [
        ("discussion, guest", discussion, {}), ("discussion, unchanged", discussion, known), ("discussion, signed in", discussion, signed),
        ("space, guest", space, {}), ("home, guest", f"{base}/", {}), ("space, signed in", space, signed), ("home, signed in", f"{base}/", signed),
    ]  # fmt: skip
    print(f"{'page':24} {'each s':>8} {'of bare':>8} {'p50 ms':>7} {'p99 ms':>7}  bytes / packed")
    shares: dict[str, float] = {}
    for name, url, headers in lines:
        beside = rate(reference_url, seconds, {})
        found = rate(url, seconds, headers)
        shares[name] = share = found.each_second / beside.each_second
        weight = "" if headers is known else sizes(url, headers)
        print(f"{name:24} {found.each_second:8.0f} {share:8.2f} {found.p50:7.1f} {found.p99:7.1f}  {weight}", flush=True)
    return shares


if __name__ == "__main__":
    main()
