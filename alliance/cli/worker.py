"""`alliance worker`: jobs and schedule in a process of their own."""

from __future__ import annotations

import signal
import threading

import click

from alliance.cli import several
from alliance.cli.base import main, with_database
from alliance.core import jobs, settings


@main.command()
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 32), help="Jobs done at the same time.")
@with_database
def worker(threads: int) -> None:
    """Do the jobs and keep the schedule (beside `alliance serve --no-jobs`)."""
    several.warn(settings.current())
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    runner = jobs.Runner(settings.current(), workers=threads)
    runner.start()
    click.echo("Alliance's worker is ready")
    stop.wait()
    runner.stop()
