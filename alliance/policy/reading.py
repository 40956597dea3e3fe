"""What one has read."""

from __future__ import annotations

from typing import Any

from alliance.policy.actor import Actor
from alliance.policy.sheet import action


@action("reading.mark")
def mark(actor: Actor, _thing: Any) -> bool:
    """To keep what you have read, sign in."""
    return actor.is_authenticated
