"""The sockets of this process, moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from alliance.core import outbox
from alliance.realtime import connections, sockets


@pytest.fixture
def following(app: Flask) -> Iterator[Any]:
    """The tail of this process, moved by hand."""
    one = sockets._tails[0]
    one.position = outbox.head()
    one.listening.clear()
    connections.clear()
    yield one
    one.listening.clear()
    connections.clear()
