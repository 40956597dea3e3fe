"""Killed in the middle of its work, the server has lost nothing it answered for and tells nothing twice."""

from __future__ import annotations

from collections.abc import Callable

from bench.kill_rounds import kill_rounds
from tests.servers import LiveServer


def test_two_rounds_of_kill(servers: Callable[..., LiveServer]) -> None:
    counts = kill_rounds(servers(), rounds=2, clients=4, seed=2)
    assert counts.rounds == 2
    assert counts.answered > 0
    assert counts.wrong == 0, str(counts)
