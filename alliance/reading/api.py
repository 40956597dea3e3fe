"""The API of what one has read."""

from __future__ import annotations

from pydantic import Field, model_validator

from alliance.core.errors import NotFound
from alliance.discussions import queries as discussions
from alliance.reading import queries, services
from alliance.reading.numbers import Numbers
from alliance.web import api, current_actor


class ReadIn(api.Schema):
    """Posts that were read, by their numbers in the discussion; or all there are."""

    numbers: list[int] = Field(default_factory=list, max_length=1000)
    all: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> ReadIn:
        if not self.numbers and not self.all:
            raise ValueError("give numbers, or all: true")
        return self


class ReadOut(api.Out):
    """What of a discussion was read: runs of numbers like 1-40,42, and how many visible posts are not among them."""

    discussion_id: int
    read: str
    unread: int


@api.get("/discussions/<int:discussion_id>/read", returns=ReadOut)
def read(discussion_id: int) -> ReadOut:
    """What one has read of a discussion."""
    return _state(discussion_id)


@api.put("/discussions/<int:discussion_id>/read", body=ReadIn, returns=ReadOut, status=200)
def mark(discussion_id: int, body: ReadIn) -> ReadOut:
    """Mark posts as read; those marked before stay so."""
    services.mark_read(current_actor(), discussion_id, None if body.all else Numbers.of(body.numbers))
    return _state(discussion_id)


def _state(discussion_id: int) -> ReadOut:
    discussions.get_discussion(current_actor(), discussion_id)
    found = queries.state(current_actor(), discussion_id)
    if found is None:
        raise NotFound
    return ReadOut(discussion_id=discussion_id, read=str(found.read), unread=found.unread)
