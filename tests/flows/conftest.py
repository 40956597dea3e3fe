"""What whole stories need of single rooms."""

from __future__ import annotations

from tests.realtime.conftest import following as following
