"""Who waits for an answer comes first."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from alliance.core import pace


@pytest.fixture(autouse=True)
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was rested."""
    found: list[float] = []
    monkeypatch.setattr(pace.time, "sleep", found.append)
    monkeypatch.setattr(pace, "_asked", set())
    monkeypatch.setattr(pace, "_answered", [time.monotonic() - 10])
    return found


def test_work_rests_longer_while_somebody_waits_and_shortly_after(rests: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    pace.give_way(0.01)
    pace.begin("one")
    pace.begin("two")
    pace.end("one")
    pace.give_way(0.01)
    pace.end("two")
    monkeypatch.setattr(pace, "LATELY", 60.0)
    pace.give_way(0.01)
    monkeypatch.setattr(pace, "LATELY", 0.0)
    pace.give_way(0.01)
    pace.give_way(1000)
    assert rests == pytest.approx([0.01, 0.04, 0.04, 0.01, pace.MAX_REST])


def test_every_request_is_counted_and_none_for_ever(client: FlaskClient, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setitem(app.view_functions, "web.healthz", lambda: (asked.append(pace.is_asked()), "ok")[1])
    monkeypatch.setattr(pace, "LATELY", 0.0)
    assert client.get("/healthz").status_code == 200
    assert client.get("/nowhere").status_code == 404
    assert asked == [True]
    assert not pace.is_asked()
