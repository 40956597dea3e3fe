"""Compile and render a digest of much discussion: `python -m bench.digest [--posts 10000] [--texts FILE]`.

On a database of its own (SQLite) a month is filled, compiled, and rendered as HTML, PDF, DOCX, text and JSON, each in a process of
its own. Printed: the processor's time (the machine may be busy with others), the time on the clock, and the most memory it took.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from alliance import app
from alliance.cli import digest as command
from alliance.core import clock, db
from alliance.core.settings import Settings
from alliance.digests import queries, render, services, word
from alliance.policy import Actor
from bench import fill

ME = Actor.system()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--texts", type=Path, help="a file of one JSON object a line with posts (without it: invented words)")
    asked = parser.parse_args()
    today = clock.now().date()
    with tempfile.TemporaryDirectory(prefix="alliance-digest-") as folder:
        apart(folder, filled, asked.posts, asked.texts)
        print(f"{asked.posts} posts: processor s, clock s, most memory MB (of which before it began)")
        apart(folder, told, "compile", compiled, today - timedelta(days=61), today)
        for name, made in FORMS.items():
            apart(folder, told, name, made)


def apart(folder: str, work: Callable[..., None], *given: Any) -> None:
    """Do something in a fresh process."""
    process = multiprocessing.get_context("spawn").Process(target=within, args=(folder, work, *given))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def within(folder: str, work: Callable[..., None], *given: Any) -> None:
    """Start the forum of a folder, and work."""
    app.start(Settings(data_dir=Path(folder), secret_key="x" * 40, log_format="json"))
    made = app.create_app()
    app.migrate()
    work(made, *given)
    db.disconnect()


def filled(_app: Flask, posts: int, texts: Path | None) -> None:
    """Two months of discussion."""
    fill.fill(max(10, posts // 20), posts, 200, min(1001, posts // 10), 1, fill.texts(texts) if texts else None)


def told(made: Flask, name: str, work: Callable[..., int], *given: Any) -> None:
    """Measure it, and say so."""
    before = memory()
    processor, wall = time.process_time(), time.perf_counter()
    with made.app_context():
        size = work(*given)
    print(
        f"{name:8} {time.process_time() - processor:6.2f} {time.perf_counter() - wall:6.2f} {memory():6.0f} ({before:.0f})   {size:,}",
        flush=True,
    )


def memory() -> float:
    """The most this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compiled(first: date, last: date) -> int:
    """The number of key points."""
    return len(services.compile_digest(ME, first, last).points)


def rendered(form: str) -> int:
    """The bytes of a form of the digest."""
    found = queries.get_digest(ME, 1)
    if form == "html":
        return len(command._page(found, "en"))
    return len(command._content(found, form))


def pdf() -> int:
    """As PDF."""
    return len(render.pdf(queries.get_digest(ME, 1)))


def docx() -> int:
    """As DOCX."""
    return len(word.docx_of(queries.get_digest(ME, 1)))


def html() -> int:
    """As a page."""
    return rendered("html")


def txt() -> int:
    """As text."""
    return rendered("txt")


def json() -> int:
    """As JSON."""
    return rendered("json")


FORMS = {"html": html, "pdf": pdf, "docx": docx, "txt": txt, "json": json}

if __name__ == "__main__":
    main()
