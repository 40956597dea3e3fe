"""`alliance serve`: the production server."""

from __future__ import annotations

import errno
import gc
import resource
import socket
from contextlib import suppress
from dataclasses import replace

import click

from alliance import app
from alliance.cli import several
from alliance.cli.base import main
from alliance.cli.server import Server
from alliance.core import channels, db, identify, jobs, memory
from alliance.core.errors import SettingsError
from alliance.core.settings import Settings

BACKLOG = 2048


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes; more than one needs ALLIANCE_REDIS_URL."
)
@click.option("--no-jobs", is_flag=True, help="Leave jobs and schedule to `alliance worker`.")
@click.option("--check", is_flag=True, help="Only look whether it could start.")
def serve(host: str, port: int, workers: int, no_jobs: bool, check: bool) -> None:
    """Bring the database up to date and serve the product."""
    memory.few_heaps()
    listener = listen(host, port)
    settings = app.start()
    if workers > 1 and not settings.redis_url:
        raise SettingsError("several processes need ALLIANCE_REDIS_URL, through which they tell each other what happened")
    app.migrate()
    if settings.redis_url and not channels.answers(settings.redis_url):
        click.echo("alliance: the Redis server of ALLIANCE_REDIS_URL does not answer; serving without it until it does", err=True)
    # What is open here must not be shared with the processes forked below; each opens its own.
    db.disconnect()
    jobs.disconnect()
    if check:
        listener.close()
        return
    several.warn(settings)
    identify.warm()
    memory.give_back()
    gc.freeze()  # what is there by now stays: no process copies it only to look through it
    address = _address(host, port)
    _allow_open_files()
    Server(_with_links_to(settings, address), address, listener.detach(), workers, with_jobs=not no_jobs).run()


def listen(host: str, port: int) -> socket.socket:
    """Bind first: when this fails nothing has been touched.

    Raises:
        SettingsError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"port {port} is in use; choose another with --port (make run PORT=…)") from error
        raise SettingsError(f"cannot listen on {host} port {port}: {error.strerror}") from error


def _allow_open_files() -> None:
    """Every open socket is a file: as many as the system lets this process have (systems begin with 1,024)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def _with_links_to(settings: Settings, address: str) -> Settings:
    """Links lead to where it is served, unless ALLIANCE_BASE_URL says otherwise."""
    return replace(settings, base_url=address) if settings.base_url == Settings().base_url else settings
