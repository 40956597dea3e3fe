"""Figures of open sockets."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.meters import Sample, describe, source
from alliance.realtime import connections

OPEN = describe("alliance_sockets_open", "Sockets that are open.")
FOLLOWED = describe("alliance_discussions_followed", "Discussions somebody listens to through a socket.")


@source(shared=False)
def sockets() -> Iterator[Sample]:
    """Of this process."""
    yield Sample(OPEN, connections.count())
    yield Sample(FOLLOWED, len(connections.discussions()))
