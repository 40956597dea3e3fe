"""Installed from a wheel, in an empty directory, without the repository: everything it needs came along."""

from __future__ import annotations

import site
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.servers import LiveServer

ROOT = Path(__file__).resolve().parent.parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; returns what it printed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("alliance-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment that has the wheel, and the libraries of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text("\n".join(site.getsitepackages()))
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        folder / "bin" / "python",
        "install",
        "-qq",
        "--no-deps",
        "--ignore-installed",
        wheel,
        cwd=folder,
    )
    return folder / "bin" / "python"


def test_the_wheel_carries_templates_styles_migrations_and_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "static", "migrations"):
        expected = {p.relative_to(ROOT / folder) for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts}
        carried = {
            Path(name).relative_to(f"alliance/_shipped/{folder}") for name in names if name.startswith(f"alliance/_shipped/{folder}/")
        }
        assert expected <= carried
    for folder in ("data", "locale"):
        expected_names = {str(p.relative_to(ROOT)) for p in (ROOT / "alliance" / folder).rglob("*") if p.is_file() and p.suffix != ".mo"}
        assert expected_names <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/")) or "__pycache__" in name or name.endswith(".db")]


def test_it_serves_the_demonstration_from_an_empty_directory(python: Path, servers: Callable[..., LiveServer], tmp_path: Path) -> None:
    assert str(python.parent.parent) in run(python, "-c", "import alliance; print(alliance.__file__)", cwd=tmp_path)
    server = servers()
    server.python = str(python)
    done = server.run("demo")
    assert done.returncode == 0, done.stderr
    server.start()
    for path in ("/", "/about", "/action-lines/c1", "/search?q=internet", "/digests/1", "/sign-in", "/readyz"):
        answer = requests.get(server.url + path, timeout=20)
        assert answer.status_code == 200, path
        if "html" in answer.headers["Content-Type"]:
            for found in {"/static/alliance.css"} & set(answer.text.split('"')):
                assert requests.get(server.url + found, timeout=20).status_code == 200
    again = server.run("demo")
    assert again.returncode == 0, again.stderr
    assert server.stop() == 0
