"""The API of signals."""

from __future__ import annotations

from pydantic import Field

from alliance.core.errors import Invalid, NotFound
from alliance.core.i18n import gettext as _
from alliance.discussions import queries as discussions
from alliance.signals import services
from alliance.signals.models import KINDS, THANKS
from alliance.web import api, current_actor


class NewReaction(api.Schema):
    """Why, with a position."""

    reason: str = Field(default="", max_length=services.MAX_REASON)


@api.put("/posts/<int:post_id>/reactions/<kind>", body=NewReaction)
def react(post_id: int, kind: str, body: NewReaction) -> None:
    """Thank for a post (`thanks`), or take a position on it: `support`, `can_live_with` or `object`."""
    _known(kind)
    post = discussions.get_post(current_actor(), post_id)
    if kind != THANKS:
        services.take_position(current_actor(), post, kind, body.reason)
    elif body.reason:
        raise Invalid.field("reason", _("Only a position has a reason."))
    else:
        services.thank(current_actor(), post)


@api.delete("/posts/<int:post_id>/reactions/<kind>")
def take_back(post_id: int, kind: str) -> None:
    """Take back one's thanks, or one's position if it is this one."""
    _known(kind)
    post = discussions.get_post(current_actor(), post_id)
    if kind == THANKS:
        services.unthank(current_actor(), post)
    else:
        services.leave_position(current_actor(), post, kind)


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise NotFound
