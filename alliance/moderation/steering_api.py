"""The API of steering a discussion, and of moving posts and discussions."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from alliance.discussions.moving import Moved
from alliance.discussions.pacing import MOST_MINUTES
from alliance.moderation import moves, steering
from alliance.moderation.api import ActIn
from alliance.web import api, current_actor


class SlowIn(ActIn):
    """One post a person in so many minutes; 0 ends it."""

    minutes: int = Field(ge=0, le=MOST_MINUTES)


class UntilIn(ActIn):
    """Until when; null: until it is taken back (of closing: it stays open)."""

    until: AwareDatetime | None = None


class BranchesIn(ActIn):
    """Posts by their numbers, each with all that answers it; to a new discussion with a title, or to one that is there (`target`: its id)."""

    posts: list[int] = Field(min_length=1, max_length=1000)
    title: str = ""
    target: int | None = None


class MergeIn(ActIn):
    """The discussion all of it goes to."""

    target: int


class RelocateIn(ActIn):
    """The space a discussion goes to."""

    space: str = Field(min_length=1, max_length=80)


class MovedOut(api.Out):
    """What was moved: `id` is for taking it back within a day, `discussion_id` where the posts are now."""

    id: int
    kind: str
    discussion_id: int
    posts: int


def _moved(done: Moved) -> MovedOut:
    return MovedOut(id=done.move.id, kind=done.move.kind, discussion_id=done.target.id, posts=done.move.posts)


@api.post("/discussions/<int:discussion_id>/slow", body=SlowIn, returns=None, status=204, act="discussion.steer")
def slow(discussion_id: int, body: SlowIn) -> None:
    """Slow a discussion down."""
    steering.slow(current_actor(), discussion_id, body.minutes, body.reason, body.code)


@api.post("/discussions/<int:discussion_id>/pin", body=UntilIn, returns=None, status=204, act="discussion.steer")
def pin(discussion_id: int, body: UntilIn) -> None:
    """Pin a discussion above the list of its space."""
    steering.pin(current_actor(), discussion_id, body.until, body.reason, body.code)


@api.post("/discussions/<int:discussion_id>/unpin", body=ActIn, returns=None, status=204, act="discussion.steer")
def unpin(discussion_id: int, body: ActIn) -> None:
    """Take it down."""
    steering.unpin(current_actor(), discussion_id, body.reason, body.code)


@api.post("/discussions/<int:discussion_id>/close-on", body=UntilIn, returns=None, status=204, act="discussion.steer")
def close_on(discussion_id: int, body: UntilIn) -> None:
    """Announce when a discussion closes."""
    steering.close_on(current_actor(), discussion_id, body.until, body.reason, body.code)


@api.put("/posts/<int:post_id>/answer")
def answer(post_id: int) -> None:
    """Mark a reply as the answer of its discussion."""
    steering.answer(current_actor(), post_id)


@api.delete("/discussions/<int:discussion_id>/answer")
def unanswer(discussion_id: int) -> None:
    """Take the mark of the answer back."""
    steering.unanswer(current_actor(), discussion_id)


@api.post("/discussions/<int:discussion_id>/split", body=BranchesIn, returns=MovedOut, status=200, act="discussion.reorder")
def split(discussion_id: int, body: BranchesIn) -> MovedOut:
    """Split branches off a discussion, or move them to another one."""
    target = str(body.target) if body.target is not None else ""
    return _moved(
        moves.branches(current_actor(), discussion_id, body.posts, title=body.title, target=target, reason=body.reason, code=body.code)
    )


@api.post("/discussions/<int:discussion_id>/merge", body=MergeIn, returns=MovedOut, status=200, act="discussion.reorder")
def merge(discussion_id: int, body: MergeIn) -> MovedOut:
    """Merge a discussion into another one."""
    return _moved(moves.merge(current_actor(), discussion_id, str(body.target), body.reason, body.code))


@api.post("/discussions/<int:discussion_id>/relocate", body=RelocateIn, returns=None, status=204, act="discussion.reorder")
def relocate(discussion_id: int, body: RelocateIn) -> None:
    """Move a discussion to another space."""
    moves.relocate(current_actor(), discussion_id, body.space, body.reason, body.code)


@api.post("/discussions/<int:discussion_id>/move-back", returns=None, status=204, act="discussion.reorder")
def move_back(discussion_id: int) -> None:
    """Move a discussion back, within a day, to the space it came from."""
    moves.move_back(current_actor(), discussion_id)


@api.post("/moderation/moves/<int:move_id>/undo", returns=MovedOut, status=200, act="discussion.reorder")
def put_back(move_id: int) -> MovedOut:
    """Take a move back within a day."""
    return _moved(moves.put_back(current_actor(), move_id))
