"""What is held, flagged, hidden, restored and moved, and what waits for somebody to decide."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core.outbox import declare


@declare
@dataclass(frozen=True, slots=True)
class PostHidden:
    """A moderator hid a post."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class PostRestored:
    """A moderator made a hidden post visible again."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class PostFlagged:
    """Somebody asked moderators to look at a post."""

    flag_id: int
    post_id: int
    discussion_id: int


@declare
@dataclass(frozen=True, slots=True)
class FlagsDecided:
    """A moderator decided the open flags of a post."""

    post_id: int
    discussion_id: int


@declare
@dataclass(frozen=True, slots=True)
class PostsMoved:
    """Posts went from one discussion (`source_id`) to another; `whole`: all of it. `back`: they returned to where they were before the move."""

    discussion_id: int
    source_id: int
    space_id: int
    move_id: int
    whole: bool = False
    back: bool = False


@declare
@dataclass(frozen=True, slots=True)
class PostHeld:
    """A post (or a new text of one) waits for a moderator before anybody reads it."""

    post_id: int
    discussion_id: int
    space_id: int


@declare
@dataclass(frozen=True, slots=True)
class PostDecided:
    """Moderators decided about a post otherwise than by hiding or restoring it; `how` is one of approved, refused, rephrase, edited, edit_refused, appeal_refused;
    reopened, appeal_reopened: it was taken back, and waits again."""

    post_id: int
    discussion_id: int
    space_id: int
    how: str


@declare
@dataclass(frozen=True, slots=True)
class ReviewAsked:
    """Something begins to wait for a decision in the review queue; `kind` is one of `core.reviews`."""

    kind: str
    subject_id: int
    person_id: int | None = None
    space_id: int | None = None
    language: str | None = None
    meant_for_id: int | None = None


@declare
@dataclass(frozen=True, slots=True)
class ReviewEnded:
    """What waited in the review queue was decided elsewhere, or is no more."""

    kind: str
    subject_id: int
