"""Being present."""

from __future__ import annotations

from typing import Any

from alliance.policy.actor import Actor
from alliance.policy.sheet import action


@action("live.choose")
def choose(actor: Actor, _thing: Any = None) -> bool:
    """To choose whether others see that you are here or are writing, sign in."""
    return actor.is_authenticated
