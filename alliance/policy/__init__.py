"""Who may. See is a WHERE clause, do is a predicate; both are written in `policy/<noun>.py` and asked here by every door."""

from alliance.policy import (
    account,
    attachment,
    digest,
    discussion,
    draft,
    group,
    live,
    mail,
    moderation,
    organization,
    poll,
    post,
    reading,
    signal,
    space,
    watching,
)
from alliance.policy.actor import Actor
from alliance.policy.sheet import action, can, permissions, require, sees, visible

__all__ = [
    "Actor",
    "account",
    "action",
    "attachment",
    "can",
    "digest",
    "discussion",
    "draft",
    "group",
    "live",
    "mail",
    "moderation",
    "organization",
    "permissions",
    "poll",
    "post",
    "reading",
    "require",
    "sees",
    "signal",
    "space",
    "visible",
    "watching",
]
