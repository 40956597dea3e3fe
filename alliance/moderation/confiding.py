"""Closing a discussion with a public summary, and opening it again: by whoever may say how it shows its authors; with its entry in the log."""

from __future__ import annotations

from alliance.core import db
from alliance.discussions import confiding
from alliance.discussions.models import Discussion
from alliance.moderation import log, queries, reasons
from alliance.policy import Actor, require


def close(actor: Actor, discussion_id: int, reason: str, code: str = "") -> Discussion:
    """Close a discussion: from now on only members read it, everybody else its public summary.

    Raises:
        NotFound, Refused, Invalid: nothing is changed.
        Conflict: it is closed already.
    """
    with db.transaction():
        line = _checked(actor, discussion_id, reason, code)
        held = confiding.close(discussion_id)
        log.write(actor, "confide", line, code=code, discussion=held)
        return held


def open_again(actor: Actor, discussion_id: int, reason: str, code: str = "") -> Discussion:
    """Let everybody read a closed discussion again, in which nobody else has written since.

    Raises:
        NotFound, Refused, Invalid: nothing is changed.
        Conflict: it is not closed, or others have written in confidence.
    """
    with db.transaction():
        line = _checked(actor, discussion_id, reason, code)
        held = confiding.open_again(discussion_id, actor.person_id)
        log.write(actor, "unconfide", line, code=code, discussion=held)
        return held


def _checked(actor: Actor, discussion_id: int, reason: str, code: str) -> str:
    require(actor, "discussion.attribute", queries.discussion(actor, discussion_id))
    return log.checked(reason, needed=not reasons.checked(code))
