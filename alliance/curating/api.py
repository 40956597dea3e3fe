"""The API of curating."""

from __future__ import annotations

from pydantic import Field

from alliance.curating import services
from alliance.web import api, current_actor


class KeyIn(api.Schema):
    """Why a post is a key contribution, in a few words; may be empty."""

    note: str = Field(default="", max_length=services.MAX_NOTE * 4)


@api.put("/posts/<int:post_id>/key", body=KeyIn)
def mark(post_id: int, body: KeyIn) -> None:
    """Mark a post as a key contribution, or say anew why it is one."""
    services.mark(current_actor(), post_id, body.note)


@api.delete("/posts/<int:post_id>/key")
def unmark(post_id: int) -> None:
    """Take the mark of a key contribution back; 409 when there is none."""
    services.unmark(current_actor(), post_id)
