"""From which sites a browser may open a socket: only from ours, whatever the Host header says."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from alliance.core.settings import Settings

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def allowed(origin: str | None, environ: dict[str, Any], settings: Settings) -> bool:
    """Whether a page of this origin may open a socket.

    The site's own address may; where none is set (a machine of one's own), so may the loopback address it is served at.
    Programs that are no browsers send no origin and are not asked.
    """
    if origin is None:
        return True
    ours = urlsplit(settings.base_url)
    if origin == f"{ours.scheme}://{ours.netloc}":
        return True
    theirs = urlsplit(origin)
    return ours.hostname in LOOPBACK and theirs.hostname in LOOPBACK and origin == f"http://{environ.get('HTTP_HOST', '')}"
